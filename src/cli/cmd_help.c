/* cmd_help.c -- `snas help`: explain the program or a command, on the terminal or as a manual page. */
#include "command.h"
#include "manual.h"

typedef struct {
    const char *command;
    bool man;
} values;

static const char *const FORMS[] = {"[COMMAND]", NULL};
static const cli_option OPTIONS[] = {
    ARG("COMMAND", values, command, "what is explained; none: the program"),
    FLAG("man", 0, values, man, "as the source of a manual page, for man(1)"),
    OPTIONS_END,
};

static snas_status help(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (!v->man) {
        return cli_help_print(session, v->command);
    }
    const cli_command *command = v->command == NULL ? &cli_top : cli_command_find(session, v->command);
    return command == NULL ? SNAS_E_USAGE : cli_manual(session, command);
}

const cli_command cli_help = {
    .name = "help",
    .brief = "explain the program or a command",
    .examples = "  snas help search\n"
                "  snas help --man search | man -l -\n",
    .more = "An installed program has its manual pages: man snas, man snas-search.\n",
    .forms = FORMS,
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = help,
};
