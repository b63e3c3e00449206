/* exit_code.h -- the exit code of every status, decided here and nowhere else. */
#ifndef SNAS_CLI_EXIT_CODE_H
#define SNAS_CLI_EXIT_CODE_H

#include "snas/base/status.h"

/** The codes and what they mean, ascending; ends with meaning NULL. An interrupted run gives 128 + the signal that
 *  stopped it. */
typedef struct {
    int code;
    const char *meaning;
} cli_exit_meaning;
extern const cli_exit_meaning cli_exit_meanings[];

/** `signal`: the one that asked to stop, 0 when none did. */
int cli_exit_code(snas_status status, int signal);

/** The status that another process of this program has told by its exit code, SNAS_E_FAILED for a code of none. */
snas_status cli_exit_status(int code);

#endif
