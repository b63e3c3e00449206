/* forms.c -- the ways to call a command: the words of each, then the options that its rows say it takes. */
#include "forms.h"

#include <string.h>

#include "snas/base/text.h"

int cli_form_count(const cli_command *command)
{
    int count = 0;
    while (command->forms != NULL && command->forms[count] != NULL) {
        count++;
    }
    return count > 0 ? count : 1;
}

const char *cli_form_words(const cli_command *command, int form)
{
    return command->forms == NULL ? "" : command->forms[form];
}

bool cli_word_is_typed(const char *word)
{
    return strpbrk(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL;
}

/* The words of a form stand for the arguments. */
static bool is_shown(const cli_command *command, int form, const cli_option *o)
{
    const bool named = command->forms != NULL && o->kind >= CLI_ARG;
    return o->help != NULL && !named && (o->in_forms == 0 || (o->in_forms & (1u << form)) != 0);
}

static bool comes_first(const cli_option *o)
{
    return o->required || o->kind >= CLI_ARG;
}

const cli_option *cli_form_next(const cli_command *command, int form, const cli_option *last)
{
    const cli_option *o = last == NULL ? command->options : last + 1;
    bool first = last == NULL || comes_first(last);
    for (int pass = first ? 0 : 1; pass < 2; pass++) {
        for (; o->name != NULL; o++) {
            if (is_shown(command, form, o) && comes_first(o) == first) {
                return o;
            }
        }
        o = command->options;
        first = false;
    }
    return NULL;
}

static const char *choices(snas_arena *mem, const cli_option *o)
{
    snas_text text = snas_text_make(mem);
    for (int i = 0; i < o->choice_count; i++) {
        snas_text_add(&text, "%s%s", i == 0 ? "" : "|", o->choices[i]);
    }
    return text.failed ? "" : text.data;
}

cli_shape cli_option_shape(snas_arena *mem, const cli_option *o)
{
    const bool argument = o->kind >= CLI_ARG;
    const char *value = o->value != NULL ? o->value : o->kind == CLI_CHOICE ? choices(mem, o) : "";
    return (cli_shape){.dashes = argument ? "" : "--",
                       .name = o->name,
                       .value = argument ? "" : value,
                       .optional = !argument && !o->required,
                       .again = o->kind == CLI_LIST || o->kind == CLI_ARGS};
}
