/* verify_step.h -- the steps of a case, run here. */
#ifndef SNAS_JUDGE_VERIFY_STEP_H
#define SNAS_JUDGE_VERIFY_STEP_H

#include "snas/judge/verify.h"
#include "snas/model/network.h"
#include "verify_case.h"

typedef struct {
    verify_case *c;
    snas_network *network; /* its weights, and the case's logits, are the caller's to move */
    const void *images;    /* [T][N][S][S][3] in the network's number type */
    int *row_of_cell;      /* [L] */
    snas_cost_table costs; /* supernet */
    double *dz, *dR;       /* supernet: [2][E][K] */
    /* of the last step: */
    double loss, penalty;
    double *d_log_alpha; /* supernet: [2][E][K] */
} verify_run;

/** The case's network with its weights, and room for what a step makes; borrows the case. SNAS_E_DATA when there is no
 *  such network, SNAS_E_IO when a parameter is missing or misshapen. */
SNAS_MUST_CHECK snas_status verify_run_create(snas_arena *mem, verify_case *c, const snas_verify_options *options,
                                              verify_run *out);

/** Step `t` (from 0), forward and backward: draw, loss, penalty, gradients of the weights and of the logits. Moves
 *  nothing but running statistics. Does not allocate. */
void verify_run_step(verify_run *run, int t);

#endif
