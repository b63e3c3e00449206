/* output.h -- what the program says: results on stdout, everything for people on stderr. Nothing else prints.
 *
 * Results are counted: a stdout that could not be written makes the exit code 4. Controls among what goes out are shown
 * as \xNN, but for newlines and tabs: names, files and arguments that came from outside cannot steer a terminal.
 */
#ifndef SNAS_CLI_OUTPUT_H
#define SNAS_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/base/log.h"
#include "snas/base/text.h"

/** The figures of an epoch that people are shown. */
typedef enum {
    CLI_LOSS,
    CLI_ACCURACY,
    CLI_VALIDATION,
    CLI_CHILD,
    CLI_TEST,
    CLI_AVERAGE,
    CLI_BEST,
    CLI_TAU,
    CLI_LAMBDA_R,
    CLI_ENTROPY_NORMAL,
    CLI_ENTROPY_CELL,
    CLI_PARAMETERS,
    CLI_KNOWN,
    CLI_KNOWN_RANK,
    CLI_FIGURES
} cli_figure;

typedef struct {
    snas_arena *mem;             /* lives as long as the command */
    bool silent;                 /* one of several processes, of which another speaks */
    bool quiet;                  /* -q: warnings and errors only */
    bool verbose;                /* -v: debug messages too */
    bool as_stage;               /* `snas design` runs it, and says itself what comes next */
    bool terminal;               /* stderr is one that takes controls */
    bool colour;                 /* on stderr */
    int print_fault;             /* errno of the first print to stdout that failed; 0: none */
    const char *losses;          /* file for the loss of every training step; NULL: not wanted */
    int64_t last_step;           /* that stands there */
    double last_line;            /* when progress was shown last, seconds of snas_clock_seconds */
    double plain_gap;            /* seconds between two plain lines of progress; 0: the least */
    bool has_figures;            /* an epoch has ended */
    double figures[CLI_FIGURES]; /* of the last one; NaN: it has none */
} cli_session;

/** Look at the terminal and the environment (NO_COLOR, TERM), and take the log. */
void cli_output_open(cli_session *session, bool no_color);

/** Another process speaks for this one: only a fault of its own is told, with its rank. */
void cli_output_silence(cli_session *session);

/** Print to stdout. */
void cli_print(cli_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Print a formed text to stdout; SNAS_E_MEMORY when it could not be formed. */
SNAS_MUST_CHECK snas_status cli_print_text(cli_session *session, const snas_text *text);

/** Print a line to stderr unless -q. */
void cli_say(cli_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_say_text(cli_session *session, const char *text);

/** Draw our own line in the place of the one drawn before; elsewhere than on a terminal it is a line like others. */
void cli_draw_line(cli_session *session, const char *line);

/** Print "snas: <sentence>" to stderr, whatever -q says. */
void cli_complain(cli_session *session, const char *sentence);

/** Hand out what stands in stdout's buffer now: for rows of a long run. */
void cli_flush(cli_session *session);

/** Flush and close stdout: SNAS_E_IO with a sentence when anything could not be written. */
SNAS_MUST_CHECK snas_status cli_output_close(cli_session *session);

/** 1234567 as "1,234,567" in `mem`. */
const char *cli_grouped(snas_arena *mem, int64_t value);

/** A loss: four digits after the point; a hopelessly large one as 4.168e+17. In `mem`. */
const char *cli_loss(snas_arena *mem, double loss);

#endif
