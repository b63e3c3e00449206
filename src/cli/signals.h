/* signals.h -- how search, train, data pack, compare and design, which leave something in a folder, answer signals;
 * others just end.
 *
 *      SIGINT, SIGTERM     stop in order: a run at the next step, saved; a second one leaves at once
 *      SIGHUP, SIGXCPU     the same, however often they come; SIGHUP not where it is ignored, as by nohup
 *      SIGUSR1             write a checkpoint at the next step and go on
 *      SIGPIPE             ignored: a reader that leaves does not end a long run
 *
 * Until the command listens (its data are still being opened, say) a request to stop leaves at once. To leave at once
 * is safe: files are replaced whole, and the checkpoint before is valid. The exit code is 128 + the signal's number.
 */
#ifndef SNAS_CLI_SIGNALS_H
#define SNAS_CLI_SIGNALS_H

#include <signal.h>

#include "output.h"

/** For every command: a file that becomes too large (SIGXFSZ) is a fault of its write, with a sentence. */
void cli_signals_ignore(void);

/** What a request to stop is answered with on stderr, at once; NULL: nothing is said. */
typedef struct {
    const char *early;    /* nobody listens yet: leaving */
    const char *stopping; /* stopping in order */
    const char *leaving;  /* the second request: leaving */
} cli_signal_lines;

/** Lines are shown as session->quiet and ->terminal say; they outlive the command. */
void cli_signals_install(const cli_session *session, cli_signal_lines lines);

volatile sig_atomic_t *cli_signal_stop(void);    /* number of the signal that asked to stop, else 0 */
volatile sig_atomic_t *cli_signal_save(void);    /* 1 when a checkpoint was asked for; the loop resets it */
volatile sig_atomic_t *cli_signal_listens(void); /* 1 once the command looks at the stop flag; it sets it */

#endif
