/* forms.h -- the ways to call a command, read from its rows: for the usage in help and manual, and for completion. */
#ifndef SNAS_CLI_FORMS_H
#define SNAS_CLI_FORMS_H

#include "command.h"

/** How many ways there are, at least one. */
int cli_form_count(const cli_command *command);

/** The words after the command's name that a form has of its own, "check CONFIG"; "" where the table says all. */
const char *cli_form_words(const cli_command *command, int form);

/** Is a word of a form, or of a value, to be typed as it is, "check"? Others stand for something, "CONFIG". */
bool cli_word_is_typed(const char *word);

/** The next option that usage shows in a form, in its order: what is required and the arguments, then the rest. From
 *  NULL the first; NULL after the last. */
const cli_option *cli_form_next(const cli_command *command, int form, const cli_option *last);

/** What usage writes for an option: "--rule edge|top2|darts", "CONFIG"; its dashes, its value, whether it may come
 *  again. */
typedef struct {
    const char *dashes, *name, *value; /* dashes "" for an argument; value "" for a flag, a|b|c for a choice */
    bool optional, again;
} cli_shape;
cli_shape cli_option_shape(snas_arena *mem, const cli_option *option);

#endif
