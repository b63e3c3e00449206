/* clock.c -- monotonic seconds, and the date as seconds and as text. */
#include "snas/base/clock.h"

#include <assert.h>
#include <time.h>

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double snas_clock_seconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double snas_clock_since_1970(void)
{
    return read_clock(CLOCK_REALTIME);
}

const char *snas_clock_text(char *to, size_t capacity)
{
    assert(capacity >= sizeof "2026-01-31T23:59:59Z");
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    if (strftime(to, capacity, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        to[0] = '\0';
    }
    return to;
}
