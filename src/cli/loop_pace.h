/* loop_pace.h -- how long a run would take, and the epochs that fit into the hours that are asked for. */
#ifndef SNAS_CLI_LOOP_PACE_H
#define SNAS_CLI_LOOP_PACE_H

#include "frame.h"
#include "snas/judge/pace.h"

/** A run that is asked for: its command, its options, its architecture (NULL: a search). */
typedef struct {
    const char *command;
    const cli_loop *loop;
    const snas_genotype *genotype;
} cli_asked;

/** The value of --hours for a command, which chooses its epochs: none of the --set texts may. */
SNAS_MUST_CHECK snas_status cli_hours_take(const char *text, const cli_list *sets, const char *command, double *out);

/** With --hours: measure the speed, and load the config again with the epochs that fit. Else nothing. */
SNAS_MUST_CHECK snas_status cli_loop_hours(cli_session *session, const cli_asked *asked,
                                           const snas_run_options *options, snas_config *config);

/** --dry-run: print what the run would need, and how long it would take. */
SNAS_MUST_CHECK snas_status cli_loop_dry_run(cli_session *session, const cli_asked *asked,
                                             const snas_run_options *options, const snas_config *config);

#endif
