/* rate_rule.c -- the logits' learning rate where the config leaves it open: search.logits.rate null.
 *
 *      rate = c / sqrt(T),     T the steps that move logits
 *
 * Adam moves a logit by about the rate a step, whatever the size of its gradient. Where the gradients of two steps have
 * nothing in common these moves are a random walk, of sqrt(T) rate = c at its end: so noise moves a logit equally far
 * in a short search and in a long one. Where they agree a logit moves by up to T rate = c sqrt(T). The published 3e-4
 * over 117,000 steps is c = 0.1.
 */
#include "rate_rule.h"

#include <math.h>

/* By trials of 2,300 to 3,100 steps in the space `nas-bench-201` (docs/results.md): a quarter of it leaves the cell
 * undecided for long, in which the supernet comes to prefer the largest cell. */
static const double RATE_TIMES_ROOT = 1.0;

double search_logit_rate(const snas_search_config *settings, int64_t steps_per_epoch)
{
    const int64_t epochs = settings->epochs - settings->logit_warmup;
    if (!isnan(settings->adam.rate)) {
        return settings->adam.rate;
    }
    const double steps = (double)(epochs > 0 ? epochs : 1) * (double)steps_per_epoch;
    return RATE_TIMES_ROOT / sqrt(steps);
}
