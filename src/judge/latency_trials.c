/* latency_trials.c -- children with drawn genotypes, evaluated in turn, round after round.
 *
 * A visit builds the child's network, evaluates it a few times so that everything is where an evaluation leaves it,
 * then times evaluations: in turn as a whole, without any clock inside, and by regions. Of a visit the medians count.
 * Each visit has memory of its own, so that where a network happens to lie is part of the spread.
 */
#include "latency_trials.h"

#include "snas/base/clock.h"
#include "snas/learn/run_network.h"
#include "snas/model/regions.h"
#include "timed.h"

enum { WARM_UP = 2, TIMED = 5 };

double judge_latency_range(const double *sorted, int count)
{
    return sorted[3 * (count - 1) / 4] - sorted[(count - 1) / 4];
}

snas_status judge_latency_children(snas_arena *mem, int count, int rounds, int regions, latency_child **out)
{
    SNAS_NEW(mem, *out, count);
    for (int i = 0; i < count; i++) {
        SNAS_NEW(mem, (*out)[i].whole, rounds);
        if (regions > 0) {
            SNAS_NEW(mem, (*out)[i].regions, (size_t)rounds * (size_t)regions);
        }
    }
    return SNAS_OK;
}

/* A network and what it evaluates. */
typedef struct {
    const snas_latency_options *options;
    snas_network *network;
    snas_batch batch;
    snas_profile profile; /* by operation */
    int *region_of;       /* [operations] */
    int operations, regions;
} visit;

static snas_status open_visit(snas_arena *mem, const snas_network_spec *spec, bool by_region, visit *out)
{
    const snas_latency_options *o = out->options;
    snas_network_options how = snas_run_network_options(o->batch, 0, false, o->kernels);
    how.training = false;
    SNAS_TRY(snas_network_create(mem, &o->team, spec, &how, &out->network));
    SNAS_TRY(judge_timed_batch(mem, o->batch, spec->side, &out->batch));
    if (by_region) {
        SNAS_TRY(snas_network_regions(mem, out->network, spec, &out->region_of, &out->operations));
        SNAS_TRY(snas_profile_create_operations(mem, o->team.threads, out->operations, &out->profile));
        out->regions = snas_region_count(spec->space, spec->cells);
    }
    return SNAS_OK;
}

/* The regions' seconds of one evaluation, summed over the threads. */
static void evaluate_regions(const visit *v, double *seconds)
{
    const snas_profile *p = &v->profile;
    for (int i = 0; i < p->threads * p->operations; i++) {
        p->by_operation[i] = 0.0;
    }
    for (int r = 0; r < v->regions; r++) {
        seconds[r] = 0.0;
    }
    snas_network_profile(v->network, p);
    (void)judge_timed_evaluation(v->network, &v->batch);
    snas_network_profile(v->network, NULL);
    for (int i = 0; i < p->threads * p->operations; i++) {
        seconds[v->region_of[i % p->operations]] += p->by_operation[i];
    }
}

/* `regions` may be NULL. */
static snas_status time_visit(snas_arena *mem, const visit *v, double *whole, double *regions)
{
    double wholes[TIMED], one[TIMED], *parts; /* [TIMED][regions] */
    SNAS_NEW(mem, parts, (size_t)TIMED * (size_t)(v->regions + 1));
    for (int i = 0; i < WARM_UP; i++) {
        (void)judge_timed_evaluation(v->network, &v->batch);
    }
    for (int i = 0; i < TIMED; i++) {
        wholes[i] = judge_timed_evaluation(v->network, &v->batch);
        if (regions != NULL) {
            evaluate_regions(v, parts + (size_t)i * (size_t)v->regions);
        }
    }
    *whole = judge_timed_median(wholes, TIMED);
    for (int r = 0; regions != NULL && r < v->regions; r++) {
        for (int i = 0; i < TIMED; i++) {
            one[i] = parts[(size_t)i * (size_t)v->regions + (size_t)r];
        }
        regions[r] = judge_timed_median(one, TIMED);
    }
    return SNAS_OK;
}

static snas_status run_visit(const snas_network_spec *spec, const snas_latency_options *options, latency_child *child,
                             int round)
{
    const size_t regions = (size_t)snas_region_count(spec->space, spec->cells);
    snas_network_spec built = *spec;
    visit v = {.options = options};
    snas_arena *mem;
    built.genotype = &child->genotype;
    built.auxiliary = 0.0;
    SNAS_TRY(snas_arena_create("a child", 0, &mem));
    snas_status status = open_visit(mem, &built, child->regions != NULL, &v);
    if (status == SNAS_OK) {
        double *to = child->regions == NULL ? NULL : child->regions + (size_t)round * regions;
        status = time_visit(mem, &v, &child->whole[round], to);
    }
    snas_arena_destroy(mem);
    return status;
}

snas_status judge_latency_run(const snas_network_spec *spec, const snas_latency_options *options,
                              latency_child *children, int count)
{
    const int all = options->rounds * count;
    const double started = snas_clock_seconds();
    for (int i = 0; i < all; i++) {
        SNAS_TRY(run_visit(spec, options, &children[i % count], i / count));
        if (options->progress != NULL) {
            options->progress(options->context, i + 1, all, snas_clock_seconds() - started);
        }
    }
    return SNAS_OK;
}
