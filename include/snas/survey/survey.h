/* survey.h -- checks a whole data set for faults, and measures its pixels and classes. */
#ifndef SNAS_SURVEY_SURVEY_H
#define SNAS_SURVEY_SURVEY_H

#include "snas/config/config.h"
#include "snas/tensor/team.h"

typedef struct {
    const char *const *items; /* [count] sentences */
    int count;
} snas_sentences;

/** What a check found. Everything in the arena or the data set's. */
typedef struct {
    const char *source; /* as the data set says it; NULL when it could not be opened */
    int train, test, classes;
    snas_sentences faults; /* what is wrong; in the same order for any number of threads */
    snas_sentences notes;  /* what is odd: equal pictures, one colour only, an empty class, a short file */
} snas_checked;

/** Read all of the data set that the config names, and go on after a fault. Fails only when it cannot go on (memory);
 *  what is wrong with the data is in out->faults. */
SNAS_MUST_CHECK snas_status snas_data_check(snas_arena *mem, const snas_config *config, snas_team team,
                                            snas_checked *out);

/** Statistics of a data set. Pixels are those of the training pictures, each at its own size, in 0..1. */
typedef struct {
    const char *source;
    int train, test, classes;
    const char *const *class_names;        /* [classes] */
    const int *class_train, *class_test;   /* [classes] pictures */
    int height[2], width[2];               /* smallest and largest of all pictures */
    double mean[3], deviation[3];          /* a channel; the deviation divides by the count */
    float used_mean[3], used_deviation[3]; /* what training would take: the config's, or the data set's own */
} snas_data_statistics;

/** Measure. Sums are whole numbers, so the figures are the same for any number of threads. Fails with the first picture
 *  that cannot be read. */
SNAS_MUST_CHECK snas_status snas_data_measure(snas_arena *mem, const snas_config *config, snas_team team,
                                              snas_data_statistics *out);

#endif
