/* step.c -- a step whose numbers are no longer finite ends the run. */
#include "snas/learn/step.h"

#include <inttypes.h>
#include <math.h>

snas_status snas_step_check_finite(const snas_step_input *input, double loss, double norm)
{
    if (isfinite(loss) && isfinite(norm)) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_NUMERIC,
                     "the run diverged at step %" PRId64 " (epoch %" PRId64 "): loss %g, gradient norm %g; a lower "
                     "learning rate may help",
                     input->global_step, input->epoch, loss, norm);
}
