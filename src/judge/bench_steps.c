/* bench_steps.c -- the kinds of step that can be measured. Search and training are the loop's own; an evaluation is
 * here: pictures without augmentation, forward with running statistics, in a network that was planned for nothing else.
 */
#include "bench_steps.h"

#include "snas/learn/run_network.h"
#include "snas/learn/streams.h"
#include "snas/search/distribution.h"
#include "snas/search/search.h"
#include "snas/train/train.h"
#include "snas/train/train_step.h"

/* Of either network; the distribution is a supernet's only. */
typedef struct {
    snas_dataset dataset;
    bool draws;
    snas_distribution distribution;
} evaluation;

snas_network_spec bench_spec(const snas_config *config, const snas_genotype *genotype, const snas_dataset *dataset)
{
    return genotype == NULL ? snas_search_spec(&config->search, dataset)
                            : snas_train_spec(&config->train, genotype, dataset);
}

snas_network_options bench_network_options(const snas_config *config, const snas_genotype *genotype,
                                           const snas_run_options *options, bool trains)
{
    snas_network_options out = genotype == NULL
                                   ? snas_search_network_options(&config->search, config->shards, options->kernels)
                                   : snas_run_network_options(snas_train_micro_batch(&config->train), config->shards,
                                                              config->train.recompute, options->kernels);
    out.training = trains;
    return out;
}

static snas_status open_data(snas_loop *loop, const snas_genotype *genotype, int batch, evaluation *e)
{
    const snas_config *config = loop->config;
    snas_search_parts parts;
    SNAS_TRY(
        snas_streams_open(loop->mem, config, genotype == NULL ? config->search.side : config->train.side, &e->dataset));
    if (genotype == NULL) {
        SNAS_TRY(snas_streams_search(loop->mem, config, &e->dataset, &parts));
    } else {
        SNAS_TRY(snas_streams_train(loop->mem, config, &e->dataset, &parts.train, &parts.validation));
    }
    const snas_reader reader = {config, loop->options->team, batch, 0};
    return snas_streams_loader(loop->mem, &reader, &e->dataset, parts.train, &loop->train.loader);
}

static snas_status prepare(snas_loop *loop, const void *request)
{
    evaluation *e;
    const snas_genotype *genotype = request;
    const snas_config *config = loop->config;
    const snas_network_options how = bench_network_options(config, genotype, loop->options, false);
    SNAS_NEW(loop->mem, e, 1);
    loop->context = e;
    SNAS_TRY(open_data(loop, genotype, how.batch, e));
    loop->dataset = &e->dataset;
    loop->epochs = 1;
    loop->steps_per_epoch = snas_loader_batches(loop->train.loader);
    const snas_network_spec spec = bench_spec(config, genotype, &e->dataset);
    SNAS_TRY(snas_network_create(loop->mem, &loop->options->team, &spec, &how, &loop->network));
    snas_network_init(loop->network, config->seed);
    e->draws = genotype == NULL;
    return e->draws ? snas_distribution_create(loop->mem, &config->search, config->seed, loop->steps_per_epoch,
                                               &e->distribution)
                    : SNAS_OK;
}

static snas_status step(snas_loop *loop, snas_loop_step *out)
{
    evaluation *e = loop->context;
    snas_distribution *d = &e->distribution;
    const snas_loop_state *at = &loop->state;
    if (e->draws) {
        snas_distribution_noise(d, loop->config->seed, SNAS_STREAM_GUMBEL_EVAL, (uint64_t)at->global_step);
        snas_distribution_draw(d, snas_distribution_temperature(d, at->global_step));
    }
    snas_loaded loaded;
    SNAS_TRY(snas_loop_pictures(loop, &loop->train, &loaded));
    const snas_batch batch = {.count = loaded.count,
                              .images = loaded.images,
                              .labels = loaded.labels,
                              .z = d->weights,
                              .row_of_cell = d->row_of_cell,
                              .sparse = d->sparse,
                              .same_weights = true};
    snas_outcome outcome;
    snas_network_forward(loop->network, &batch, SNAS_MODE_EVALUATE, &outcome);
    *out = (snas_loop_step){.images = loaded.count, .correct = outcome.correct, .loss = outcome.loss};
    return SNAS_OK;
}

int bench_passes(const snas_config *config, const snas_bench_options *options)
{
    return options->evaluate ? 1 : options->genotype == NULL ? snas_search_levels[config->search.level].passes : 3;
}

snas_status bench_macs(snas_arena *mem, const snas_config *config, const snas_network_spec *spec, int64_t needs,
                       int64_t *out)
{
    snas_count fixed, *each;
    *out = needs;
    if (spec->genotype != NULL || !config->search.estimator->one_path) {
        return SNAS_OK;
    }
    const int K = spec->space->candidate_count;
    double mean = 0.0;
    SNAS_TRY(snas_network_count(mem, spec, &fixed, &each));
    for (int i = 0; i < spec->cells * snas_space_edge_count(spec->space) * K; i++) {
        mean += (double)each[i].macs / K;
    }
    *out = fixed.macs + (int64_t)mean;
    return SNAS_OK;
}

static const snas_loop_task evaluate_task = {.name = "evaluate", .prepare = prepare, .step = step};

static const bench_kind search_kind = {.name = "search", .task = &snas_search_task, .trains = true};
static const bench_kind train_kind = {.name = "train", .task = &snas_train_task, .trains = true};
static const bench_kind evaluate_kind = {.name = "evaluate", .task = &evaluate_task};

const bench_kind *bench_kind_of(const snas_bench_options *options)
{
    return options->evaluate ? &evaluate_kind : options->genotype == NULL ? &search_kind : &train_kind;
}
