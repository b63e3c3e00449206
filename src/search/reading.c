/* reading.c -- what the logits say: the genotype of a rule, its size beside the expected one, entropies.
 *
 *      size of weights w[T][E][K] = fixed + sum over cells c, edges e, candidates k of w[type of c][e][k] *
 *      size[c][e][k]
 *
 * With w the probabilities this is the expected size, with w the one-hot of a genotype the size of its child.
 */
#include "reading.h"

#include <math.h>
#include <stddef.h>

#include "snas/base/file.h"
#include "snas/base/text.h"

snas_status search_sizes_create(snas_arena *mem, const snas_search_config *settings, int classes, int side,
                                search_sizes *out)
{
    const snas_space *space = settings->space;
    *out = (search_sizes){.space = space,
                          .cells = settings->cells,
                          .edges = snas_space_edge_count(space),
                          .candidates = space->candidate_count};
    SNAS_NEW(mem, out->type_of_cell, out->cells);
    for (int c = 0; c < out->cells; c++) {
        out->type_of_cell[c] = snas_space_place(space, c, out->cells, settings->channels).type;
    }
    const snas_network_spec spec = {.space = space,
                                    .channels = settings->channels,
                                    .cells = settings->cells,
                                    .classes = classes,
                                    .side = side,
                                    .affine = true,
                                    .stem = settings->stem};
    return snas_network_count(mem, &spec, &out->fixed, &out->per_candidate);
}

/* Size of the weights w[T][E][K]. */
static void weigh(const search_sizes *sizes, const double *w, double *parameters, double *macs)
{
    const size_t row = (size_t)sizes->edges * (size_t)sizes->candidates;
    *parameters = (double)sizes->fixed.parameters;
    *macs = (double)sizes->fixed.macs;
    for (int c = 0; c < sizes->cells; c++) {
        const double *weights = w + (size_t)sizes->type_of_cell[c] * row;
        const snas_count *counts = sizes->per_candidate + (size_t)c * row;
        for (size_t i = 0; i < row; i++) {
            *parameters += weights[i] * (double)counts[i].parameters;
            *macs += weights[i] * (double)counts[i].macs;
        }
    }
}

snas_status search_logits_load(snas_arena *mem, const snas_space *space, const char *path, const snas_tensor_file *file,
                               snas_logits *logits)
{
    const int64_t count = (int64_t)logits->edges * logits->candidates;
    for (int type = 0; type < space->cell_types; type++) {
        const char *name = snas_format(mem, "%s_log_alpha", space->type_names[type]);
        SNAS_TRY(snas_taken(name));
        const snas_named_tensor *tensor = snas_tensor_find(file, name);
        if (tensor == NULL || tensor->count != count) {
            return snas_fail(SNAS_E_DATA, "'%s' has no logits '%s' of %lld numbers for the space '%s'", path, name,
                             (long long)count, space->name);
        }
        SNAS_TRY(snas_tensor_to_double(tensor, logits->log_alpha + type * count));
    }
    for (int64_t i = 0; i < space->cell_types * count; i++) {
        if (!isfinite(logits->log_alpha[i])) {
            return snas_fail(SNAS_E_DATA, "'%s' has a logit that is no finite number", path);
        }
    }
    return SNAS_OK;
}

snas_status search_reading_create(snas_arena *mem, const snas_logits *logits, search_reading *out)
{
    const size_t count = (size_t)logits->types * (size_t)logits->edges * (size_t)logits->candidates;
    *out = (search_reading){0};
    SNAS_NEW(mem, out->p, count);
    SNAS_NEW(mem, out->z, count);
    return SNAS_OK;
}

static void count_genes(search_reading *reading, int type)
{
    const snas_space *space = reading->genotype.space;
    reading->skips[type] = 0;
    reading->nones[type] = 0;
    for (int node = 0; node < space->nodes; node++) {
        const snas_genes *genes = &reading->genotype.nodes[type][node];
        for (int i = 0; i < genes->count; i++) {
            const snas_candidate *candidate = space->candidates[genes->genes[i].candidate];
            reading->skips[type] += snas_candidate_is_identity(candidate, 1) ? 1 : 0;
            reading->nones[type] += candidate->is_zero ? 1 : 0;
        }
    }
}

void search_reading_set(const search_sizes *sizes, const snas_genotype *genotype, search_reading *reading)
{
    double parameters, macs;
    reading->genotype = *genotype;
    snas_genotype_one_hot(&reading->genotype, reading->z);
    for (int type = 0; type < sizes->space->cell_types; type++) {
        count_genes(reading, type);
    }
    weigh(sizes, reading->z, &parameters, &macs);
    reading->parameters = (int64_t)llround(parameters);
    reading->macs = (int64_t)llround(macs);
}

void search_reading_take(const search_sizes *sizes, const snas_logits *logits, snas_rule rule, search_reading *reading)
{
    snas_logits_probabilities(logits, reading->p);
    const snas_genotype genotype = snas_genotype_derive(sizes->space, reading->p, rule);
    for (int type = 0; type < logits->types; type++) {
        reading->entropy[type] = snas_logits_entropy(logits, type);
    }
    weigh(sizes, reading->p, &reading->expected_parameters, &reading->expected_macs);
    search_reading_set(sizes, &genotype, reading);
}
