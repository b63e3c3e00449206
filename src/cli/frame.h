/* frame.h -- what `snas search` and `snas train` share: a new run folder or an old one, and the options of the loop. */
#ifndef SNAS_CLI_FRAME_H
#define SNAS_CLI_FRAME_H

#include "command.h"
#include "snas/config/config.h"
#include "snas/judge/estimate.h"
#include "snas/learn/run_options.h"

typedef struct {
    const char *config, *out, *resume, *losses, *hours;
    cli_list sets;
    int threads, stop_after;
    bool dry_run, json;
} cli_loop;

/** The two ways to call them: a new run, or one that goes on. */
enum { LOOP_NEW = 1, LOOP_OLD = 2 };
extern const char *const cli_loop_forms[];

/** The option rows; `field` is the cli_loop within `type`. */
#define LOOP_OPTIONS(type, field)                                                                                      \
    ARG("CONFIG", type, field.config, "JSON file; `snas info config` lists its keys"),                                 \
        LIST("set", "KEY=VALUE", type, field.sets,                                                                     \
             "a config value over the file's, or the resumed run's; repeatable"),                                      \
        TEXT("out", "RUN", type, field.out, "run folder; else runs/<config>-<UTC time>", .in_forms = LOOP_NEW),        \
        TEXT("resume", "RUN", type, field.resume, "go on with a stopped run, by its own config",                       \
             .in_forms = CLI_IN_WORDS),                                                                                \
        NUMBER("threads", "N", 1, 1024, type, field.threads, "else one a processor; same bytes"),                      \
        FLAG("dry-run", 'n', type, field.dry_run, "say what the run would need and how long it takes, and stop",       \
             .in_forms = LOOP_NEW),                                                                                    \
        TEXT("hours", "N", type, field.hours, "as many epochs as fit, by some steps that are timed before",            \
             .in_forms = LOOP_NEW),                                                                                    \
        FLAG("json", 0, type, field.json, "results as JSON, one line an epoch"),                                       \
        TEXT("losses", "FILE", type, field.losses, "append the loss of every step there, a line of JSON each"),        \
        NUMBER("stop-after", "STEPS", 0, 1000000000, type, field.stop_after, NULL)

/** Of their help. */
#define LOOP_SIGNALS                                                                                                   \
    "Ctrl-C saves after the step at hand and leaves with 130, a second one leaves at once. SIGTERM and a closed\n"     \
    "terminal (not under nohup) save too; SIGUSR1 saves and goes on.\n"

/** Check the options against each other, load the config (of the file, or of the run that is resumed), choose the
 *  folder, fill the run's options. */
SNAS_MUST_CHECK snas_status cli_loop_open(cli_session *session, const char *command, const cli_loop *loop,
                                          snas_config *config, snas_run_options *options);

/** runs/<name>-<yyyymmdd-hhmmss>, with a number after it while that is taken; the name is that of the file or folder
 *  `from` without ".json". In `mem`. */
SNAS_MUST_CHECK snas_status cli_default_folder(snas_arena *mem, const char *from, const char **out);

/** What comes after a run of `command` that is done: "next: snas derive RUN". */
void cli_say_next(cli_session *session, const char *command, const char *folder);

/** Take what a loop returned: print the folder, or say how to go on. Returns `status`. */
SNAS_MUST_CHECK snas_status cli_loop_close(cli_session *session, const char *command, const cli_loop *loop,
                                           const snas_run_options *options, snas_status status);

/** Add what a dry run found; of JSON the object without its end. */
SNAS_MUST_CHECK snas_status cli_loop_estimate(cli_session *session, const cli_loop *loop, const snas_estimate *estimate,
                                              snas_text *text);

/** Options of a command that reads a run: threads, kernels of $SNAS_KERNELS, progress. */
snas_run_options cli_run_options(cli_session *session, const char *folder, int threads);

/** Say so when some of the threads will find no shard to work on. */
void cli_tell_threads(cli_session *session, const snas_config *config, const snas_run_options *options);

/** The config of a run folder. SNAS_E_IO with a sentence when it is none. */
SNAS_MUST_CHECK snas_status cli_run_settings(snas_arena *mem, const char *folder, snas_config *config);

#endif
