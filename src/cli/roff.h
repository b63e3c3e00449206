/* roff.h -- texts as the source of a manual page, in the macros of man(7).
 *
 * What stands between `backticks` becomes bold. A text is broken into short lines, a new sentence in a new line, and no
 * character of it is taken for a request.
 */
#ifndef SNAS_CLI_ROFF_H
#define SNAS_CLI_ROFF_H

#include "snas/base/text.h"

/** A text without newlines as it may stand anywhere in a line, also within quotes. */
void cli_roff_inline(snas_text *text, const char *string);

/** Words, filled by the formatter; newlines are spaces. Ends with a newline. */
void cli_roff_words(snas_text *text, const char *words);

/** Lines that stay as they are, indented; their own indentation goes. */
void cli_roff_lines(snas_text *text, const char *lines);

/** Paragraphs of words with an empty line between them; lines that begin with a space stay as they are. */
void cli_roff_paragraphs(snas_text *text, const char *paragraphs);

#endif
