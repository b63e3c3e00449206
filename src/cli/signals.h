/* signals.h -- SIGINT and SIGTERM ask a loop to stop at the next step, SIGUSR1 asks it for a checkpoint.
 *
 * The first SIGINT or SIGTERM sets a flag; the second leaves at once with 128 + its number, which is safe: files are
 * replaced whole, so the checkpoint before is valid. A closed pipe does not end a loop.
 */
#ifndef SNAS_CLI_SIGNALS_H
#define SNAS_CLI_SIGNALS_H

#include <signal.h>

void cli_signals_install(void);

volatile sig_atomic_t *cli_signal_stop(void); /* number of the signal that asked to stop, else 0 */
volatile sig_atomic_t *cli_signal_save(void); /* 1 when a checkpoint was asked for; the loop resets it */

#endif
