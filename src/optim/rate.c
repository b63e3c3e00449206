/* rate.c -- learning rates over a run: from `first` to `last` while `progress` p goes from 0 to 1.
 *
 *     cosine       last + (first - last) * (1 + cos(pi p)) / 2       (CosineAnnealingLR, a value an epoch)
 *     linear       first + (last - first) * p
 *     exponential  first * (last / first)^p                          (ExponentialLR; first > 0, last >= 0)
 *     constant     first
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "snas/optim/optim.h"

static const double PI = 3.14159265358979323846;

static double cosine(double first, double last, double progress)
{
    return last + (first - last) * (1.0 + cos(PI * progress)) / 2.0;
}

static double linear(double first, double last, double progress)
{
    return first + (last - first) * progress;
}

static double exponential(double first, double last, double progress)
{
    return first > 0.0 ? first * pow(last / first, progress) : 0.0;
}

static double constant(double first, double last, double progress)
{
    (void)last;
    (void)progress;
    return first;
}

const snas_rate_schedule snas_rate_schedules[] = {
    {"cosine",      "half a cosine wave from the first rate to the last",           cosine     },
    {"constant",    "the first rate throughout",                                    constant   },
    {"linear",      "a straight line from the first rate to the last",              linear     },
    {"exponential", "the same factor every epoch, from the first rate to the last", exponential},
    {NULL,          NULL,                                                           NULL       },
};

const snas_rate_schedule *snas_rate_schedule_find(const char *name)
{
    for (const snas_rate_schedule *row = snas_rate_schedules; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}
