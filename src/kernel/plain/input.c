/* input.c -- the pictures: copied from the batch into the slot where the network works.
 *
 *     y[h,w,c] = images[n][h,w,c]
 */
#include <string.h>

#include "plain.h"

static void forward(const snas_task *t, const snas_feed *feed, const snas_context *p)
{
    const int64_t size = (int64_t)t->y.h * t->y.w * t->y.c;
    const snas_real *from = (const snas_real *)feed->images + p->image * size;
    memcpy(view_picture(&t->y, p->slot), from, (size_t)size * sizeof *from);
}

const snas_operation SNAS_BUILT(snas_op_input) = {
    .name = "input", .brief = "the pictures", .infer = kernel_infer_same, .kernel = {.forward = forward}};
