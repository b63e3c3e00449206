/* trained.h -- the weights that RUN|WEIGHTS names: of a run folder those of its training, else the file itself. */
#ifndef SNAS_CLI_TRAINED_H
#define SNAS_CLI_TRAINED_H

#include <stdbool.h>

#include "snas/base/arena.h"

/** Which weights of a run. */
typedef struct {
    bool last, average; /* else the best, and as they were trained */
} cli_trained_which;

/** The path in `mem`. SNAS_E_IO with a sentence when there is no such file. */
SNAS_MUST_CHECK snas_status cli_trained_weights(snas_arena *mem, const char *target, cli_trained_which which,
                                                const char **out);

#endif
