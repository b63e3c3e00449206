/* gradient_norm.c -- the L2 norm of a gradient and the factor that clips it.
 *
 *     |g| = sqrt(sum g[i]^2),    factor = min(1, limit / (|g| + 1e-6))      (torch.nn.utils.clip_grad_norm_)
 *
 * The sum is in double, over fixed units of UNIT elements and then over the units in order; within a unit over LANES
 * sums side by side, an order that the compiler can vectorise and that no number of threads changes.
 */
#include <assert.h>
#include <math.h>

#include "snas/optim/optim.h"

enum { UNIT = 65536, LANES = 8, UNITS_AT_ONCE = 256 }; /* 256 sums stand on the stack, 16 M elements */
static const double CLIP_EPS = 1e-6;

#define snas_real float
#define norm_job norm_job_f32
#define sum_unit sum_unit_f32
#define snas_norm snas_norm_f32
#include "gradient_norm_body.h"

#define snas_real double
#define norm_job norm_job_f64
#define sum_unit sum_unit_f64
#define snas_norm snas_norm_f64
#include "gradient_norm_body.h"

double snas_clip_factor(double norm, double limit)
{
    if (limit <= 0.0) {
        return 1.0;
    }
    const double factor = limit / (norm + CLIP_EPS);
    return factor < 1.0 ? factor : 1.0;
}
