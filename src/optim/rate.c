/* rate.c -- learning rates over a run: from `first` to `last` while p = done / all goes from 0 to 1.
 *
 *     cosine       last + (first - last) * (1 + cos(pi p)) / 2       (CosineAnnealingLR, a value an epoch)
 *     linear       first + (last - first) * p
 *     exponential  first * (last / first)^p                          (ExponentialLR; first > 0, last >= 0)
 *     constant     first
 *     step         first * factor^floor(done / every)                (StepLR)
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "snas/optim/optim.h"

static const double PI = 3.14159265358979323846;

static double cosine(const snas_rate *rate, double done, double all)
{
    return rate->last + (rate->first - rate->last) * (1.0 + cos(PI * (done / all))) / 2.0;
}

static double linear(const snas_rate *rate, double done, double all)
{
    return rate->first + (rate->last - rate->first) * (done / all);
}

static double exponential(const snas_rate *rate, double done, double all)
{
    return rate->first > 0.0 ? rate->first * pow(rate->last / rate->first, done / all) : 0.0;
}

static double constant(const snas_rate *rate, double done, double all)
{
    (void)done;
    (void)all;
    return rate->first;
}

static double step(const snas_rate *rate, double done, double all)
{
    (void)all;
    return rate->first * pow(rate->factor, floor(done / rate->every));
}

const snas_rate_schedule snas_rate_schedules[] = {
    {"cosine", "half a cosine wave from the first rate to the last", cosine},
    {"constant", "the first rate throughout", constant},
    {"linear", "a straight line from the first rate to the last", linear},
    {"exponential", "the same factor every epoch, from the first rate to the last", exponential},
    {"step", "the first rate, multiplied by a factor every so many epochs", step},
    {NULL, NULL, NULL},
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
