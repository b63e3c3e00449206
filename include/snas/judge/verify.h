/* verify.h -- compares training steps with a case that PyTorch has computed in double precision.
 *
 * A case is a safetensors file: the parameters of a network by their PyTorch names, input.images [N,3,S,S],
 * input.labels [N], for a supernet the noise input.gumbel_normal and input.gumbel_reduce [E,K], and what follows from
 * them: input.z_normal and input.z_reduce, expect.logits, .loss, .penalty, grad.NAME = d (loss + lambda R) / d NAME
 * (missing: zero) and after.NAME, the running statistics after the step; change.NAME and momentum.NAME where it says
 * how the step has moved weights and logits. Its metadata hold two JSON texts: `config`,
 * what network and step it is, and `float32_error`, PyTorch's own error in single precision.
 *
 * A case whose config has `steps` is a trajectory of T training steps. Its inputs have a leading dimension T; instead
 * of what follows from a step it has expect.losses [T], the losses in double precision, and expect.losses_float32 [T],
 * PyTorch's in single; its config has the optimisers' settings. docs/formats.md has both formats in full.
 */
#ifndef SNAS_JUDGE_VERIFY_H
#define SNAS_JUDGE_VERIFY_H

#include <stdbool.h>

#include "snas/base/arena.h"
#include "snas/tensor/team.h"

/** What is compared. All errors are relative L2, |a - b| / |b|, b the case's; a gradient tensor's is
 *  |a - b| / (|b| + 1e-5 * the largest norm of a gradient tensor of the case). */
typedef enum {
    SNAS_MEASURE_LOGITS,
    SNAS_MEASURE_LOSS,
    SNAS_MEASURE_PENALTY,     /* R, before lambda; 0 for a child */
    SNAS_MEASURE_Z,           /* both relaxed samples as one vector; 0 for a child */
    SNAS_MEASURE_GRAD_MEDIAN, /* over the gradient tensors */
    SNAS_MEASURE_GRAD_MAX,    /* in single precision not judged: a relu's kink moves it in any program */
    SNAS_MEASURE_GRAD_ALL,    /* all gradients as one vector */
    SNAS_MEASURE_ALPHA,       /* gradients of the logits as one vector; in single precision not judged on its own */
    SNAS_MEASURE_RUNNING,     /* all running statistics as one vector */
    SNAS_MEASURE_CHANGE,      /* what the step has added to the weights, as one vector; 0 where the case does not say */
    SNAS_MEASURE_MOMENTUM,    /* momentum after the step, likewise */
    SNAS_MEASURE_LOGIT_CHANGE, /* what it has added to the logits and the estimator's state; as the logits' gradient */
    SNAS_MEASURE_COUNT
} snas_measure;

typedef struct {
    const char *name;  /* "grad_median" */
    const char *brief; /* "gradients, median" */
    double error;
    double own;     /* PyTorch's single-precision error from the case; NaN: the case has none */
    double allowed; /* infinite: not judged */
    bool pass;      /* error <= allowed; a NaN does not pass */
} snas_verify_error;

/** The losses of a trajectory, each before its step's update. */
typedef struct {
    int steps;               /* T */
    const double *loss;      /* [T] */
    const double *gap, *own; /* [T]: |loss - loss64| here, and PyTorch's in single precision */
    double largest, largest_own;
    double allowed; /* of the largest gap: 3 times PyTorch's, at least 1e-6; in double precision 1e-6 */
    int offender;   /* first step (from 0) whose gap is beyond that, -1: none */
} snas_trajectory;

typedef struct {
    const snas_trajectory *trajectory; /* NULL: a case of one step. Else there are no measures */
    snas_verify_error measures[SNAS_MEASURE_COUNT];
    const char *worst;   /* name of the gradient tensor of the largest error */
    const char *kernels; /* "plain", "avx2", ... */
    bool supernet, pass;
} snas_verified;

typedef struct {
    snas_team team;
    bool f64;            /* plain kernels in double precision: every measure within 1e-9, losses 1e-6 */
    const char *kernels; /* NULL: the best; see network.h */
} snas_verify_options;

/** Read the case, run its step or steps, compare. A disagreement is not a fault: it is in out->pass. SNAS_E_IO: the
 *  file, or a tensor that is missing, misshapen or of a wrong type; SNAS_E_DATA: a config that lacks a key or holds an
 *  impossible value. */
SNAS_MUST_CHECK snas_status snas_verify(snas_arena *mem, const char *path, const snas_verify_options *options,
                                        snas_verified *out);

#endif
