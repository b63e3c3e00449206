/* trained.h -- the weights that RUN|WEIGHTS names: of a run folder those of its training, else the file itself; and
 * their config. */
#ifndef SNAS_CLI_TRAINED_H
#define SNAS_CLI_TRAINED_H

#include <stdbool.h>

#include "command.h"
#include "snas/base/arena.h"
#include "snas/config/config.h"

/** Which weights of a run. */
typedef struct {
    bool last, average; /* else the best, and as they were trained */
} cli_trained_which;

/** The path in `mem`. SNAS_E_IO with a sentence when there is no such file. */
SNAS_MUST_CHECK snas_status cli_trained_weights(snas_arena *mem, const char *target, cli_trained_which which,
                                                const char **out);

/** The folder that the weights are in. */
SNAS_MUST_CHECK snas_status cli_trained_folder(snas_arena *mem, const char *target, const char **out);

/** Where the config of trained weights comes from. */
typedef struct {
    const char *folder; /* that they are in */
    const char *config; /* --config; NULL: the config.json there, else the defaults */
    const cli_list *sets;
} cli_trained_config;

SNAS_MUST_CHECK snas_status cli_trained_config_load(snas_arena *mem, const cli_trained_config *from, snas_config *out);

#endif
