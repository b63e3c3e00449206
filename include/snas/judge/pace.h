/* pace.h -- how long a search or a training takes, from a few steps of it that leave nothing behind. */
#ifndef SNAS_JUDGE_PACE_H
#define SNAS_JUDGE_PACE_H

#include "snas/judge/estimate.h"

/** Seconds. The whole run takes epochs * epoch + end. */
typedef struct {
    bool known;   /* false: it would not fit into memory beside what else is there */
    double step;  /* a training step, the mean over the run */
    double epoch; /* its steps, and its mean share of judging */
    double end;   /* after the last epoch */
} snas_pace;

/** Take steps of a search (`genotype` NULL) or of a training, in memory of their own, and batches of its evaluations.
 *  `estimate` is what the dry run has said of it. Steps are those at the first temperature. */
SNAS_MUST_CHECK snas_status snas_pace_measure(const snas_config *config, const snas_genotype *genotype,
                                              const snas_run_options *options, const snas_estimate *estimate,
                                              snas_pace *out);

/** Hours of the run by its config. */
double snas_pace_hours(const snas_pace *pace, int epochs);

/** Epochs that fit into hours, at least 1 and at most `most`. */
int snas_pace_epochs(const snas_pace *pace, double hours, int most);

#endif
