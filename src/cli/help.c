/* help.c -- `snas help` and --help: from the rows of commands and options, no line wider than 80 columns. */
#include "command.h"

#include <string.h>

#include "exit_code.h"
#include "snas/base/text.h"
#include "wrap.h"

enum { HELP_COLUMNS = 80, OPTION_COLUMN = 32, USAGE_INDENT = 11 };

/* --- options ------------------------------------------------------------------------------------------------------ */

/* "--rule edge|top2|darts", "--set KEY=VALUE", "--last". */
static void add_option(snas_text *text, const cli_option *o)
{
    snas_text_add(text, "--%s", o->name);
    if (o->value != NULL) {
        snas_text_add(text, " %s", o->value);
    }
    for (int i = 0; i < o->choice_count; i++) {
        snas_text_add(text, "%s%s", i == 0 ? " " : "|", o->choices[i]);
    }
}

/* "  -n, --dry-run", "      --set KEY=VALUE", "  CONFIG". */
static const char *label(snas_arena *mem, const cli_option *o)
{
    snas_text text = snas_text_make(mem);
    if (o->kind >= CLI_ARG) {
        snas_text_add(&text, "  %s", o->name);
        return text.failed ? "" : text.data;
    }
    if (o->letter != 0) {
        snas_text_add(&text, "  -%c, ", o->letter);
    } else {
        snas_text_add(&text, "      ");
    }
    add_option(&text, o);
    return text.failed ? "" : text.data;
}

static void print_options(cli_session *session, const char *title, const cli_option *options)
{
    cli_print(session, "\n%s:\n", title);
    for (const cli_option *o = options; o->name != NULL; o++) {
        if (o->help == NULL) {
            continue;
        }
        const char *left = label(session->mem, o);
        const bool beside = strlen(left) < OPTION_COLUMN;
        cli_wrap help = cli_wrap_make(session->mem, HELP_COLUMNS, OPTION_COLUMN, 1, OPTION_COLUMN);
        cli_wrap_add_words(&help, o->help);
        cli_print(session, "%-*s%s%*s%s\n", beside ? OPTION_COLUMN : 0, left, beside ? "" : "\n",
                  beside ? 0 : OPTION_COLUMN, "", cli_wrap_text(&help));
    }
}

/* --- usage -------------------------------------------------------------------------------------------------------- */

/* An argument of a form: "IMAGE...", "--genotype FILE|NAME", "[--set KEY=VALUE]...". */
static void add_argument(snas_arena *mem, cli_wrap *usage, const cli_option *o)
{
    snas_text text = snas_text_make(mem);
    if (o->kind >= CLI_ARG) {
        snas_text_add(&text, "%s%s", o->name, o->kind == CLI_ARGS ? "..." : "");
    } else {
        snas_text_add(&text, "%s", o->required ? "" : "[");
        add_option(&text, o);
        snas_text_add(&text, "%s%s", o->required ? "" : "]", o->kind == CLI_LIST ? "..." : "");
    }
    cli_wrap_add(usage, text.failed ? "" : text.data);
}

static bool is_of_form(const cli_option *o, unsigned form, bool words)
{
    const bool shown = o->help != NULL && (!words || o->kind < CLI_ARG);
    return shown && (o->in_forms == 0 || (o->in_forms & form) != 0);
}

/* One way to call the command: its words, then what is required, then the rest. */
static void print_form(cli_session *session, const cli_command *command, const char *words, unsigned form)
{
    cli_wrap usage = cli_wrap_make(session->mem, HELP_COLUMNS, USAGE_INDENT, 1, (int)strlen("Usage: "));
    cli_wrap_add_words(&usage, "snas");
    cli_wrap_add_words(&usage, command->name);
    cli_wrap_add_words(&usage, words == NULL ? "" : words);
    for (int rest = 0; rest < 2; rest++) {
        for (const cli_option *o = command->options; o->name != NULL; o++) {
            const bool first = o->required || o->kind >= CLI_ARG;
            if (is_of_form(o, form, words != NULL) && first == (rest == 0)) {
                add_argument(session->mem, &usage, o);
            }
        }
    }
    cli_print(session, "%s%s\n", form == 1 ? "Usage: " : "       ", cli_wrap_text(&usage));
}

static void print_usage(cli_session *session, const cli_command *command)
{
    if (command->forms == NULL) {
        print_form(session, command, NULL, 1);
    }
    for (int i = 0; command->forms != NULL && command->forms[i] != NULL; i++) {
        print_form(session, command, command->forms[i], 1u << i);
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* Print what was wrapped as a paragraph, and begin another. */
static void end_paragraph(cli_session *session, cli_wrap *paragraph)
{
    if (paragraph->begun) {
        cli_print(session, "%s\n", cli_wrap_text(paragraph));
    }
    *paragraph = cli_wrap_make(session->mem, HELP_COLUMNS, 0, 1, 0);
}

/* Paragraphs of words, with an empty line between them; a line that begins with a space stays as it is. */
static void print_paragraphs(cli_session *session, const char *text)
{
    cli_wrap paragraph = cli_wrap_make(session->mem, HELP_COLUMNS, 0, 1, 0);
    while (*text != 0) {
        const size_t size = strcspn(text, "\n");
        const char *line = snas_format(session->mem, "%.*s", (int)size, text);
        if (line == NULL || size == 0 || line[0] == ' ') {
            end_paragraph(session, &paragraph);
            cli_print(session, "%s\n", line == NULL ? "" : line);
        } else {
            cli_wrap_add_words(&paragraph, line);
        }
        text += size;
        text += *text == '\n';
    }
    end_paragraph(session, &paragraph);
}

void cli_help_top(cli_session *session)
{
    cli_print(session, "snas: find a cell by stochastic neural architecture search, and train it\n\n"
                       "Examples:\n"
                       "  snas search configs/quick.json --out runs/first\n"
                       "  snas derive runs/first\n"
                       "  snas train configs/quick.json --genotype runs/first/genotype.json\n\n"
                       "Usage: snas COMMAND [options]\n\nCommands:\n");
    for (int i = 0; cli_commands[i] != NULL; i++) {
        cli_print(session, "  %-8s %s\n", cli_commands[i]->name, cli_commands[i]->brief);
    }
    cli_print(session, "  %-8s %s\n", "help", "explain a command: snas help search");
    print_options(session, "Options", cli_common_options);
    cli_print(session, "\nExit codes:\n");
    for (const cli_exit_meaning *m = cli_exit_meanings; m->meaning != NULL; m++) {
        cli_print(session, "  %-8d %s\n", m->code, m->meaning);
    }
}

void cli_help_command(cli_session *session, const cli_command *command)
{
    cli_print(session, "snas %s: %s\n\nExamples:\n%s\n", command->name, command->brief, command->examples);
    print_usage(session, command);
    print_options(session, "Options", command->options);
    print_options(session, "Common", cli_common_options);
    if (command->more != NULL) {
        cli_print(session, "\n");
        print_paragraphs(session, command->more);
    }
}
