/* verify_step.h -- the steps of a case, taken by the very functions of `snas search` and `snas train`. */
#ifndef SNAS_JUDGE_VERIFY_STEP_H
#define SNAS_JUDGE_VERIFY_STEP_H

#include "snas/judge/verify.h"
#include "snas/search/search_step.h"
#include "snas/train/train_step.h"
#include "verify_case.h"

typedef struct {
    const verify_case *c;
    snas_network *network;
    const void *images;       /* [T][N][S][S][3] in the network's number type */
    const void *logit_images; /* likewise, of the logits' pictures; NULL: none */
    snas_searcher searcher;   /* supernet */
    snas_trainer trainer;     /* child */
    /* of the last step: */
    double loss, penalty;
} verify_run;

/** The case's network with its weights and logits, and what moves them; borrows the case. SNAS_E_DATA when there is no
 *  such network, SNAS_E_IO when a parameter is missing or misshapen. */
SNAS_MUST_CHECK snas_status verify_run_create(snas_arena *mem, const verify_case *c, const snas_verify_options *options,
                                              verify_run *out);

/** Step `t` (from 0) of the search or the training; a case of one step has learning rates of 0. The gradients stay in
 *  the network and in searcher.distribution. SNAS_E_NUMERIC when a number is not finite: nothing has moved. */
SNAS_MUST_CHECK snas_status verify_run_step(verify_run *run, int t);

#endif
