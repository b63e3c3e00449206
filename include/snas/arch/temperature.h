/* temperature.h -- how tau goes from its first to its last value; a row for each schedule. */
#ifndef SNAS_ARCH_TEMPERATURE_H
#define SNAS_ARCH_TEMPERATURE_H

#include <stdint.h>

typedef struct {
    const char *name; /* "linear", "exponential", "constant" */
    const char *brief;
    /** tau at `progress` in [0, 1]. */
    double (*at)(double first, double last, double progress);
} snas_temperature;

/** All schedules; ends with name NULL. */
extern const snas_temperature snas_temperatures[];
const snas_temperature *snas_temperature_find(const char *name);

#endif
