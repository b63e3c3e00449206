/* verify_moves.c -- how the step has moved weights, momentum, logits and what the estimator keeps.
 *
 *     change.NAME     what the step has added to NAME: a weight's, TYPE_log_alpha, estimator_state
 *     momentum.NAME   the momentum after the step
 *
 * Compared where the case has them. Of a small step the change is the sharper number: the weights hide it.
 */
#include "snas/base/text.h"
#include "verify_compare.h"

/* now - before, beside the case's change.NAME, if it has one; `before` NULL: 0. */
static snas_status add_change(const verify_comparison *k, const char *name, const double *now, const double *before,
                              int64_t count, verify_squares *to)
{
    const double *wanted;
    double *change;
    SNAS_TRY(verify_wanted(k, "change.", name, count, true, &wanted));
    if (wanted == NULL) {
        return SNAS_OK;
    }
    SNAS_NEW(k->mem, change, count);
    for (int64_t i = 0; i < count; i++) {
        change[i] = now[i] - (before == NULL ? 0.0 : before[i]);
    }
    verify_add(to, verify_compare(change, wanted, count));
    return SNAS_OK;
}

static snas_status compare_weights(const verify_comparison *k)
{
    const snas_network *network = k->run->network;
    const int64_t weights = snas_network_weight_count(network);
    const double *now, *momentum, *before, *wanted;
    verify_squares change = {0}, inertia = {0};
    SNAS_TRY(verify_widen(k, snas_network_weights(k->run->network), weights, &now));
    SNAS_TRY(verify_widen(k, k->run->searcher.descent.momentum, weights, &momentum));
    for (int i = 0; i < snas_network_parameter_count(network); i++) {
        const snas_parameter *p = snas_network_parameter(network, i);
        SNAS_TRY(verify_case_tensor(k->mem, k->c, p->name, p->count, &before));
        SNAS_TRY(add_change(k, p->name, now + p->first, before, p->count, &change));
        SNAS_TRY(verify_wanted(k, "momentum.", p->name, p->count, true, &wanted));
        if (wanted != NULL) {
            verify_add(&inertia, verify_compare(momentum + p->first, wanted, p->count));
        }
    }
    verify_set(k, SNAS_MEASURE_CHANGE, verify_relative(change, 0));
    verify_set(k, SNAS_MEASURE_MOMENTUM, verify_relative(inertia, 0));
    return SNAS_OK;
}

static snas_status compare_logits(const verify_comparison *k)
{
    const snas_distribution *d = &k->run->searcher.distribution;
    const int64_t row = (int64_t)k->c->logits.edges * k->c->logits.candidates;
    const int states = k->c->search.estimator->state_count;
    const double *before = NULL;
    verify_squares change = {0};
    for (int type = 0; type < k->c->logits.types; type++) {
        const char *name = snas_format(k->mem, "%s_log_alpha", k->c->search.space->type_names[type]);
        SNAS_TRY(snas_taken(name));
        SNAS_TRY(
            add_change(k, name, d->logits.log_alpha + type * row, k->c->logits.log_alpha + type * row, row, &change));
    }
    if (states > 0) {
        SNAS_TRY(verify_wanted(k, "input.", "estimator_state", states, true, &before));
        SNAS_TRY(add_change(k, "estimator_state", d->state, before, states, &change));
    }
    verify_set(k, SNAS_MEASURE_LOGIT_CHANGE, verify_relative(change, 0));
    return SNAS_OK;
}

snas_status verify_compare_moves(const verify_comparison *k)
{
    if (!k->c->supernet) {
        return SNAS_OK;
    }
    SNAS_TRY(compare_weights(k));
    return compare_logits(k);
}
