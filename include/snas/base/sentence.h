/* sentence.h -- printf for sentences that people read. */
#ifndef SNAS_BASE_SENTENCE_H
#define SNAS_BASE_SENTENCE_H

#include <stdarg.h>
#include <stddef.h>

/** vsnprintf with one difference: a string in single quotes, '%s', is a name from outside (a file, a class, an
 *  argument), and its control bytes, newlines too, and its broken UTF-8 are written as \xNN. Truncated to capacity - 1
 *  bytes; returns the length without truncation. */
size_t snas_sentence(char *to, size_t capacity, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
