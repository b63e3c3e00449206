/* study_draw.c -- random cells for a study, and the sizes of the networks of all its cells.
 *
 * Without `like` a random cell is what the study's rule reads off random probabilities: every edge, or two a node, each
 * candidate as likely. With `like` every node has as many inputs as there, any sources, any candidates but `none`, and
 * a cell is drawn again until parameters and multiply-adds of its network differ by no more than `within`.
 */
#include <math.h>

#include "snas/base/rng.h"
#include "snas/base/text.h"
#include "snas/learn/streams.h"
#include "snas/study/study.h"
#include "snas/train/train.h"

enum { TRIES_MAX = 5000 };
static const uint64_t STUDY_STEPS_FROM = (uint64_t)1 << 56; /* of the stream, whose first steps are a search's */

/* What the cells of a study are counted with. */
typedef struct {
    const snas_study *study;
    const snas_config *config;
    snas_dataset dataset;
    snas_arena *scratch;
    snas_count wanted; /* of the cell that random ones are to resemble */
} counting;

/* --- one cell ----------------------------------------------------------------------------------------------------- */

static snas_genotype draw_by_rule(const snas_space *space, snas_rule rule, snas_rng *rng)
{
    double p[SNAS_CELL_TYPES_MAX * SNAS_EDGES_MAX * SNAS_CANDIDATES_MAX];
    const int count = space->cell_types * snas_space_edge_count(space) * space->candidate_count;
    for (int i = 0; i < count; i++) {
        p[i] = snas_rng_uniform(rng);
    }
    return snas_genotype_derive(space, p, rule);
}

/* Any candidate but `none`. */
static int draw_candidate(const snas_space *space, snas_rng *rng)
{
    int k;
    do {
        k = (int)snas_rng_below(rng, (uint32_t)space->candidate_count);
    } while (space->candidates[k]->is_zero);
    return k;
}

/* `count` of the sources 0..sources-1, in their order, every choice as likely. */
static snas_genes draw_node(const snas_space *space, int sources, int count, snas_rng *rng)
{
    snas_genes genes = {0};
    for (int s = 0; s < sources; s++) {
        const int left = sources - s, wanted = count - genes.count;
        if (wanted > 0 && (int)snas_rng_below(rng, (uint32_t)left) < wanted) {
            genes.genes[genes.count++] = (snas_gene){.candidate = draw_candidate(space, rng), .source = s};
        }
    }
    return genes;
}

static int count_inputs(const snas_space *space, const snas_genes *genes)
{
    int count = 0;
    for (int g = 0; g < genes->count; g++) {
        count += !space->candidates[genes->genes[g].candidate]->is_zero;
    }
    return count;
}

static snas_genotype draw_like(const snas_genotype *like, snas_rng *rng)
{
    const snas_space *space = like->space;
    snas_genotype genotype = {.space = space, .pool_bn = like->pool_bn};
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            const int inputs = count_inputs(space, &like->nodes[type][node]);
            genotype.nodes[type][node] = draw_node(space, space->inputs + node, inputs, rng);
        }
    }
    return genotype;
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

static snas_status count_network(const counting *c, const snas_genotype *genotype, snas_count *out)
{
    const snas_mark mark = snas_arena_mark(c->scratch);
    const snas_network_spec spec = snas_train_spec(&c->config->train, genotype, &c->dataset);
    const snas_status status = snas_network_count(c->scratch, &spec, out, NULL);
    snas_arena_release(c->scratch, mark);
    return status;
}

static bool is_near(int64_t found, int64_t wanted, double within)
{
    return fabs((double)(found - wanted)) <= within * (double)wanted;
}

static bool fits(const counting *c, const snas_count *found)
{
    const snas_random_cells *random = &c->study->random;
    return !random->like_given || (is_near(found->parameters, c->wanted.parameters, random->within) &&
                                   is_near(found->macs, c->wanted.macs, random->within));
}

static void widen(snas_count *least, snas_count *most, const snas_count *found)
{
    least->parameters = found->parameters < least->parameters ? found->parameters : least->parameters;
    least->macs = found->macs < least->macs ? found->macs : least->macs;
    most->parameters = found->parameters > most->parameters ? found->parameters : most->parameters;
    most->macs = found->macs > most->macs ? found->macs : most->macs;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static snas_status too_few(const counting *c, int found, const snas_count *least, const snas_count *most)
{
    const snas_random_cells *random = &c->study->random;
    return snas_fail(SNAS_E_USAGE,
                     "%s: random_cells: of %d random cells %d are within %.3g %% of the %lld parameters and %lld "
                     "multiply-adds that are wanted, %d fewer than 'count'; they have %lld to %lld parameters and %lld "
                     "to %lld multiply-adds. A larger 'within' finds more",
                     random->where, TRIES_MAX, found, 100 * random->within, (long long)c->wanted.parameters,
                     (long long)c->wanted.macs, random->count - found, (long long)least->parameters,
                     (long long)most->parameters, (long long)least->macs, (long long)most->macs);
}

/* The variants that are random, one by one. */
static snas_status draw_cells(snas_arena *mem, const counting *c, snas_variant *cells, snas_study_drawing told,
                              void *context)
{
    const snas_random_cells *random = &c->study->random;
    snas_count least = {INT64_MAX, INT64_MAX}, most = {0};
    int found = 0;
    for (int tries = 0; tries < TRIES_MAX && found < random->count; tries++) {
        snas_rng rng = snas_rng_at(random->seed, SNAS_STREAM_CELLS, STUDY_STEPS_FROM + (uint64_t)tries);
        snas_count size;
        snas_variant *cell = &cells[found];
        cell->genotype = random->like_given ? draw_like(&random->like, &rng)
                                            : draw_by_rule(c->config->search.space, c->study->rule, &rng);
        SNAS_TRY(count_network(c, &cell->genotype, &size));
        widen(&least, &most, &size);
        if (told != NULL) {
            told(context, found, random->count, tries + 1);
        }
        if (fits(c, &size)) {
            cell->genotype.origin =
                snas_format(mem, "random cell, seed %llu, draw %d", (unsigned long long)random->seed, tries + 1);
            SNAS_TRY(snas_taken(cell->genotype.origin));
            cell->parameters = size.parameters;
            cell->macs = size.macs;
            found++;
        }
    }
    return found == random->count ? SNAS_OK : too_few(c, found, &least, &most);
}

static snas_status count_named(const counting *c, snas_variant *cell)
{
    snas_count size;
    const snas_status status = count_network(c, &cell->genotype, &size);
    if (status != SNAS_OK) {
        return snas_fail(status, "the cell '%s': %s", cell->name, snas_error());
    }
    cell->parameters = size.parameters;
    cell->macs = size.macs;
    return SNAS_OK;
}

static snas_variant *first_of(snas_study *study, snas_variant_kind kind)
{
    int i = 0;
    while (i < study->variant_count && study->variants[i].kind != kind) {
        i++;
    }
    return i < study->variant_count ? &study->variants[i] : NULL;
}

static snas_status draw(snas_arena *mem, snas_study *study, counting *c, snas_study_drawing told, void *context)
{
    SNAS_TRY(snas_streams_open(c->scratch, c->config, c->config->train.side, &c->dataset));
    for (int i = 0; i < study->variant_count; i++) {
        if (study->variants[i].kind == SNAS_VARIANT_CELL) {
            SNAS_TRY(count_named(c, &study->variants[i]));
        }
    }
    if (study->random.like_given) {
        SNAS_TRY(count_network(c, &study->random.like, &c->wanted));
    }
    snas_variant *cells = first_of(study, SNAS_VARIANT_RANDOM);
    return cells == NULL ? SNAS_OK : draw_cells(mem, c, cells, told, context);
}

snas_status snas_study_draw(snas_arena *mem, snas_study *study, snas_study_drawing told, void *context)
{
    snas_variant *any = first_of(study, SNAS_VARIANT_CELL);
    any = any == NULL ? first_of(study, SNAS_VARIANT_RANDOM) : any;
    if (any == NULL) {
        return SNAS_OK;
    }
    counting c = {.study = study, .config = &any->config};
    SNAS_TRY(snas_arena_create("the cells of a study", 0, &c.scratch));
    const snas_status status = draw(mem, study, &c, told, context);
    snas_arena_destroy(c.scratch);
    return status;
}
