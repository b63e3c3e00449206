/* search.c -- `snas search`: prepare a supernet and a distribution, let the loop take steps, judge every epoch.
 *
 * An epoch is judged twice on the validation pictures: the supernet with a fresh draw a batch, and the argmax child
 * with the weights that it inherits. The figures, the genotype of the moment and its pictures are the epoch's results.
 * What is known of the genotype's cell stands in the row of the epoch, and in nothing that decides.
 */
#include "budget_control.h"
#include "budget_rows.h"
#include "budget_terms.h"
#include "random.h"
#include "rate_rule.h"
#include "search_state.h"
#include "stop.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "snas/base/text.h"
#include "snas/learn/genotype_file.h"
#include "snas/learn/run_network.h"
#include "snas/report/drawing.h"
#include "snas/search/distribution.h"
#include "snas/search/search.h"

enum { EVALUATION_BATCHES_LOG2 = 20 }; /* of stream GUMBEL_EVAL: step = epoch * 2^20 + batch */

snas_network_spec snas_search_spec(const snas_search_config *settings, const snas_dataset *dataset)
{
    return (snas_network_spec){
        .space = settings->space,
        .channels = settings->channels,
        .cells = settings->cells,
        .classes = dataset->classes,
        .side = dataset->train.side,
        .affine = settings->affine,
        .stem = settings->stem,
    };
}

snas_network_options snas_search_network_options(const snas_search_config *settings, int shards, const char *kernels)
{
    snas_network_options how = snas_run_network_options(settings->batch, shards, settings->recompute, kernels);
    how.single_path = settings->estimator->one_path;
    return how;
}

/* --- prepare ------------------------------------------------------------------------------------------------------ */

static snas_status open_data(snas_loop *loop, search_state *search)
{
    const snas_config *config = loop->config;
    snas_search_parts parts;
    SNAS_TRY(snas_streams_open_run(loop->mem, config, config->search.side, loop->folder.path, &search->dataset));
    SNAS_TRY(snas_streams_search(loop->mem, config, &search->dataset, &parts));
    const snas_reader reader = {config, loop->options->team, config->search.batch, 0};
    SNAS_TRY(snas_streams_training_loader(loop->mem, &reader, &search->dataset, parts.train, config->search.cutout,
                                          &loop->train.loader));
    if (parts.logits.count > 0) {
        SNAS_TRY(
            snas_streams_logits_loader(loop->mem, &reader, &search->dataset, parts.logits, &search->logits.loader));
    }
    return snas_streams_loader(loop->mem, &reader, &search->dataset, parts.validation, &search->validation);
}

/* Known accuracies, to be reported. A table that was named has to be there; without the program's own a search goes on,
 * and its rows have none. */
static snas_status open_benchmark(snas_loop *loop, search_state *search)
{
    const snas_search_config *settings = &loop->config->search;
    if (settings->space->benchmark == NULL) {
        return SNAS_OK;
    }
    snas_benchmark *benchmark;
    SNAS_NEW(loop->mem, benchmark, 1);
    const snas_status status = snas_benchmark_load(loop->mem, settings->space, settings->benchmark, benchmark);
    if (status == SNAS_OK) {
        search->benchmark = benchmark;
        search->known_column = snas_benchmark_column_of(benchmark, loop->config->data.dataset->name);
        loop->note = snas_format(loop->mem, "known_accuracy is the %s accuracy of '%s'",
                                 benchmark->columns[search->known_column].title, benchmark->path);
    } else if (settings->benchmark == NULL && status != SNAS_E_MEMORY) {
        loop->note = snas_format(loop->mem, "known_accuracy will be empty: %s", snas_error());
        snas_error_clear();
    } else {
        return status;
    }
    return snas_taken(loop->note);
}

/* The state that a step moves, besides the network and the place in the run. */
static snas_status register_state(snas_loop *loop, search_state *search)
{
    snas_distribution *d = &search->searcher.distribution;
    const snas_space *space = loop->config->search.space;
    const int64_t E = d->logits.edges, K = d->logits.candidates;
    for (int type = 0; type < space->cell_types; type++) {
        const char *name = snas_format(loop->mem, "%s_log_alpha", space->type_names[type]);
        SNAS_TRY(snas_taken(name));
        snas_checkpoint_add(&loop->checkpoint, (snas_checkpoint_row){.name = name,
                                                                     .dtype = SNAS_F64,
                                                                     .dims = 2,
                                                                     .shape = {E, K},
                                                                     .data = d->logits.log_alpha + type * E * K});
    }
    const snas_checkpoint_row rows[] = {
        {.name = "optim.w.momentum",
         .dtype = SNAS_F32,
         .dims = 1,
         .shape = {search->searcher.descent.count},
         .data = search->searcher.descent.momentum},
        {.name = "optim.a.m", .dtype = SNAS_F64, .dims = 3, .shape = {d->logits.types, E, K}, .data = d->m},
        {.name = "optim.a.v", .dtype = SNAS_F64, .dims = 3, .shape = {d->logits.types, E, K}, .data = d->v},
        {.name = "optim.a.step", .dtype = SNAS_I64, .data = &d->adam_step},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snas_checkpoint_add(&loop->checkpoint, rows[i]);
    }
    if (search->logits.loader != NULL) {
        snas_checkpoint_add(
            &loop->checkpoint,
            (snas_checkpoint_row){.name = "stream.logits", .dtype = SNAS_I64, .data = &search->logits.taken});
    }
    if (search->searcher.budget.count > 0) {
        const snas_budget_control *budget = &search->searcher.budget;
        snas_checkpoint_add(
            &loop->checkpoint,
            (snas_checkpoint_row){
                .name = "budget.state", .dtype = SNAS_F64, .dims = 1, .shape = {budget->count}, .data = budget->state});
        snas_checkpoint_add(&loop->checkpoint, (snas_checkpoint_row){.name = "budget.target",
                                                                     .dtype = SNAS_F64,
                                                                     .dims = 3,
                                                                     .shape = {d->logits.types, E, K},
                                                                     .data = budget->target});
    }
    const int state_count = loop->config->search.estimator->state_count;
    if (state_count > 0) {
        snas_checkpoint_add(
            &loop->checkpoint,
            (snas_checkpoint_row){
                .name = "estimator.state", .dtype = SNAS_F64, .dims = 1, .shape = {state_count}, .data = d->state});
    }
    return SNAS_OK;
}

static snas_status prepare(snas_loop *loop, const void *request)
{
    (void)request;
    search_state *search;
    const snas_config *config = loop->config;
    const snas_search_config *settings = &config->search;
    SNAS_NEW(loop->mem, search, 1);
    loop->context = search;
    SNAS_TRY(open_data(loop, search));
    SNAS_TRY(open_benchmark(loop, search));
    loop->dataset = &search->dataset;
    loop->epochs = settings->epochs;
    loop->first_rate = settings->weights.rate;
    loop->loss_weights = 1.0;
    loop->steps_per_epoch = snas_loader_batches(loop->train.loader);

    const snas_network_spec spec = snas_search_spec(settings, &search->dataset);
    const snas_network_options options = snas_search_network_options(settings, config->shards, loop->options->kernels);
    SNAS_TRY(snas_network_create(loop->mem, &loop->options->team, &spec, &options, &loop->network));
    snas_network_init(loop->network, config->seed);
    const snas_searcher_spec searcher = {.settings = settings,
                                         .team = &loop->options->team,
                                         .network = loop->network,
                                         .cell_side = snas_network_cell_side(&spec),
                                         .child = snas_trained_child(config, &search->dataset),
                                         .seed = config->seed,
                                         .steps_per_epoch = loop->steps_per_epoch};
    SNAS_TRY(snas_searcher_create(loop->mem, &searcher, &search->searcher));
    SNAS_TRY(search_sizes_create(loop->mem, settings, spec.classes, spec.side, &search->sizes));
    SNAS_TRY(search_reading_create(loop->mem, &search->searcher.distribution.logits, &search->reading));
    SNAS_TRY(register_state(loop, search));
    SNAS_TRY(search_random_create(loop));
    return search_stop_create(loop);
}

/* Does the rule say the rate at which logits move? */
static bool has_open_rate(const snas_search_config *settings)
{
    return isnan(settings->adam.rate) && settings->level != SNAS_LEVEL_WEIGHTS;
}

/* What the config leaves open. */
static snas_status begin(snas_loop *loop)
{
    const search_state *search = loop->context;
    const snas_search_config *settings = &loop->config->search;
    search_budget_say(loop);
    if (has_open_rate(settings)) {
        snas_run_say(&loop->folder, SNAS_LOG_INFO, "search.logits.rate is null: a rate of %.4g for %" PRId64 " steps",
                     search->searcher.adam.rate, (settings->epochs - settings->logit_warmup) * loop->steps_per_epoch);
    }
    return SNAS_OK;
}

/* --- a step ------------------------------------------------------------------------------------------------------- */

/* The pictures of a step, of one stream or of two: when the second cannot be read the first has given nothing. */
static snas_status take_pictures(snas_loop *loop, snas_loaded *train, snas_loaded *logits)
{
    search_state *search = loop->context;
    *logits = (snas_loaded){0};
    SNAS_TRY(snas_loop_pictures(loop, &loop->train, train));
    if (!snas_search_wants_logit_pictures(&loop->config->search, loop->state.epoch)) {
        return SNAS_OK;
    }
    const snas_status status = snas_loop_pictures(loop, &search->logits, logits);
    loop->train.taken -= status == SNAS_OK ? 0 : 1;
    return status;
}

static snas_status step(snas_loop *loop, snas_loop_step *out)
{
    search_state *search = loop->context;
    snas_loaded train, logits;
    SNAS_TRY(take_pictures(loop, &train, &logits));
    const snas_search_input input = {.train = snas_loop_step_input(loop, &train),
                                     .logits = snas_loop_step_input(loop, &logits)};
    SNAS_TRY(snas_search_step(&search->searcher, &input, &search->last));
    *out = (snas_loop_step){.images = train.count, .correct = search->last.correct, .loss = search->last.loss};
    return SNAS_OK;
}

static double penalty_of_step(const snas_loop *loop)
{
    const search_state *search = loop->context;
    return search->last.penalty;
}

static double lambda_penalty_of_step(const snas_loop *loop)
{
    return loop->config->search.lambda * penalty_of_step(loop);
}

static double reward_of_step(const snas_loop *loop)
{
    const search_state *search = loop->context;
    return search->last.reward;
}

static bool has_rewards(const snas_config *config)
{
    return config->search.level == SNAS_LEVEL_REWARD;
}

static const snas_loop_figure figures[] = {{.name = "penalty", .of_step = penalty_of_step},
                                           {.name = "lambda_penalty", .of_step = lambda_penalty_of_step},
                                           {.name = "reward", .of_step = reward_of_step, .is_given = has_rewards},
                                           {.name = NULL}};

/* --- judge an epoch ----------------------------------------------------------------------------------------------- */

/* A fresh draw for every validation batch. */
static void draw_batch(void *context, int64_t batch)
{
    snas_loop *loop = context;
    search_state *search = loop->context;
    const uint64_t step = ((uint64_t)loop->state.epoch << EVALUATION_BATCHES_LOG2) + (uint64_t)batch;
    snas_distribution *d = &search->searcher.distribution;
    snas_distribution_noise(d, loop->config->seed, SNAS_STREAM_GUMBEL_EVAL, step);
    snas_distribution_draw(d, snas_distribution_temperature(d, loop->state.global_step));
}

static snas_status judge_supernet(snas_loop *loop, snas_accuracy *out)
{
    search_state *search = loop->context;
    const snas_distribution *d = &search->searcher.distribution;
    draw_batch(loop, 0); /* says whether draws are sparse */
    const snas_judged judged = {
        .phase = "validate",
        .network = loop->network,
        .loader = search->validation,
        .batch = {.z = d->weights, .row_of_cell = d->row_of_cell, .sparse = d->sparse},
        .draw = draw_batch,
        .context = loop,
    };
    return snas_accuracy_measure(&judged, &loop->watch, out);
}

static snas_status judge_child(snas_loop *loop, snas_accuracy *out)
{
    search_state *search = loop->context;
    const snas_judged judged = {
        .phase = "child",
        .network = loop->network,
        .loader = search->validation,
        .batch = {.z = search->reading.z, .row_of_cell = search->searcher.distribution.type_of_cell, .sparse = true},
    };
    return snas_accuracy_measure(&judged, &loop->watch, out);
}

/* "entropy_normal", "entropy_reduce": one figure a cell type, named by it. */
static snas_status add_by_type(snas_loop *loop, snas_metrics_row *row, const char *figure, const double *values)
{
    const snas_space *space = loop->config->search.space;
    for (int type = 0; type < space->cell_types; type++) {
        const char *name = snas_format(loop->scratch, "%s_%s", figure, space->type_names[type]);
        SNAS_TRY(snas_taken(name));
        snas_metrics_row_add(row, name, values[type]);
    }
    return SNAS_OK;
}

static snas_status add_counts_by_type(snas_loop *loop, snas_metrics_row *row, const char *figure, const int *counts)
{
    double values[SNAS_CELL_TYPES_MAX];
    for (int type = 0; type < SNAS_CELL_TYPES_MAX; type++) {
        values[type] = counts[type];
    }
    return add_by_type(loop, row, figure, values);
}

/* How the epoch went. */
static void add_training(const snas_loop *loop, snas_metrics_row *row)
{
    const search_state *search = loop->context;
    const snas_loop_state *at = &loop->state;
    snas_metrics_row_add_whole(row, "epoch", at->epoch + 1);
    snas_metrics_row_add_whole(row, "step", at->global_step);
    snas_metrics_row_add(row, "temperature",
                         loop->config->search.estimator->tempered
                             ? snas_distribution_temperature(&search->searcher.distribution, at->global_step)
                             : (double)NAN);
    snas_metrics_row_add(row, "learning_rate",
                         snas_descent_rate(&search->searcher.descent, at->epoch, loop->steps_per_epoch - 1));
    snas_metrics_row_add(row, "train_loss", at->loss / (double)at->images);
    snas_metrics_row_add(row, "train_accuracy", (double)at->correct / (double)at->images);
    if (has_open_rate(&loop->config->search)) {
        snas_metrics_row_add(row, "logit_rate", search->searcher.adam.rate);
    }
    snas_loop_add_figures(loop, row);
}

/* What is known of the genotype's cell; null where nothing is. */
static void add_known(const snas_loop *loop, snas_metrics_row *row)
{
    const search_state *search = loop->context;
    snas_known known = {.accuracy = (double)NAN};
    if (loop->config->search.space->benchmark == NULL) {
        return;
    }
    if (search->benchmark != NULL) {
        known = snas_benchmark_look_up(search->benchmark, search->known_column, &search->reading.genotype);
    }
    snas_metrics_row_add(row, "known_accuracy", known.accuracy);
    if (known.rank > 0) {
        snas_metrics_row_add_whole(row, "known_rank", known.rank);
    } else {
        snas_metrics_row_add(row, "known_rank", (double)NAN);
    }
}

/* What the logits say. */
static snas_status add_reading(snas_loop *loop, snas_metrics_row *row)
{
    const search_state *search = loop->context;
    const search_reading *reading = &search->reading;
    snas_metrics_row_add(row, "expected_penalty", snas_price_expected(&search->searcher.price, reading->p));
    snas_metrics_row_add(row, "expected_parameters", reading->expected_parameters);
    snas_metrics_row_add(row, "expected_macs", reading->expected_macs);
    snas_metrics_row_add_whole(row, "child_parameters", reading->parameters);
    snas_metrics_row_add_whole(row, "child_macs", reading->macs);
    SNAS_TRY(add_by_type(loop, row, "entropy", reading->entropy));
    SNAS_TRY(add_counts_by_type(loop, row, "skips", reading->skips));
    SNAS_TRY(add_counts_by_type(loop, row, "nones", reading->nones));
    if (search->ranking != NULL) {
        snas_metrics_row_add(row, "ranked_accuracy", search_random_best(search));
    }
    SNAS_TRY(search_budget_add_figures(loop, row));
    add_known(loop, row);
    return snas_genotype_write(loop->scratch, &reading->genotype, SNAS_GENOTYPE_JSON, &row->genotype);
}

/* Read the genotype off the logits as they stand: the rule's own, or what is within the budgets. */
static snas_status read_logits(snas_loop *loop)
{
    search_state *search = loop->context;
    snas_derive_request request = {.rule = SNAS_RULE_EDGE};
    search_reading_take(&search->sizes, &search->searcher.distribution.logits, request.rule, &search->reading);
    if (search->searcher.budget.count > 0) {
        snas_genotype within;
        snas_derive_take_budgets(&loop->config->search, &request);
        SNAS_TRY(
            search_budget_derive(loop->scratch, &search->searcher.budget, search->reading.p, request.rule, &within));
        search_reading_set(&search->sizes, &within, &search->reading);
        SNAS_TRY(search_budget_aim(loop->scratch, &search->searcher.budget, search->reading.p,
                                   search_budget_strength(loop->state.epoch + 1, loop->epochs)));
    }
    search->reading.genotype.origin =
        search_origin(loop->scratch, loop->config->seed, loop->state.global_step, &request);
    search->reading.genotype.division = search->dataset.division;
    return snas_taken(search->reading.genotype.origin);
}

static snas_status judge_epoch(snas_loop *loop, snas_metrics_row *row)
{
    const search_state *search = loop->context;
    snas_accuracy supernet, child;
    if (search->ranking != NULL && loop->state.epoch + 1 == loop->epochs) {
        SNAS_TRY(search_random_rank(loop));
    }
    SNAS_TRY(read_logits(loop));
    SNAS_TRY(judge_supernet(loop, &supernet));
    SNAS_TRY(judge_child(loop, &child));
    add_training(loop, row);
    snas_metrics_row_add(row, "validation_loss", supernet.loss);
    snas_metrics_row_add(row, "validation_accuracy", supernet.accuracy);
    snas_metrics_row_add(row, "child_loss", child.loss);
    snas_metrics_row_add(row, "child_accuracy", child.accuracy);
    SNAS_TRY(add_reading(loop, row));
    search_stop_note(loop);
    return SNAS_OK;
}

/* --- the results of an epoch -------------------------------------------------------------------------------------- */

static snas_status save_pictures(snas_loop *loop)
{
    const search_state *search = loop->context;
    const search_reading *reading = &search->reading;
    const snas_space *space = loop->config->search.space;
    const char *folder = loop->folder.path;
    const int edge_values = snas_space_edge_count(space) * space->candidate_count;
    snas_fault first = {0};
    for (int type = 0; type < space->cell_types; type++) {
        const snas_cell_view view = {.genotype = &reading->genotype, .type = type};
        const snas_heat_table table = {.space = space, .type = type, .probabilities = reading->p + type * edge_values};
        const char *cell = snas_format(loop->scratch, "%s/cell_%s", folder, space->type_names[type]);
        const char *logits = snas_format(loop->scratch, "%s/logits_%s", folder, space->type_names[type]);
        SNAS_TRY(snas_taken(cell));
        SNAS_TRY(snas_taken(logits));
        snas_fault_first(&first, snas_drawing_save_both(loop->scratch, snas_cell_drawing(&view), cell));
        snas_fault_first(&first, snas_drawing_save_both(loop->scratch, snas_heat_map(&table), logits));
    }
    return snas_fault_again(&first);
}

static snas_status save_results(snas_loop *loop)
{
    const search_state *search = loop->context;
    snas_fault first = {0};
    SNAS_TRY(read_logits(loop));
    snas_fault_first(&first, snas_genotype_file_save(loop->scratch, &search->reading.genotype, loop->folder.path));
    snas_fault_first(&first, save_pictures(loop));
    snas_fault_first(&first, search_random_save(loop));
    return snas_fault_again(&first);
}

static snas_status show(snas_loop *loop)
{
    const snas_space *space = loop->config->search.space;
    for (int type = 0; type < space->cell_types; type++) {
        SNAS_TRY(snas_loop_show(loop, "cell", space->type_names[type]));
        SNAS_TRY(snas_loop_show(loop, "logits", space->type_names[type]));
    }
    return SNAS_OK;
}

/* In the middle of an epoch the logits are not those of its end. */
static snas_status save(snas_loop *loop)
{
    if (loop->state.epoch == 0 || loop->state.step > 0) {
        return SNAS_OK;
    }
    const snas_mark mark = snas_arena_mark(loop->scratch);
    const snas_status status = save_results(loop);
    snas_arena_release(loop->scratch, mark);
    return status;
}

const snas_loop_task snas_search_task = {
    .name = "search",
    .figures = figures,
    .prepare = prepare,
    .begin = begin,
    .step = step,
    .judge_epoch = judge_epoch,
    .ended = search_stop_reason,
    .save = save,
    .show = show,
};

snas_status snas_search_start(const snas_config *config, const snas_run_options *options)
{
    return snas_loop_start(&snas_search_task, config, options, NULL);
}

snas_status snas_search_resume(const snas_config *config, const snas_run_options *options)
{
    return snas_loop_resume(&snas_search_task, config, options);
}
