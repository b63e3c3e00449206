/* finite.c -- whether all that an operation has written for a picture is finite.
 *
 * An overflow may not reach the logits: a rectifier makes 0 of minus infinity. So the output is looked at as it was
 * written, and as who reads it sees it, through the batch norm that is folded into its readers:
 *
 *      y = scale (u - centre) + shift
 */
#include "plain.h"

/* Of infinity and of NaN x - x is not 0. */
static bool are_finite(const snas_real *x, int count)
{
    int wrong = 0;
    for (int c = 0; c < count; c++) {
        wrong |= x[c] - x[c] != 0;
    }
    return wrong == 0;
}

static bool are_finite_normalised(const snas_norm *norm, int first, const snas_real *x, int count)
{
    const snas_real *scale = (const snas_real *)norm->scale + first;
    const snas_real *shift = (const snas_real *)norm->shift + first;
    const snas_real *centre = (const snas_real *)norm->centre + first;
    int wrong = 0;
    for (int c = 0; c < count; c++) {
        const snas_real y = scale[c] * (x[c] - centre[c]) + shift[c];
        wrong |= y - y != 0;
    }
    return wrong == 0;
}

bool SNAS_BUILT(snas_output_finite)(const snas_task *t, const snas_norm *folded, int slot)
{
    const snas_view *v = &t->y;
    bool finite = true;
    for (int c = 0; v->data != NULL && c < v->c; c += v->block) {
        const snas_real *x = view_block(v, slot, c);
        for (int i = 0; finite && i < v->h * v->w; i++, x += v->ld) {
            finite = are_finite(x, v->block) &&
                     (folded == NULL || are_finite_normalised(folded, t->norm_first + c, x, v->block));
        }
    }
    return finite;
}
