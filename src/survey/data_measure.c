/* data_measure.c -- `snas data stats`: mean and deviation of the pixels, pictures a class, sizes.
 *
 *     mean[c]      = S1[c] / (255 n)
 *     deviation[c] = sqrt(S2[c]/n - (S1[c]/n)^2) / 255,    S1, S2 sums of bytes and of their squares, n pixels
 *
 * S1, S2 and n are whole numbers (2^63 holds the squares of 10^14 pixels), so the order of the sums does not matter; n
 * S2 and S1^2 are taken in long double, whose 64 bits keep the difference.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "picture_walk.h"
#include "snas/learn/flaw_report.h"
#include "snas/learn/streams.h"
#include "snas/survey/survey.h"

/* What a thread has seen. */
typedef struct {
    uint64_t pixels, sum[3], squares[3];
    int height[2], width[2];
    int failed; /* the first picture that it could not read; INT_MAX none */
    snas_fault fault;
} tally;

/* The range that holds both; one that is still empty changes nothing. */
static void join(int range[2], const int other[2])
{
    range[0] = other[0] < range[0] ? other[0] : range[0];
    range[1] = other[1] > range[1] ? other[1] : range[1];
}

static void count_picture(void *context, int thread, int i, snas_status status, const snas_picture *picture)
{
    tally *t = (tally *)context + thread;
    if (status != SNAS_OK) {
        if (i < t->failed) {
            t->failed = i;
            snas_fault_keep(&t->fault, status);
        }
        return;
    }
    const size_t pixels = (size_t)picture->height * (size_t)picture->width;
    for (size_t p = 0; p < pixels; p++) {
        for (int c = 0; c < 3; c++) {
            const uint64_t byte = picture->pixels[3 * p + (size_t)c];
            t->sum[c] += byte;
            t->squares[c] += byte * byte;
        }
    }
    t->pixels += pixels;
    join(t->height, (int[2]){picture->height, picture->height});
    join(t->width, (int[2]){picture->width, picture->width});
}

/* The whole of a part in `out`. */
static snas_status walk_part(snas_arena *scratch, snas_team team, const snas_pictures *pictures, tally *out)
{
    tally *tallies;
    SNAS_NEW(scratch, tallies, team.threads);
    for (int i = 0; i < team.threads; i++) {
        tallies[i].failed = INT_MAX;
        tallies[i].height[0] = tallies[i].width[0] = INT_MAX;
    }
    SNAS_TRY(survey_picture_walk(scratch, team, pictures, count_picture, tallies));
    *out = (tally){.failed = INT_MAX, .height = {INT_MAX, 0}, .width = {INT_MAX, 0}};
    for (int i = 0; i < team.threads; i++) {
        const tally *t = &tallies[i];
        if (t->failed < out->failed) {
            out->failed = t->failed;
            out->fault = t->fault;
        }
        for (int c = 0; c < 3; c++) {
            out->sum[c] += t->sum[c];
            out->squares[c] += t->squares[c];
        }
        out->pixels += t->pixels;
        join(out->height, t->height);
        join(out->width, t->width);
    }
    return snas_fault_again(&out->fault);
}

static snas_status count_classes(snas_arena *mem, int classes, const snas_pictures *pictures, const int **out)
{
    int *counts;
    SNAS_NEW(mem, counts, classes);
    for (int i = 0; i < pictures->count; i++) {
        counts[pictures->labels[i]]++;
    }
    *out = counts;
    return SNAS_OK;
}

snas_status snas_data_measure(snas_arena *mem, const snas_config *config, snas_team team, snas_data_statistics *out)
{
    snas_dataset set;
    tally train, test;
    SNAS_TRY(snas_streams_open(mem, config, config->search.side, &set));
    SNAS_TRY(walk_part(mem, team, &set.train, &train));
    SNAS_TRY(walk_part(mem, team, &set.test, &test));
    snas_flaws_warn(&set.train);
    snas_flaws_warn(&set.test);
    *out = (snas_data_statistics){.source = set.source,
                                  .train = set.train.count,
                                  .test = set.test.count,
                                  .classes = set.classes,
                                  .class_names = set.class_names};
    SNAS_TRY(count_classes(mem, set.classes, &set.train, &out->class_train));
    SNAS_TRY(count_classes(mem, set.classes, &set.test, &out->class_test));
    const long double n = train.pixels > 0 ? (long double)train.pixels : 1.0L;
    for (int c = 0; c < 3; c++) {
        const long double sum = (long double)train.sum[c], squares = (long double)train.squares[c];
        out->mean[c] = (double)(sum / n / 255.0L);
        out->deviation[c] = (double)(sqrtl(fmaxl(n * squares - sum * sum, 0.0L)) / n / 255.0L);
    }
    join(train.height, test.height);
    join(train.width, test.width);
    memcpy(out->height, train.height, sizeof out->height);
    memcpy(out->width, train.width, sizeof out->width);
    memcpy(out->used_mean, set.mean, sizeof set.mean);
    memcpy(out->used_deviation, set.deviation, sizeof set.deviation);
    return SNAS_OK;
}
