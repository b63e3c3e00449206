/* command.c -- the table of commands, and which of them is called. */
#include "command.h"

#include <string.h>

#include "exit_code.h"
#include "info.h"
#include "signals.h"
#include "snas/base/text.h"

#define POINTER(name) &cli_##name,
const cli_command *const cli_commands[] = {CLI_COMMANDS(POINTER) NULL};
#undef POINTER

/* What stands before and beside the commands: the options of `snas` itself. */
typedef struct {
    const char *command;
    bool json;
} top_values;
static const cli_option TOP_OPTIONS[] = {
    ARG("COMMAND", top_values, command, NULL),
    FLAG("json", 0, top_values, json, NULL),
    OPTIONS_END,
};
static const cli_command TOP = {.name = NULL, .options = TOP_OPTIONS, .values_size = sizeof(top_values)};

static const char *command_at(const void *context, int i)
{
    (void)context;
    return cli_commands[i]->name;
}

static int command_count(void)
{
    int count = 0;
    while (cli_commands[count] != NULL) {
        count++;
    }
    return count;
}

/* NULL with a recorded sentence when there is none. */
static const cli_command *find_command(cli_session *session, const char *name)
{
    for (int i = 0; cli_commands[i] != NULL; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }
    snas_record("unknown command '%s'%s\nsee 'snas help'", name,
                cli_did_you_mean(session->mem, name, command_at, NULL, command_count()));
    return NULL;
}

/* Whether -h or --help stands before a "--". */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

/* The place of the command's name: the first word that is no option. argc when there is none. */
static int command_place(int argc, char **argv)
{
    int i = 1;
    while (i < argc && argv[i][0] == '-') {
        i++;
    }
    return i;
}

static snas_status help(cli_session *session, const char *name)
{
    if (name == NULL) {
        cli_help_top(session);
        return SNAS_OK;
    }
    const cli_command *command = find_command(session, name);
    if (command == NULL) {
        return SNAS_E_USAGE;
    }
    cli_help_command(session, command);
    return SNAS_OK;
}

static void apply(cli_session *session, const cli_common *common)
{
    session->quiet = common->quiet;
    session->verbose = common->verbose && !common->quiet;
    if (common->no_color) {
        session->colour = false;
    }
}

static snas_status dispatch(cli_session *session, int argc, char **argv)
{
    const int at = command_place(argc, argv);
    const bool is_help = at < argc && strcmp(argv[at], "help") == 0;
    if (asks_for_help(argc, argv) || is_help) {
        const char *name = at < argc ? argv[at] : NULL;
        if (is_help) {
            const int next = at + 1;
            name = next < argc && argv[next][0] != '-' ? argv[next] : NULL;
        }
        return help(session, name);
    }
    /* Options before the command belong to snas itself; with no command all of them do. */
    cli_common common = {0};
    top_values top = {0};
    SNAS_TRY(cli_options_parse(session->mem, &TOP, at - 1, argv + 1, &top, &common));
    if (at == argc) {
        if (common.version) {
            return cli_print_version(session, top.json);
        }
        cli_help_top(session);
        return snas_fail(SNAS_E_USAGE, "no command given");
    }
    const cli_command *command = find_command(session, argv[at]);
    if (command == NULL) {
        return SNAS_E_USAGE;
    }
    char *values;
    SNAS_NEW(session->mem, values, command->values_size);
    SNAS_TRY(cli_options_parse(session->mem, command, argc - at - 1, argv + at + 1, values, &common));
    if (common.version) {
        return cli_print_version(session, false);
    }
    apply(session, &common);
    const snas_status status = command->run(session, values);
    return status == SNAS_E_MEMORY && command->less_memory != NULL
               ? snas_fail(status, "%s\n%s", snas_error(), command->less_memory)
               : status;
}

int cli_main(int argc, char **argv)
{
    cli_session session = {0};
    cli_signals_ignore();
    cli_output_open(&session, false);
    snas_status status = snas_arena_create("the command", 0, &session.mem);
    if (status == SNAS_OK) {
        status = dispatch(&session, argc, argv);
    }
    if (status != SNAS_OK) {
        cli_complain(&session, snas_error());
    }
    const snas_status closed = cli_output_close(&session);
    if (closed != SNAS_OK && status == SNAS_OK) {
        cli_complain(&session, snas_error());
        status = closed;
    }
    snas_arena_destroy(session.mem);
    return cli_exit_code(status, *cli_signal_stop());
}
