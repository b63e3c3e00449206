/* cmd_complete.c -- `snas complete`: what may come last in a command line, for the completion files of the shells. */
#include "command.h"
#include "completion.h"

typedef struct {
    cli_list words;
} values;

static const cli_option OPTIONS[] = {
    ARGS("WORD", values, words, "the words after snas, the last one as far as it has been typed; put -- before them"),
    OPTIONS_END,
};

static snas_status complete(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_text text = snas_text_make(session->mem);
    cli_completions(&text, v->words.items, v->words.count);
    return cli_print_text(session, &text);
}

const cli_command cli_complete = {
    .name = "complete",
    .brief = "list what may come last in a command line",
    .examples = "  snas complete -- search --set search.m\n",
    .more =
        "For the completion of shells. A line is a word, and after a tab what it is; `:files PATTERN`, `:folders` and\n"
        "`:runs` are for the shell to list.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .hidden = true,
    .run = complete,
};
