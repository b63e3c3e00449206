/* json_string.h -- one JSON string literal: checked strictly, decoded to UTF-8. Shared by the two JSON readers. */
#ifndef SNAS_FORMAT_JSON_STRING_H
#define SNAS_FORMAT_JSON_STRING_H

#include <stddef.h>

/** Scan the literal whose opening quote is at `*at`; nothing at or after `end` is looked at.
 *
 *  to      NULL to check only, else room for the decoded text and its final 0: the literal's own bytes suffice
 *  *at     after the closing quote, or at the fault
 *
 *  Returns NULL, or what is wrong: a control byte, broken UTF-8, a bad escape, an escaped 0, half a surrogate pair,
 *  no closing quote.
 */
const char *format_json_string(const char **at, const char *end, char *to);

#endif
