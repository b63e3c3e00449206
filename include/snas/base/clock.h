/* clock.h -- time for people and logs; never for anything that decides a result. */
#ifndef SNAS_BASE_CLOCK_H
#define SNAS_BASE_CLOCK_H

#include <stddef.h>

/** Seconds since some fixed moment, monotonic. */
double snas_clock_seconds(void);

/** Seconds since 1970 began, UTC; steps back when somebody sets the clock back. */
double snas_clock_since_1970(void);

/** The UTC date and time as 2026-01-31T23:59:59Z into `to` (at least 21 bytes); returns `to`. */
const char *snas_clock_text(char *to, size_t capacity);

#endif
