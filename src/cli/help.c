/* help.c -- `snas help` and --help: from the rows of commands and options, no line wider than 80 columns. */
#include "command.h"

#include <string.h>

#include "exit_code.h"
#include "forms.h"
#include "snas/base/text.h"
#include "wrap.h"

enum { HELP_COLUMNS = 80, OPTION_COLUMN = 32, USAGE_INDENT = 11 };

/* --- options ------------------------------------------------------------------------------------------------------ */

/* "--rule edge|top2|darts", "--set KEY=VALUE", "--last", "CONFIG". */
static const char *shape(snas_arena *mem, const cli_option *o)
{
    const cli_shape s = cli_option_shape(mem, o);
    const char *text = snas_format(mem, "%s%s%s%s", s.dashes, s.name, s.value[0] == 0 ? "" : " ", s.value);
    return text == NULL ? "" : text;
}

/* "  -n, --dry-run", "      --set KEY=VALUE", "  CONFIG". */
static const char *label(snas_arena *mem, const cli_option *o)
{
    const char letter[] = {'-', o->letter, ',', ' ', 0};
    const char *before = o->kind >= CLI_ARG ? "" : o->letter != 0 ? letter : "    ";
    const char *text = snas_format(mem, "  %s%s", before, shape(mem, o));
    return text == NULL ? "" : text;
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
    const cli_shape s = cli_option_shape(mem, o);
    const char *text =
        snas_format(mem, "%s%s%s%s", s.optional ? "[" : "", shape(mem, o), s.optional ? "]" : "", s.again ? "..." : "");
    cli_wrap_add(usage, text == NULL ? "" : text);
}

/* One way to call the command: its words, then what is required, then the rest. */
static void print_form(cli_session *session, const cli_command *command, int form)
{
    cli_wrap usage = cli_wrap_make(session->mem, HELP_COLUMNS, USAGE_INDENT, 1, (int)strlen("Usage: "));
    cli_wrap_add_words(&usage, "snas");
    cli_wrap_add_words(&usage, command->name);
    cli_wrap_add_words(&usage, cli_form_words(command, form));
    const cli_option *o = NULL;
    while ((o = cli_form_next(command, form, o)) != NULL) {
        add_argument(session->mem, &usage, o);
    }
    cli_print(session, "%s%s\n", form == 0 ? "Usage: " : "       ", cli_wrap_text(&usage));
}

static void print_usage(cli_session *session, const cli_command *command)
{
    for (int form = 0; form < cli_form_count(command); form++) {
        print_form(session, command, form);
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
    cli_print(session, "snas: %s\n\nExamples:\n%s\nUsage: snas COMMAND [options]\n\nCommands:\n", cli_top.brief,
              cli_top.examples);
    for (int i = 0; i < cli_command_count(); i++) {
        cli_print(session, "  %-8s %s\n", cli_commands[i]->name, cli_commands[i]->brief);
    }
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

snas_status cli_help_print(cli_session *session, const char *name)
{
    if (name == NULL) {
        cli_help_top(session);
        return SNAS_OK;
    }
    const cli_command *command = cli_command_find(session, name);
    if (command == NULL) {
        return SNAS_E_USAGE;
    }
    cli_help_command(session, command);
    return SNAS_OK;
}
