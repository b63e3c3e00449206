/* text.h -- strings: a text that grows in an arena, nearest names, safe printing. */
#ifndef SNAS_BASE_TEXT_H
#define SNAS_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snas/base/arena.h"

/** A text that grows in its arena. `data` always ends in 0. When memory is out `failed` is set and further additions do
 *  nothing, so that a writer checks once, at its end, with snas_text_done. */
typedef struct {
    snas_arena *mem;
    char *data;
    size_t size, capacity; /* bytes, without and with the final 0 */
    bool failed;
} snas_text;

snas_text snas_text_make(snas_arena *mem);
void snas_text_add(snas_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void snas_text_add_bytes(snas_text *text, const void *bytes, size_t size);
/** the separator between two items of a list, in JSON or elsewhere; nothing is added after an opening bracket */
void snas_text_next(snas_text *text, const char *between);
/** a JSON string with its quotes; UTF-8 kept, controls escaped */
void snas_text_add_json(snas_text *text, const char *string);
/** shortest form that reads back the same double, whole numbers in full; not finite: null */
void snas_text_add_real(snas_text *text, double value);
/** SNAS_E_MEMORY when a growth failed */
SNAS_MUST_CHECK snas_status snas_text_done(const snas_text *text);

/** A printf-formed string in the arena, with what is in 'quotes' made printable (sentence.h); NULL with a recorded
 *  sentence when memory is out. */
char *snas_format(snas_arena *mem, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull));

/** The same from a list of values. */
char *snas_format_list(snas_arena *mem, const char *format, va_list values)
    __attribute__((format(printf, 2, 0), nonnull(1, 2)));

/** The name nearest to `word` by edit distance, NULL when none is near (more than a third of the letters differ).
 *  `name_at(context, i)` gives the i-th of `count` names. */
const char *snas_nearest(const char *word, const char *(*name_at)(const void *context, int i), const void *context,
                         int count);

/** Add what may stand in the place of `word`: "; did you mean 'b'? allowed 'a', 'b'", or ", allowed 'a', 'b'" when no
 *  name is near. */
void snas_text_add_allowed(snas_text *text, const char *word, const char *(*name_at)(const void *context, int i),
                           const void *context, int count);

/** Whether the `size` bytes are a decimal number that is whole and at most SNAS_WHOLE_MAX (2^53, what a double holds
 *  exactly) in size: 3, -3, 3.0, 1e3. Then *out is the number. */
#define SNAS_WHOLE_MAX ((int64_t)1 << 53)
bool snas_whole(const char *text, size_t size, int64_t *out);

/** Bytes of the byte order mark of UTF-8 that some editors put before a text: 3, or 0 without one. */
size_t snas_bom_size(const void *text, size_t size);

/** Bytes of the UTF-8 sequence that starts at `at` (1..4), 0 when it is broken; looks at `left` bytes at most. */
int snas_utf8_size(const char *at, size_t left);

/** Bytes of the character at `at` when it is safe to send to a terminal; 0 for a control character (C0, DEL, C1) and
 *  for a byte of broken UTF-8. */
int snas_harmless(const char *at, size_t left);

/** Copy `from` into `to` (capacity bytes) with control bytes and broken UTF-8 shown as \xNN, for messages; returns
 *  `to`. */
const char *snas_printable(char *to, size_t capacity, const char *from);

bool snas_starts(const char *text, const char *prefix);
bool snas_ends(const char *text, const char *suffix);

/** A word of a shell's command line, in quotes where it needs them; in `mem`. */
const char *snas_shell_word(snas_arena *mem, const char *word);

/** The last part of a path, without slashes at its end, in `mem`; NULL without memory. */
const char *snas_path_name(snas_arena *mem, const char *path);

#endif
