/* stop.c -- when a search ends before its last epoch: search.stop.
 *
 *      entropy     mean over all edges of all cell types of H(softmax(log a)) below the bound
 *      unchanged   the likeliest candidate of every edge as it was, at the ends of so many epochs in a row
 *      skips       more identities than that among the genes of a cell: a warning every epoch, or the end
 *
 * Epochs in which the logits rest do not count. What is compared stands in the checkpoint, all else in the
 * logits.
 */
#include "stop.h"

#include <inttypes.h>

#include "snas/base/text.h"

struct search_stop {
    int64_t unchanged; /* epochs in a row that have left `chosen` as it was */
    int64_t *chosen;   /* [T][E]: likeliest candidate; all 0 before the first epoch that counts */
    int64_t noted;     /* epochs that count so far */
};

snas_status search_stop_create(snas_loop *loop)
{
    search_state *search = loop->context;
    const snas_logits *logits = &search->searcher.distribution.logits;
    search_stop *s;
    SNAS_NEW(loop->mem, s, 1);
    SNAS_NEW(loop->mem, s->chosen, logits->types * logits->edges);
    search->stop = s;
    const snas_checkpoint_row rows[] = {
        {.name = "stop.unchanged", .dtype = SNAS_I64, .data = &s->unchanged, .optional = true},
        {.name = "stop.noted", .dtype = SNAS_I64, .data = &s->noted, .optional = true},
        {.name = "stop.chosen",
         .dtype = SNAS_I64,
         .dims = 2,
         .shape = {logits->types, logits->edges},
         .data = s->chosen,
         .optional = true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_checkpoint_add(&loop->checkpoint, rows[i]);
    }
    return SNAS_OK;
}

/* The likeliest candidates become `chosen`; were they it? */
static bool choose(search_stop *s, const snas_logits *logits, const double *p)
{
    const int K = logits->candidates;
    bool same = s->noted > 0;
    for (int e = 0; e < logits->types * logits->edges; e++) {
        int best = 0;
        for (int k = 1; k < K; k++) {
            best = p[e * K + k] > p[e * K + best] ? k : best;
        }
        same = same && s->chosen[e] == best;
        s->chosen[e] = best;
    }
    return same;
}

/* The first cell type with more skips than the rule allows; -1: none. */
static int too_many_skips(const snas_loop *loop)
{
    const search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    for (int type = 0; settings->stop_skips > 0 && type < settings->space->cell_types; type++) {
        if (search->reading.skips[type] > settings->stop_skips) {
            return type;
        }
    }
    return -1;
}

void search_stop_note(snas_loop *loop)
{
    search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    search_stop *s = search->stop;
    if (loop->state.epoch < settings->logit_warmup) {
        return;
    }
    s->unchanged = choose(s, &search->searcher.distribution.logits, search->reading.p) ? s->unchanged + 1 : 0;
    s->noted++;
    const int type = too_many_skips(loop);
    if (type >= 0 && settings->stop_on_skips == SNAS_SKIPS_WARN) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING,
                     "epoch %" PRId64 ": the cell '%s' has %d skips, more than search.stop.skips, %d",
                     loop->state.epoch + 1, settings->space->type_names[type], search->reading.skips[type],
                     settings->stop_skips);
    }
}

static double mean_entropy(const snas_logits *logits)
{
    double sum = 0.0;
    for (int type = 0; type < logits->types; type++) {
        sum += snas_logits_entropy(logits, type);
    }
    return sum / logits->types;
}

const char *search_stop_reason(snas_loop *loop)
{
    search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    const snas_logits *logits = &search->searcher.distribution.logits;
    const search_stop *s = search->stop;
    if (s->noted == 0) {
        return NULL;
    }
    const double entropy = mean_entropy(logits);
    if (entropy < settings->stop_entropy) {
        return snas_format(loop->scratch, "the mean entropy of the edges is %.4g, below search.stop.entropy, %g",
                           entropy, settings->stop_entropy);
    }
    if (settings->stop_unchanged > 0 && s->unchanged >= settings->stop_unchanged) {
        return snas_format(loop->scratch,
                           "the genotype has not changed for %" PRId64 " epoch%s (search.stop.unchanged)", s->unchanged,
                           s->unchanged == 1 ? "" : "s");
    }
    search_reading_take(&search->sizes, logits, SNAS_RULE_EDGE, &search->reading);
    const int type = too_many_skips(loop);
    if (type >= 0 && settings->stop_on_skips == SNAS_SKIPS_STOP) {
        return snas_format(loop->scratch, "the cell '%s' has %d skips, more than search.stop.skips, %d",
                           settings->space->type_names[type], search->reading.skips[type], settings->stop_skips);
    }
    return NULL;
}
