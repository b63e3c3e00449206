/* random.c -- what a search of random cells ends with: N cells ranked, the best of them its result.
 *
 *      cell i = 0 .. N-1:   one-hot of uniform draws, noise (seed, CELLS, i): the same whatever the weights are
 *      accuracy of i:       on the first B batches of the logits' pictures, inherited weights, batch statistics
 *      order:               accuracy, largest first; then loss, smallest first; then i
 *      log_alpha of the best: 20 for its candidates and 0 for the others, so that everything that reads logits reads it
 *
 * Accuracies and losses stand in the checkpoint, so that the file can be written again from there.
 */
#include "random.h"

#include <math.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"

static const double LOGIT_OF_BEST = 20.0;

struct search_ranking {
    int cells, batches; /* N, B */
    int64_t done;       /* 1: all are ranked */
    double *accuracy;   /* [N] */
    double *loss;       /* [N] */
    int *order;         /* [N]: the best first */
    snas_draw draw;     /* [T][E][K]: a cell */
    int *type_of_cell;  /* borrowed */
    snas_logits logits; /* that favour a cell */
    search_reading reading;
};

/* Cell i into the draw. */
static void draw_cell(const snas_loop *loop, search_ranking *r, int i)
{
    snas_rng rng = snas_rng_at(loop->config->seed, SNAS_STREAM_CELLS, (uint64_t)i);
    snas_draw_noise(&r->logits, &r->draw, &rng);
    loop->config->search.estimator->draw(&r->logits, &r->draw);
}

/* Cell i in the words of logits. */
static void favour(const snas_loop *loop, search_ranking *r, int i, double *log_alpha)
{
    const int count = r->logits.types * r->logits.edges * r->logits.candidates;
    draw_cell(loop, r, i);
    for (int k = 0; k < count; k++) {
        log_alpha[k] = LOGIT_OF_BEST * r->draw.z[k];
    }
}

static snas_status register_rows(snas_loop *loop, search_ranking *r)
{
    const snas_checkpoint_row rows[] = {
        {.name = "random.accuracy", .dtype = SNAS_F64, .dims = 1, .shape = {r->cells}, .data = r->accuracy},
        {.name = "random.loss", .dtype = SNAS_F64, .dims = 1, .shape = {r->cells}, .data = r->loss},
        {.name = "random.done", .dtype = SNAS_I64, .data = &r->done},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_checkpoint_add(&loop->checkpoint, rows[i]);
    }
    return SNAS_OK;
}

snas_status search_random_create(snas_loop *loop)
{
    search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    const snas_logits *logits = &search->searcher.distribution.logits;
    int types[SNAS_CELL_TYPES_MAX];
    search_ranking *r;
    if (settings->level != SNAS_LEVEL_WEIGHTS) {
        return SNAS_OK;
    }
    SNAS_NEW(loop->mem, r, 1);
    search->ranking = r;
    const int all = snas_loader_batches(search->logits.loader);
    r->cells = settings->random_cells;
    r->batches = settings->random_batches == 0 || settings->random_batches > all ? all : settings->random_batches;
    r->type_of_cell = search->searcher.distribution.type_of_cell;
    for (int type = 0; type < logits->types; type++) {
        types[type] = type;
    }
    SNAS_NEW(loop->mem, r->accuracy, r->cells);
    SNAS_NEW(loop->mem, r->loss, r->cells);
    SNAS_NEW(loop->mem, r->order, r->cells);
    SNAS_TRY(snas_logits_create(loop->mem, logits->types, logits->edges, logits->candidates, &r->logits));
    SNAS_TRY(snas_draw_create(loop->mem, &r->logits, logits->types, types, &r->draw));
    SNAS_TRY(search_reading_create(loop->mem, &r->logits, &r->reading));
    return register_rows(loop, r);
}

/* --- ranking ------------------------------------------------------------------------------------------------------ */

/* Sums over the pictures so far, a cell. */
typedef struct {
    double *correct, *loss; /* [N] */
    int64_t images;
} sums;

/* Every cell on one batch. */
static snas_status judge_batch(snas_loop *loop, search_ranking *r, int b, sums *to)
{
    search_state *search = loop->context;
    snas_loaded pictures;
    SNAS_TRY(snas_pictures_take(search->logits.loader, 0, b, &pictures));
    for (int i = 0; i < r->cells; i++) {
        snas_outcome outcome;
        if (snas_watch_stopped(&loop->watch)) {
            return snas_fail(SNAS_E_INTERRUPTED, "stopped while cells are ranked");
        }
        draw_cell(loop, r, i);
        const snas_batch batch = {.count = pictures.count,
                                  .images = pictures.images,
                                  .labels = pictures.labels,
                                  .z = r->draw.z,
                                  .row_of_cell = r->type_of_cell,
                                  .sparse = true};
        snas_network_forward(loop->network, &batch, SNAS_MODE_BATCH, &outcome);
        if (outcome.not_finite > 0) {
            return snas_fail(SNAS_E_NUMERIC, "the network's output is not finite for %d of the %d pictures of cell %d",
                             outcome.not_finite, pictures.count, i);
        }
        to->correct[i] += outcome.correct;
        to->loss[i] += outcome.loss * pictures.count;
        loop->watch.at.step++;
        loop->watch.at.loss = outcome.loss;
        loop->watch.at.accuracy = (double)outcome.correct / pictures.count;
        snas_watch_tell(&loop->watch);
    }
    to->images += pictures.count;
    return SNAS_OK;
}

static bool is_better(const search_ranking *r, int a, int b)
{
    return r->accuracy[a] != r->accuracy[b] ? r->accuracy[a] > r->accuracy[b]
           : r->loss[a] != r->loss[b]       ? r->loss[a] < r->loss[b]
                                            : a < b;
}

/* Insert each into the order: N is small. */
static void sort(search_ranking *r)
{
    for (int i = 0; i < r->cells; i++) {
        int at = i;
        while (at > 0 && is_better(r, i, r->order[at - 1])) {
            r->order[at] = r->order[at - 1];
            at--;
        }
        r->order[at] = i;
    }
}

snas_status search_random_rank(snas_loop *loop)
{
    search_state *search = loop->context;
    search_ranking *r = search->ranking;
    sums sum = {0};
    SNAS_NEW(loop->scratch, sum.correct, r->cells);
    SNAS_NEW(loop->scratch, sum.loss, r->cells);
    snas_watch_phase(&loop->watch, "rank", (int64_t)r->cells * r->batches);
    for (int b = 0; b < r->batches; b++) {
        SNAS_TRY(judge_batch(loop, r, b, &sum));
    }
    for (int i = 0; i < r->cells; i++) {
        r->accuracy[i] = sum.correct[i] / (double)sum.images;
        r->loss[i] = sum.loss[i] / (double)sum.images;
    }
    sort(r);
    r->done = 1;
    favour(loop, r, r->order[0], search->searcher.distribution.logits.log_alpha);
    return SNAS_OK;
}

double search_random_best(const search_state *search)
{
    const search_ranking *r = search->ranking;
    double best = (double)NAN;
    for (int i = 0; r->done != 0 && i < r->cells; i++) {
        best = fmax(best, r->accuracy[i]);
    }
    return best;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static snas_status write_line(snas_loop *loop, search_ranking *r, int place, snas_text *text)
{
    const search_state *search = loop->context;
    const int i = r->order[place];
    const char *genotype;
    favour(loop, r, i, r->logits.log_alpha);
    search_reading_take(&search->sizes, &r->logits, SNAS_RULE_EDGE, &r->reading);
    r->reading.genotype.origin = NULL;
    r->reading.genotype.division = search->dataset.division;
    SNAS_TRY(snas_genotype_write(loop->scratch, &r->reading.genotype, SNAS_GENOTYPE_JSON, &genotype));
    snas_metrics_row row = {.genotype = genotype};
    snas_metrics_row_add_whole(&row, "rank", place + 1);
    snas_metrics_row_add_whole(&row, "cell", i);
    snas_metrics_row_add(&row, "accuracy", r->accuracy[i]);
    snas_metrics_row_add(&row, "loss", r->loss[i]);
    snas_metrics_row_add_whole(&row, "parameters", r->reading.parameters);
    snas_metrics_row_add_whole(&row, "macs", r->reading.macs);
    snas_metrics_row_json(text, &row);
    snas_text_add(text, "\n");
    return SNAS_OK;
}

snas_status search_random_save(snas_loop *loop)
{
    const search_state *search = loop->context;
    search_ranking *r = search->ranking;
    if (r == NULL || r->done == 0) {
        return SNAS_OK;
    }
    snas_text text = snas_text_make(loop->scratch);
    const char *path = snas_run_folder_path(loop->scratch, &loop->folder, "ranking.jsonl");
    SNAS_TRY(snas_taken(path));
    sort(r);
    for (int place = 0; place < r->cells; place++) {
        SNAS_TRY(write_line(loop, r, place, &text));
    }
    SNAS_TRY(snas_text_done(&text));
    return snas_file_replace_text_nofollow(path, text.data);
}
