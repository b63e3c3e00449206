/* command.c -- the table of commands, and which of them is called. */
#include "command.h"

#include <string.h>

#include "exit_code.h"
#include "info.h"
#include "signals.h"
#include "snas/base/flush.h"
#include "snas/base/text.h"
#include "snas/comm/comm.h"

#define POINTER(name) &cli_##name,
const cli_command *const cli_commands[] = {CLI_COMMANDS(POINTER) CLI_HIDDEN_COMMANDS(POINTER) NULL};
#undef POINTER

/* What stands before and beside the commands: the options of `snas` itself, and its help. */
typedef struct {
    const char *command;
    bool json;
} top_values;
static const cli_option TOP_OPTIONS[] = {
    ARG("COMMAND", top_values, command, NULL),
    FLAG("json", 0, top_values, json, NULL),
    OPTIONS_END,
};
static const char *const TOP_FORMS[] = {"COMMAND [options]", NULL};
const cli_command cli_top = {
    .name = NULL,
    .brief = "find a cell by stochastic neural architecture search, and train it",
    .more =
        "A search trains the weights of all candidate operations of a cell together with a distribution over\n"
        "architectures. The cell that is likeliest at the end is the architecture that was found; a training makes\n"
        "a network of it. Runs go into folders, and can be stopped and resumed at any step.\n\n"
        "Results go to stdout, everything else to stderr. `snas help COMMAND` explains a command.\n",
    .examples = "  snas search configs/quick.json --out runs/first\n"
                "  snas derive runs/first\n"
                "  snas train configs/quick.json --genotype runs/first/genotype.json\n",
    .forms = TOP_FORMS,
    .options = TOP_OPTIONS,
    .values_size = sizeof(top_values),
};

static const char *command_at(const void *context, int i)
{
    (void)context;
    return cli_commands[i]->name;
}

int cli_command_count(void)
{
    int count = 0;
    while (cli_commands[count] != NULL && !cli_commands[count]->hidden) {
        count++;
    }
    return count;
}

const cli_command *cli_command_find(cli_session *session, const char *name)
{
    for (int i = 0; cli_commands[i] != NULL; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }
    snas_record("unknown command '%s'%s\nsee 'snas help'", name,
                cli_did_you_mean(session->mem, name, command_at, NULL, cli_command_count()));
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

static void apply(cli_session *session, const cli_common *common)
{
    session->quiet = common->quiet || session->silent;
    session->as_stage = common->as_stage;
    session->verbose = common->verbose && !session->quiet;
    if (common->no_color) {
        session->colour = false;
    }
}

/* Several processes do the same only where a run is theirs. All have the same words, so all find the same fault. */
static snas_status check_many(const cli_command *command)
{
    return command->many || snas_comm_ranks() == 1
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE,
                           "'snas %s' is done by one process, found %d: only search, train, eval and bench "
                           "share their work among several",
                           command->name, snas_comm_ranks());
}

static snas_status run(cli_session *session, const cli_command *command, const void *values)
{
    SNAS_TRY(snas_comm_agree(check_many(command)));
    const snas_status status = command->run(session, values);
    return status == SNAS_E_MEMORY && command->less_memory != NULL
               ? snas_fail(status, "%s\n%s", snas_error(), command->less_memory)
               : status;
}

static snas_status dispatch(cli_session *session, int argc, char **argv)
{
    const int at = command_place(argc, argv);
    if (asks_for_help(argc, argv)) {
        return cli_help_print(session, at < argc ? argv[at] : NULL);
    }
    /* Options before the command belong to snas itself; with no command all of them do. */
    cli_common common = {0};
    top_values top = {0};
    SNAS_TRY(cli_options_parse(session->mem, &cli_top, at - 1, argv + 1, &top, &common));
    if (at == argc) {
        if (common.version) {
            return cli_print_version(session, top.json);
        }
        cli_help_top(session);
        return snas_comm_agree(snas_fail(SNAS_E_USAGE, "no command given"));
    }
    const cli_command *command = cli_command_find(session, argv[at]);
    if (command == NULL) {
        return snas_comm_agree(SNAS_E_USAGE);
    }
    char *values;
    SNAS_NEW(session->mem, values, command->values_size);
    SNAS_TRY(snas_comm_agree(cli_options_parse(session->mem, command, argc - at - 1, argv + at + 1, values, &common)));
    if (common.version) {
        return cli_print_version(session, false);
    }
    apply(session, &common);
    return run(session, command, values);
}

/* A rank is lost. */
static void lost(void *context, const char *sentence)
{
    cli_session *session = context;
    cli_complain(session, sentence);
}

/* Find the other processes; rank 0 speaks and writes for all. */
static snas_status meet(cli_session *session)
{
    SNAS_TRY(snas_comm_open(lost, session));
    if (snas_comm_rank() > 0) {
        snas_comm_silence_files();
        cli_output_silence(session);
    }
    return SNAS_OK;
}

int cli_main(int argc, char **argv)
{
    cli_session session = {0};
    snas_flush_denormals();
    cli_signals_ignore();
    cli_output_open(&session, false);
    snas_status status = meet(&session);
    if (status == SNAS_OK) {
        status = snas_arena_create("the command", 0, &session.mem);
    }
    if (status == SNAS_OK) {
        status = dispatch(&session, argc, argv);
    }
    if (status != SNAS_OK && (snas_comm_rank() == 0 || !snas_comm_is_agreed(status))) {
        cli_complain(&session, snas_error());
    }
    const snas_status closed = cli_output_close(&session);
    if (closed != SNAS_OK && status == SNAS_OK) {
        cli_complain(&session, snas_error());
        status = closed;
    }
    snas_arena_destroy(session.mem);
    return snas_comm_close(status, cli_exit_code(status, *cli_signal_stop()));
}
