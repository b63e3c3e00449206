/* optim.h -- SGD, Adam, gradient clipping, learning-rate schedules.
 *
 * Parameters are one flat vector, so an optimiser is a loop over it; its state (momentum, moments) belongs to the
 * caller and starts at 0. Equations and defaults are PyTorch's. The work is cut into fixed ranges, so a result does not
 * depend on the number of threads. Nothing here allocates or fails.
 */
#ifndef SNAS_OPTIM_OPTIM_H
#define SNAS_OPTIM_OPTIM_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/tensor/team.h"

/** Elements first..first+count-1 of the vector, and how they are treated. */
typedef struct {
    int64_t first, count;
    bool decays; /* weight decay applies */
    bool frozen; /* neither they nor their momentum move */
    double pace; /* their learning rate, as a multiple of the others' */
} snas_sgd_range;

typedef struct {
    double rate;     /* learning rate, >= 0 */
    double momentum; /* in [0, 1) */
    double decay;    /* L2 decay added to the gradient, >= 0 */
    bool nesterov;
    /** [range_count], ascending, disjoint; elements in none of them are not frozen, decay, and have pace 1. NULL: all
     *  elements. */
    const snas_sgd_range *ranges;
    int range_count;
} snas_sgd;

/** What a step of SGD moves, [count]: w, m in and out, parameters and momentum (m starts at 0, which is PyTorch's first
 *  step); g in, the gradient. */
typedef struct {
    int64_t count;
    float *w, *m;
    const float *g;
} snas_sgd_vectors_f32;
typedef struct {
    int64_t count;
    double *w, *m;
    const double *g;
} snas_sgd_vectors_f64;

/** One step of SGD; `scale` multiplies the gradient (clipping, averaging):
 *
 *      d = scale*g + decay*w,   m <- momentum*m + d,   w <- w - rate*(nesterov ? d + momentum*m : m)
 *
 *  The f32 form computes in float. Source: torch.optim.SGD, dampening 0. Never fails. */
void snas_sgd_step_f32(const snas_team *team, const snas_sgd *sgd, const snas_sgd_vectors_f32 *vectors, double scale);
void snas_sgd_step_f64(const snas_team *team, const snas_sgd *sgd, const snas_sgd_vectors_f64 *vectors, double scale);

/** Adam with L2 decay added to the gradient, as torch.optim.Adam. */
typedef struct {
    double rate, beta1, beta2, eps, decay; /* PyTorch's defaults: 1e-3, 0.9, 0.999, 1e-8, 0 */
} snas_adam;

/** What a step of Adam moves, [count]: w, m, v in and out, parameters and both moments (which start at 0); g in. */
typedef struct {
    int64_t count;
    double *w, *m, *v;
    const double *g;
} snas_adam_vectors;

/** One step; `step` counts from 1 (asserted), `scale` multiplies the gradient. */
void snas_adam_step(const snas_adam *adam, int64_t step, const snas_adam_vectors *vectors, double scale);

/** L2 norm of g [count], summed in double over fixed ranges in fixed order; NaN or infinite when an element is. */
double snas_norm_f32(const snas_team *team, int64_t count, const float *g);
double snas_norm_f64(const snas_team *team, int64_t count, const double *g);

/** torch.nn.utils.clip_grad_norm_: factor min(1, limit / (norm + 1e-6)); limit 0 never clips; a NaN norm gives 1. */
double snas_clip_factor(double norm, double limit);

/** to[i] <- keep * to[i] + share * from[i], [count]: a running average, a weighted sum; in the vectors' type. */
void snas_blend_f32(const snas_team *team, int64_t count, double keep, float *to, double share, const float *from);
void snas_blend_f64(const snas_team *team, int64_t count, double keep, double *to, double share, const double *from);

/** The numbers of a learning-rate schedule; a schedule reads those that it needs. */
typedef struct {
    double first, last; /* rates of the first epoch, and after the last one */
    double factor;      /* step: what the rate is multiplied by ... */
    int every;          /* ... after every so many epochs, at least 1 */
} snas_rate;

/** A learning-rate schedule: one row. `done` epochs of `all` are finished, done in [0, all]. */
typedef struct {
    const char *name; /* "cosine", "constant", "linear", "exponential", "step" */
    const char *brief;
    double (*at)(const snas_rate *rate, double done, double all);
} snas_rate_schedule;
extern const snas_rate_schedule snas_rate_schedules[];               /* ends with name NULL */
const snas_rate_schedule *snas_rate_schedule_find(const char *name); /* NULL when there is none */

#endif
