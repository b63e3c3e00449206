/* step.h -- input of a training step: a minibatch, and its place in the run. */
#ifndef SNAS_LEARN_STEP_H
#define SNAS_LEARN_STEP_H

#include <stdint.h>

#include "snas/base/status.h"

/** One minibatch and its place in the run. Every schedule and every random number of the step follows from it. */
typedef struct {
    uint64_t seed;
    int64_t epoch;       /* finished epochs */
    int64_t step;        /* finished steps of this epoch */
    int64_t global_step; /* finished steps of the run */
    int count;           /* pictures */
    const void *images;  /* [count][side][side][3] in the network's number type */
    const int *labels;   /* [count] */
} snas_step_input;

/** SNAS_E_NUMERIC, with step, loss and norm in the sentence, unless both are finite. */
SNAS_MUST_CHECK snas_status snas_step_check_finite(const snas_step_input *input, double loss, double norm);

#endif
