/* trajectory.c -- several training steps of a case: how far the losses go from those of PyTorch in double precision.
 *
 *     step t:  loss, gradients;  weights <- SGD(clip(g)) at the rate of t / T;  logits <- Adam(clip(g))
 *     gap(t) = |loss(t) - loss64(t)|,    own(t) = |loss32(t) - loss64(t)|
 *     pass:  max gap <= max(3 max own, 1e-6);   in double precision 1e-6
 *
 * Rounding differs between any two programs and training multiplies it, so PyTorch's own single precision is the
 * measure.
 */
#include "trajectory.h"

#include <math.h>

static const double TIMES_OWN = 3.0;
static const double LEAST = 1e-6; /* some roundings of a loss near 2; and all that double precision is allowed */

/* The losses of a tensor [T]. */
static snas_status losses(snas_arena *mem, const verify_case *c, const char *name, const double **out)
{
    return verify_case_tensor(mem, c, name, c->steps, out);
}

/* The losses of all steps, each before its own update; after one that is not finite, not numbers. */
static snas_status train(verify_run *run, double *loss)
{
    snas_status status = SNAS_OK;
    for (int t = 0; t < run->c->steps; t++) {
        loss[t] = (double)NAN;
        if (status == SNAS_OK) {
            status = verify_run_step(run, t);
            loss[t] = run->loss;
        }
    }
    return status == SNAS_E_NUMERIC ? SNAS_OK : status;
}

/* Gaps, what is allowed of them, and the first that is beyond it; a NaN is. */
static void judge(snas_trajectory *out, bool f64)
{
    for (int t = 0; t < out->steps; t++) {
        out->largest = fmax(out->largest, isnan(out->gap[t]) ? HUGE_VAL : out->gap[t]);
        out->largest_own = isfinite(out->own[t]) ? fmax(out->largest_own, out->own[t]) : out->largest_own;
    }
    out->allowed = f64 ? LEAST : fmax(TIMES_OWN * out->largest_own, LEAST);
    out->offender = -1;
    for (int t = out->steps - 1; t >= 0; t--) {
        out->offender = out->gap[t] <= out->allowed ? out->offender : t;
    }
}

snas_status trajectory_run(snas_arena *mem, verify_run *run, const snas_verify_options *options, snas_verified *out)
{
    const verify_case *c = run->c;
    const double *truth, *single;
    double *loss, *gap, *own;
    snas_trajectory *trajectory;
    SNAS_TRY(losses(mem, c, "expect.losses", &truth));
    SNAS_TRY(losses(mem, c, "expect.losses_float32", &single));
    SNAS_NEW(mem, loss, c->steps);
    SNAS_NEW(mem, gap, c->steps);
    SNAS_NEW(mem, own, c->steps);
    SNAS_NEW(mem, trajectory, 1);
    SNAS_TRY(train(run, loss));
    for (int t = 0; t < c->steps; t++) {
        gap[t] = fabs(loss[t] - truth[t]);
        own[t] = fabs(single[t] - truth[t]);
    }
    *trajectory = (snas_trajectory){.steps = c->steps, .loss = loss, .gap = gap, .own = own};
    judge(trajectory, options->f64);
    out->trajectory = trajectory;
    out->pass = trajectory->offender < 0;
    return SNAS_OK;
}
