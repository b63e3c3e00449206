/* genotype_scan.h -- a strict scanner over the texts of genotypes: one character after the other, its place known.
 *
 * Blanks and line ends may stand before every token. Each fails with "name:line:column: expected WHAT, found X".
 */
#ifndef SPACE_GENOTYPE_SCAN_H
#define SPACE_GENOTYPE_SCAN_H

#include "genotype_forms.h"

enum { SPACE_WORD_MAX = 64 };

typedef struct {
    const char *at, *end;
    space_spot spot; /* of `at` */
} space_scanner;

/** At the first character of the text. */
space_scanner space_scan_start(const char *name, snas_bytes text);

void space_scan_skip(space_scanner *in);

/** Whether `c` is next; step over it when it is; or fail when it is not. */
bool space_scan_has(space_scanner *in, char c);
bool space_scan_accept(space_scanner *in, char c);
SNAS_MUST_CHECK snas_status space_scan_need(space_scanner *in, char c, const char *what);

/** An identifier; *start is where it stands. */
SNAS_MUST_CHECK snas_status space_scan_word(space_scanner *in, char to[SPACE_WORD_MAX], space_spot *start,
                                            const char *what);

/** 'name' or "name": letters, digits and underscores. */
SNAS_MUST_CHECK snas_status space_scan_quoted(space_scanner *in, char to[SPACE_WORD_MAX], space_spot *start);

/** A natural number of at most four digits without leading zeros. */
SNAS_MUST_CHECK snas_status space_scan_number(space_scanner *in, int *out);

/** "expected WHAT, found 'X'" at the scanner's place. */
SNAS_MUST_CHECK snas_status space_scan_unexpected(const space_scanner *in, const char *what);

/** Nothing but blanks may be left. */
SNAS_MUST_CHECK snas_status space_scan_end(space_scanner *in);

/** The line of NAS-Bench-201, which is all that may be left. */
SNAS_MUST_CHECK snas_status space_genotype_scan_201(space_scanner *in, snas_genotype *out);

#endif
