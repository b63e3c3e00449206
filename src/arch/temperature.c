/* temperature.c -- the schedules of tau, one row each, of the progress p in [0, 1].
 *
 *   linear       tau_0 + p (tau_1 - tau_0)
 *   exponential  tau_0 (tau_1 / tau_0)^p
 *   constant     tau_0
 */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "snas/arch/temperature.h"

static double linear(double first, double last, double progress)
{
    return progress < 1 ? first + progress * (last - first) : last;
}

static double exponential(double first, double last, double progress)
{
    assert(first > 0 && last > 0);
    return progress < 1 ? first * pow(last / first, progress) : last;
}

static double constant(double first, double last, double progress)
{
    (void)last;
    (void)progress;
    return first;
}

const snas_temperature snas_temperatures[] = {
    {.name = "linear", .brief = "equal differences from the first to the last value", .at = linear},
    {.name = "exponential", .brief = "equal ratios from the first to the last value", .at = exponential},
    {.name = "constant", .brief = "the first value throughout", .at = constant},
    {.name = NULL}};

const snas_temperature *snas_temperature_find(const char *name)
{
    for (const snas_temperature *row = snas_temperatures; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}
