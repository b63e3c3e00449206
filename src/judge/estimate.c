/* estimate.c -- what a search or training would need, told without doing it. */
#include <stddef.h>

#include "estimate_fill.h"
#include "snas/config/config.h"
#include "snas/judge/estimate.h"
#include "snas/learn/run_network.h"
#include "snas/learn/run_options.h"
#include "snas/learn/streams.h"
#include "snas/search/search.h"
#include "snas/space/genotype.h"
#include "snas/train/train.h"
#include "snas/train/train_step.h"

static size_t bytes_of(const snas_pictures *pictures)
{
    const size_t side = (size_t)pictures->side;
    const size_t pixels = pictures->pixels == NULL ? 0 : side * side * (size_t)pictures->channels;
    return (size_t)pictures->count * (pixels + sizeof(int));
}

/* What the loaders of training and of judging take. */
static size_t bytes_of_loaders(const snas_reader *reader, const snas_dataset *dataset, snas_selection train,
                               snas_selection judge)
{
    const snas_loader_request requests[] = {snas_streams_request(reader, dataset, train),
                                            snas_streams_request(reader, dataset, judge)};
    return snas_loader_bytes(&requests[0]) + snas_loader_bytes(&requests[1]);
}

static int64_t batches(int images, int batch)
{
    return ((int64_t)images + batch - 1) / batch;
}

snas_status judge_estimate_fill(snas_arena *mem, const snas_team *team, const snas_network_spec *spec,
                                const snas_network_options *how, const snas_dataset *dataset, snas_estimate *out)
{
    snas_count fixed, *per_candidate = NULL;
    SNAS_TRY(snas_network_count(mem, spec, &fixed, &per_candidate));
    SNAS_TRY(snas_network_plan(mem, team, spec, how, &out->parameter_bytes, &out->activation_bytes));
    out->parameters = fixed.parameters;
    out->macs = fixed.macs;
    const int candidates =
        spec->genotype != NULL ? 0 : spec->cells * snas_space_edge_count(spec->space) * spec->space->candidate_count;
    for (int i = 0; i < candidates; i++) {
        out->parameters += per_candidate[i].parameters;
        out->macs += per_candidate[i].macs;
    }
    out->data_bytes = bytes_of(&dataset->train) + bytes_of(&dataset->test);
    out->test_images = dataset->test.count;
    return SNAS_OK;
}

static snas_status estimate_search(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                                   snas_estimate *out)
{
    snas_dataset dataset;
    snas_search_parts parts;
    SNAS_TRY(snas_streams_open(mem, config, config->search.side, &dataset));
    SNAS_TRY(snas_streams_search(mem, config, &dataset, &parts));
    const snas_network_spec spec = snas_search_spec(&config->search, &dataset);
    const snas_network_options how = snas_search_network_options(&config->search, config->shards, options->kernels);
    *out = (snas_estimate){.train_images = parts.train.count,
                           .logit_images = parts.logits.count,
                           .validation_images = parts.validation.count,
                           .steps_per_epoch = batches(parts.train.count, config->search.batch)};
    const snas_reader reader = {config, options->team, how.batch, 0};
    SNAS_TRY(judge_estimate_fill(mem, &options->team, &spec, &how, &dataset, out));
    if (config->search.level == SNAS_LEVEL_BILEVEL_SECOND_ORDER) {
        out->parameter_bytes += (size_t)out->parameters * 2 * sizeof(float); /* weights that are kept, and v */
    }
    out->steps = out->steps_per_epoch * config->search.epochs;
    out->data_bytes += bytes_of_loaders(&reader, &dataset, parts.train, parts.validation);
    if (parts.logits.count > 0) {
        const snas_loader_request request = snas_streams_logits_request(&reader, &dataset, parts.logits);
        out->data_bytes += snas_loader_bytes(&request);
    }
    return SNAS_OK;
}

/* The network of the first epochs' smaller pictures has activations of its own. */
static snas_status add_small(snas_arena *mem, const snas_train_config *settings, const snas_run_options *options,
                             snas_network_spec spec, const snas_network_options *how, snas_estimate *out)
{
    size_t parameters, activations;
    if (snas_train_small_epochs(settings) == 0) {
        return SNAS_OK;
    }
    spec.side = settings->small_side;
    SNAS_TRY(snas_network_plan(mem, &options->team, &spec, how, &parameters, &activations));
    out->activation_bytes += activations;
    return SNAS_OK;
}

static snas_status estimate_train(snas_arena *mem, const snas_config *config, const snas_genotype *genotype,
                                  const snas_run_options *options, snas_estimate *out)
{
    snas_dataset dataset;
    snas_selection train, test;
    SNAS_TRY(snas_streams_open(mem, config, config->train.side, &dataset));
    SNAS_TRY(snas_streams_train(mem, config, &dataset, &train, &test));
    const snas_network_spec spec = snas_train_spec(&config->train, genotype, &dataset);
    const snas_network_options how = snas_run_network_options(snas_train_micro_batch(&config->train), config->shards,
                                                              config->train.recompute, options->kernels);
    *out = (snas_estimate){.train_images = train.count, .steps_per_epoch = batches(train.count, config->train.batch)};
    const snas_reader reader = {config, options->team, how.batch, 0};
    SNAS_TRY(judge_estimate_fill(mem, &options->team, &spec, &how, &dataset, out));
    SNAS_TRY(add_small(mem, &config->train, options, spec, &how, out));
    out->steps = out->steps_per_epoch * config->train.epochs;
    out->data_bytes += bytes_of_loaders(&reader, &dataset, train, test);
    return SNAS_OK;
}

snas_status snas_search_estimate(const snas_config *config, const snas_run_options *options, snas_estimate *out)
{
    snas_arena *mem;
    SNAS_TRY(snas_arena_create("the estimate", 0, &mem));
    const snas_status status = estimate_search(mem, config, options, out);
    snas_arena_destroy(mem);
    return status;
}

snas_status snas_train_estimate(const snas_config *config, const snas_genotype *genotype,
                                const snas_run_options *options, snas_estimate *out)
{
    snas_arena *mem;
    SNAS_TRY(snas_arena_create("the estimate", 0, &mem));
    const snas_status status = estimate_train(mem, config, genotype, options, out);
    snas_arena_destroy(mem);
    return status;
}
