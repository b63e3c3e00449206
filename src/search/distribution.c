/* distribution.c -- the distribution's side of a search: logits, temperature, draws.
 *
 *      rows of a draw:   one a cell type, shared by all cells of that type; or one a cell (draw_per_cell)
 *      tau at step t:    schedule(tau_first, tau_last, min(1, t / tau_steps)),  tau_steps = tau_epochs * steps an epoch
 *      weights           w_k = z_k, or 0 where z_k / tau < skip_below and z_k is not its edge's largest: such a
 *                        candidate does not run (tau = 1 for an estimator without temperature)
 *
 * z_k / tau is the factor by which candidate k's dL/dw_k reaches the logits. The w are not divided by their sum, and
 * the estimator takes dL/dw_k = 0 of a candidate that did not run.
 */
#include "snas/search/distribution.h"

#include <math.h>
#include <stddef.h>

static size_t row_size(const snas_logits *logits)
{
    return (size_t)logits->edges * (size_t)logits->candidates;
}

/* Which row of a draw every cell reads, and which logits stand after every row. */
static snas_status assign_rows(snas_arena *mem, const snas_search_config *settings, snas_distribution *out)
{
    const int types = settings->space->cell_types, cells = settings->cells;
    const int rows = settings->draw_per_cell ? cells : types;
    int *type_of_row;
    SNAS_NEW(mem, type_of_row, rows);
    SNAS_NEW(mem, out->type_of_cell, cells);
    SNAS_NEW(mem, out->row_of_cell, cells);
    for (int c = 0; c < cells; c++) {
        const int type = snas_space_place(settings->space, c, cells, settings->channels).type;
        out->type_of_cell[c] = type;
        out->row_of_cell[c] = settings->draw_per_cell ? c : type;
    }
    for (int row = 0; row < rows; row++) {
        type_of_row[row] = settings->draw_per_cell ? out->type_of_cell[row] : row;
    }
    return snas_draw_create(mem, &out->logits, rows, type_of_row, &out->draw);
}

snas_status snas_distribution_create(snas_arena *mem, const snas_search_config *settings, uint64_t seed,
                                     int64_t steps_per_epoch, snas_distribution *out)
{
    const snas_space *space = settings->space;
    *out = (snas_distribution){.settings = settings};
    SNAS_TRY(
        snas_logits_create(mem, space->cell_types, snas_space_edge_count(space), space->candidate_count, &out->logits));
    SNAS_TRY(assign_rows(mem, settings, out));
    snas_logits_init(&out->logits, seed, settings->logit_mean, settings->logit_std);
    out->tau_steps = (settings->tau_epochs > 0 ? settings->tau_epochs : settings->epochs) * steps_per_epoch;
    const size_t count = (size_t)out->logits.types * row_size(&out->logits);
    out->weights = out->draw.z;
    if (settings->skip_below > 0.0) {
        SNAS_NEW(mem, out->weights, (size_t)out->draw.rows * row_size(&out->logits));
    }
    SNAS_NEW(mem, out->dz, (size_t)out->draw.rows * row_size(&out->logits));
    SNAS_NEW(mem, out->d_log_alpha, count);
    SNAS_NEW(mem, out->m, count);
    SNAS_NEW(mem, out->v, count);
    SNAS_NEW(mem, out->state, settings->estimator->state_count + 1); /* one more, so that there is always one */
    return SNAS_OK;
}

double snas_distribution_temperature(const snas_distribution *distribution, int64_t step)
{
    const snas_search_config *settings = distribution->settings;
    const double progress = step < distribution->tau_steps ? (double)step / (double)distribution->tau_steps : 1.0;
    return settings->temperature->at(settings->tau_first, settings->tau_last, progress);
}

void snas_distribution_noise(snas_distribution *distribution, uint64_t seed, snas_stream stream, uint64_t step)
{
    snas_rng rng = snas_rng_at(seed, stream, step);
    snas_draw_noise(&distribution->logits, &distribution->draw, &rng);
}

/* Weight 0 for what is below `least`, but for the largest of an edge. */
static void skip(snas_distribution *distribution, double least)
{
    const int K = distribution->logits.candidates, edges = distribution->draw.rows * distribution->logits.edges;
    for (int e = 0; e < edges; e++) {
        const double *z = distribution->draw.z + (size_t)e * (size_t)K;
        double *w = distribution->weights + (size_t)e * (size_t)K, largest = 0.0;
        for (int k = 0; k < K; k++) {
            largest = fmax(largest, z[k]);
        }
        for (int k = 0; k < K; k++) {
            w[k] = z[k] < least && z[k] < largest ? 0.0 : z[k];
        }
    }
}

void snas_distribution_draw(snas_distribution *distribution, double tau)
{
    const snas_search_config *settings = distribution->settings;
    snas_draw *draw = &distribution->draw;
    draw->temperature = tau;
    settings->estimator->draw(&distribution->logits, draw);
    distribution->sparse = draw->sparse;
    if (settings->skip_below > 0.0) {
        skip(distribution, settings->skip_below * (settings->estimator->tempered ? tau : 1.0));
        distribution->sparse = true;
    }
}
