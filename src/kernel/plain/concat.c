/* concat.c -- inputs side by side in the channels. The planner lets the inputs live inside the output, so nothing
 * moves.
 *
 *     y[h,w,(c_0, c_1, ...)]
 */
#include "plain.h"

static snas_status infer(const snas_window *w, const snas_shape *x, int inputs, snas_shape *y)
{
    (void)w;
    *y = x[0];
    for (int k = 1; k < inputs; k++) {
        if (x[k].h != y->h || x[k].w != y->w) {
            return snas_fail(SNAS_E_USAGE, "pictures of %d x %d and %d x %d cannot stand side by side", y->h, y->w,
                             x[k].h, x[k].w);
        }
        y->c += x[k].c;
    }
    return SNAS_OK;
}

const snas_operation SNAS_BUILT(snas_op_concat) = {
    .name = "concat", .brief = "inputs side by side in the channels", .infer = infer};
