/* bounds.h -- options of the form --budget NAME=N: whole numbers that bound what is named. */
#ifndef SNAS_CLI_BOUNDS_H
#define SNAS_CLI_BOUNDS_H

#include <stdint.h>

#include "command.h"

typedef struct {
    const char *option; /* "budget" */
    const char *const *names;
    const double *units; /* 1: a whole number; more: any number, times it rounded to a whole one; NULL: all 1 */
    int count;
} cli_bounds;

/** Take the values of a list option into most[count], which is 0 where a name is not given. SNAS_E_USAGE with a
 *  sentence on a fault. */
SNAS_MUST_CHECK snas_status cli_bounds_take(snas_arena *mem, const cli_bounds *bounds, const cli_list *list,
                                            int64_t *most);

#endif
