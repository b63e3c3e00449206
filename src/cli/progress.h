/* progress.h -- what people see of work that goes on: a line that is redrawn, a line an epoch.
 *
 * On a terminal the line of progress is redrawn in place and no wider than the terminal, and a line of an epoch is
 * broken between its figures. Elsewhere a line of progress is a plain one, after 30 seconds and then ever more rarely,
 * at last every 10 minutes; and an epoch is one line, however long, for whoever searches a log.
 */
#ifndef SNAS_CLI_PROGRESS_H
#define SNAS_CLI_PROGRESS_H

#include "output.h"
#include "snas/learn/run_options.h"

/** For snas_run_options: context is a cli_session. */
void cli_progress(void *context, const snas_progress *progress);
void cli_epoch_json(void *context, const snas_metrics_row *row); /* the row to stdout */
void cli_epoch_line(void *context, const snas_metrics_row *row); /* its main figures to stderr */

/** A progress line of something that is counted: `done` of `all` in `seconds`, and what is left. Cheap. */
void cli_progress_count(cli_session *session, const char *phase, int64_t done, int64_t all, double seconds);

/** A progress line of a run of which only its epochs are known. */
typedef struct {
    const char *phase;
    int epoch, epochs; /* that are over; all */
    double seconds;    /* that the present one has taken */
    double mean;       /* seconds that an epoch takes; NaN: not known yet */
} cli_epoch_progress;
void cli_progress_epoch(cli_session *session, const cli_epoch_progress *at);

/** A progress line of several runs, `done` of `all` are over: one that goes on, and the seconds left, NaN for unknown.
 */
void cli_progress_left(cli_session *session, const char *doing, int64_t done, int64_t all, double left);

#endif
