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
                     "the loss of step %" PRId64 " is %g and its gradient's norm %g, where finite numbers are wanted",
                     input->global_step, loss, norm);
}
