/* completion.h -- what may stand in the place of the last word of a command line, for the completion of shells.
 *
 * Commands, options and their values come from the rows that help is made of. What the words of help stand for, such as
 * CONFIG or NAME, is a table in completion_words.c.
 */
#ifndef SNAS_CLI_COMPLETION_H
#define SNAS_CLI_COMPLETION_H

#include "command.h"

/** Where what may stand there is collected. */
typedef struct {
    snas_text *text;    /* a line each: the word, a tab, what it is */
    const char *word;   /* what stands there so far, after the prefix */
    const char *prefix; /* of the same shell word, before what is offered: "--rule=" */
    const char *of;     /* what the word belongs to: an option's name, an action; NULL for nothing */
    const cli_command *command;
    bool resumes;    /* --resume stands before: keys that a resumed run may change */
    unsigned listed; /* bits of the words of help that have been listed already */
} cli_offers;

/** The words that may come last in `snas words[0] ... words[count - 1]`: a line each, a word and after a tab what it
 *  is. Files are the shell's: `:files PATTERN`, `:folders` and `:runs` (run folders) are lines that say so. Words that
 *  are no continuation of what stands there may be among them. */
void cli_completions(snas_text *text, const char *const *words, int count);

/** Offer a word, with what it is (NULL for nothing). */
void cli_offer(cli_offers *offers, const char *word, const char *about);

/** Offer what the words of help stand for: "FILE|NAME|LINE", "check". */
void cli_offer_words(cli_offers *offers, const char *words);

#endif
