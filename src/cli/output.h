/* output.h -- what the program says: results on stdout, everything for people on stderr. Nothing else prints.
 *
 * Results are counted: a stdout that could not be written makes the exit code 4. A progress line is redrawn in place on
 * a terminal and is a plain line every 30 seconds elsewhere.
 */
#ifndef SNAS_CLI_OUTPUT_H
#define SNAS_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/base/log.h"
#include "snas/base/text.h"
#include "snas/learn/run_options.h"

typedef struct {
    snas_arena *mem;    /* lives as long as the command */
    bool quiet;         /* -q: warnings and errors only */
    bool verbose;       /* -v: debug messages too */
    bool terminal;      /* stderr is one */
    bool colour;        /* on stderr */
    bool line_drawn;    /* a progress line stands on the terminal */
    int print_fault;    /* errno of the first print to stdout that failed; 0: none */
    const char *losses; /* file for the loss of every training step; NULL: not wanted */
    int64_t last_step;  /* that stands there */
    double last_line;   /* when progress was shown last, seconds of snas_clock_seconds */
} cli_session;

/** Look at the terminal and the environment (NO_COLOR, TERM), and take the log. */
void cli_output_open(cli_session *session, bool no_color);

/** Print to stdout. */
void cli_print(cli_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Print a formed text to stdout; SNAS_E_MEMORY when it could not be formed. */
SNAS_MUST_CHECK snas_status cli_print_text(cli_session *session, const snas_text *text);

/** Print a line to stderr unless -q. */
void cli_say(cli_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Print "snas: <sentence>" to stderr, whatever -q says. */
void cli_complain(cli_session *session, const char *sentence);

/** Hand out what stands in stdout's buffer now: for rows of a long run. */
void cli_flush(cli_session *session);

/** Flush and close stdout: SNAS_E_IO with a sentence when anything could not be written. */
SNAS_MUST_CHECK snas_status cli_output_close(cli_session *session);

/** For snas_run_options: context is a cli_session. */
void cli_progress(void *context, const snas_progress *progress);
void cli_epoch_json(void *context, const snas_metrics_row *row); /* the row to stdout */
void cli_epoch_line(void *context, const snas_metrics_row *row); /* its main figures to stderr */

/** A progress line of something that is counted: `done` of `all` in `seconds`, and what is left. Cheap. */
void cli_progress_count(cli_session *session, const char *phase, int64_t done, int64_t all, double seconds);

/** 1234567 as "1,234,567" in `mem`. */
const char *cli_grouped(snas_arena *mem, int64_t value);

#endif
