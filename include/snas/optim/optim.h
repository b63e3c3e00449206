/* optim.h -- what moves parameters: SGD, Adam, clipping, learning-rate schedules.
 *
 * Parameters are one flat vector, so an optimiser is a loop. Equations and defaults are PyTorch's. The weights' SGD runs
 * on shards in fixed order, so its result does not depend on the number of threads.
 */
#ifndef SNAS_OPTIM_OPTIM_H
#define SNAS_OPTIM_OPTIM_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/tensor/team.h"

/** SGD: d = g*scale + decay*w;  m = momentum*m + d (first step: m = d, same as m starting at 0);  w -= rate*(nesterov ? d + momentum*m : m). */
typedef struct {
    double rate, momentum, decay;
    bool nesterov;
} snas_sgd;

/** w, m, g: [count]. `scale` multiplies the gradient (clipping). decays[i] false exempts a range from decay, see
 *  snas_sgd_range; NULL ranges decay everything. */
typedef struct {
    int64_t first, count;
    bool decays;
} snas_sgd_range;
void snas_sgd_step_f32(const snas_team *team, const snas_sgd *sgd, int64_t count, float *w, float *m, const float *g,
                       double scale, const snas_sgd_range *ranges, int range_count);
void snas_sgd_step_f64(const snas_team *team, const snas_sgd *sgd, int64_t count, double *w, double *m, const double *g,
                       double scale, const snas_sgd_range *ranges, int range_count);

/** Adam with L2 decay added to the gradient, as torch.optim.Adam; `step` counts from 1. */
typedef struct {
    double rate, beta1, beta2, eps, decay;
} snas_adam;
void snas_adam_step(const snas_adam *adam, int64_t step, int64_t count, double *w, double *m, double *v, const double *g,
                    double scale);

/** L2 norm, summed in double over fixed shards in fixed order. */
double snas_norm_f32(const snas_team *team, int64_t count, const float *g);
double snas_norm_f64(const snas_team *team, int64_t count, const double *g);

/** torch.nn.utils.clip_grad_norm_: factor min(1, limit / (norm + 1e-6)); limit 0 never clips. */
double snas_clip_factor(double norm, double limit);

/** A learning-rate schedule: one row. `progress` = finished epochs / epochs, in [0, 1]. */
typedef struct {
    const char *name; /* "cosine", "constant", "linear", "exponential" */
    const char *brief;
    double (*at)(double first, double last, double progress);
} snas_rate_schedule;
extern const snas_rate_schedule snas_rate_schedules[]; /* ends with name NULL */
const snas_rate_schedule *snas_rate_schedule_find(const char *name);

#endif
