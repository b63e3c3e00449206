/* wrap.h -- items put into lines that fit a width: figures of an epoch, words of a help text, options of a usage. */
#ifndef SNAS_CLI_WRAP_H
#define SNAS_CLI_WRAP_H

#include "snas/base/text.h"

typedef struct {
    snas_text text; /* what stands there, without a newline at its end */
    int columns;    /* most in a line; 0: no limit */
    int indent;     /* of every line but the first */
    int gap;        /* spaces between two items of a line */
    int column;     /* where the line at hand has come to */
    bool begun;     /* the line at hand has an item */
} cli_wrap;

/** Nothing yet; the first line begins at `column`. */
cli_wrap cli_wrap_make(snas_arena *mem, int columns, int indent, int gap, int column);

/** One more item, in a new line when it does not fit into the line at hand. */
void cli_wrap_add(cli_wrap *wrap, const char *item);

/** The words of a text, its newlines as spaces. */
void cli_wrap_add_words(cli_wrap *wrap, const char *words);

/** What was wrapped; "" without memory. */
const char *cli_wrap_text(const cli_wrap *wrap);

#endif
