/* train.c -- `snas train`: a child from a genotype, trained from its initial weights, judged on the test set.
 *
 * Beside the checkpoints it leaves weights-last.safetensors and weights-best.safetensors (child_file.h): the weights of
 * the last evaluation, which published figures mean, and those of the best test accuracy. train_step.c takes the steps,
 * train_judge.c judges.
 */
#include "training.h"

#include <stddef.h>

#include "snas/learn/genotype_file.h"
#include "snas/learn/run_network.h"
#include "snas/train/train.h"

snas_network_spec snas_train_spec(const snas_train_config *settings, const snas_genotype *genotype,
                                  const snas_dataset *dataset)
{
    return snas_trained_spec(settings, genotype, dataset->classes, dataset->train.side);
}

/* --- prepare ------------------------------------------------------------------------------------------------------ */

static snas_status open_data(snas_loop *loop, training_state *training)
{
    const snas_config *config = loop->config;
    const snas_train_config *settings = &config->train;
    snas_selection train, test;
    SNAS_TRY(snas_streams_open_run(loop->mem, config, config->train.side, loop->folder.path, &training->dataset));
    SNAS_TRY(snas_streams_train(loop->mem, config, &training->dataset, &train, &test));
    const snas_reader reader = {config, loop->options->team, settings->batch, settings->micro_batch};
    const snas_reader part = {config, loop->options->team, snas_train_micro_batch(settings), 0};
    SNAS_TRY(snas_streams_training_loader(loop->mem, &reader, &training->dataset, train, settings->cutout,
                                          &loop->train.loader));
    if (settings->recalibration_batches > 0) {
        SNAS_TRY(
            snas_streams_recalibration_loader(loop->mem, &part, &training->dataset, train, &training->recalibration));
    }
    return snas_streams_loader(loop->mem, &part, &training->dataset, test, &training->test);
}

static snas_status make_tally(snas_loop *loop, const training_state *training, snas_tally **out)
{
    const int classes = training->dataset.classes;
    return snas_tally_create(loop->mem, classes, classes <= SNAS_TALLY_CONFUSION_MAX, out);
}

/* How the two sets of weights have done: nothing yet. */
static snas_status make_standings(snas_loop *loop, training_state *training)
{
    for (int set = 0; set < TRAIN_WEIGHTS_COUNT; set++) {
        training->standings[set].best_accuracy = -1.0;
        SNAS_TRY(make_tally(loop, training, &training->standings[set].tally));
        if (loop->config->train.recalibration_batches > 0) {
            SNAS_NEW(loop->mem, training->standings[set].buffers, snas_network_buffer_values(loop->network));
        }
    }
    return make_tally(loop, training, &training->spare);
}

static void register_rows(snas_checkpoint *checkpoint, const snas_checkpoint_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        snas_checkpoint_add(checkpoint, rows[i]);
    }
}

static void register_state(snas_loop *loop, training_state *training)
{
    train_standing *plain = &training->standings[TRAIN_PLAIN];
    train_standing *averaged = &training->standings[TRAIN_AVERAGE];
    snas_average *average = &training->trainer.average;
    const snas_checkpoint_row rows[] = {
        {.name = "optim.w.momentum",
         .dtype = SNAS_F32,
         .dims = 1,
         .shape = {training->trainer.descent.count},
         .data = training->trainer.descent.momentum},
        {.name = "state.best_accuracy", .dtype = SNAS_F64, .data = &plain->best_accuracy},
        {.name = "state.best_epoch", .dtype = SNAS_I64, .data = &plain->best_epoch},
        {.name = "state.stale", .dtype = SNAS_I64, .data = &training->stale},
    };
    const snas_checkpoint_row of_average[] = {
        {.name = "average.weights",
         .dtype = SNAS_F32,
         .dims = 1,
         .shape = {average->weight_count},
         .data = average->weights},
        {.name = "average.buffers",
         .dtype = SNAS_F32,
         .dims = 1,
         .shape = {average->buffer_count},
         .data = average->buffers},
        {.name = "average.steps", .dtype = SNAS_I64, .data = &average->steps},
        {.name = "average.best_accuracy", .dtype = SNAS_F64, .data = &averaged->best_accuracy},
        {.name = "average.best_epoch", .dtype = SNAS_I64, .data = &averaged->best_epoch},
    };
    register_rows(&loop->checkpoint, rows, sizeof rows / sizeof rows[0]);
    if (average->network != NULL) {
        register_rows(&loop->checkpoint, of_average, sizeof of_average / sizeof of_average[0]);
    }
}

/* The genotype that was given, or the run's own when it goes on. */
static snas_status take_genotype(snas_loop *loop, const snas_genotype *given, training_state *training)
{
    if (given != NULL) {
        training->genotype = *given;
    } else {
        const char *path = snas_run_folder_path(loop->mem, &loop->folder, "genotype.json");
        SNAS_TRY(snas_taken(path));
        SNAS_TRY(snas_genotype_load(loop->mem, path, &training->genotype));
    }
    return snas_genotype_write(loop->mem, &training->genotype, SNAS_GENOTYPE_JSON, &loop->checkpoint.genotype);
}

static snas_status prepare(snas_loop *loop, const void *request)
{
    training_state *training;
    const snas_config *config = loop->config;
    SNAS_NEW(loop->mem, training, 1);
    loop->context = training;
    SNAS_TRY(take_genotype(loop, request, training));
    SNAS_TRY(open_data(loop, training));
    loop->dataset = &training->dataset;
    loop->epochs = config->train.epochs;
    loop->first_rate = config->train.weights.rate;
    loop->loss_weights = 1.0 + config->train.auxiliary;
    loop->steps_per_epoch = snas_loader_batches(loop->train.loader);

    const snas_network_spec spec = snas_train_spec(&config->train, &training->genotype, &training->dataset);
    const snas_network_options options = snas_run_network_options(
        snas_train_micro_batch(&config->train), config->shards, config->train.recompute, loop->options->kernels);
    SNAS_TRY(snas_network_create(loop->mem, &loop->options->team, &spec, &options, &loop->network));
    snas_network_init(loop->network, config->seed);
    SNAS_TRY(snas_trainer_create(loop->mem, &config->train, &loop->options->team, loop->network, loop->steps_per_epoch,
                                 &training->trainer));
    SNAS_TRY(snas_trainer_add_small(loop->mem, &spec, &options, &training->trainer));
    SNAS_TRY(make_standings(loop, training));
    register_state(loop, training);
    return SNAS_OK;
}

static snas_status step(snas_loop *loop, snas_loop_step *out)
{
    training_state *training = loop->context;
    snas_loaded pictures;
    SNAS_TRY(snas_loop_pictures(loop, &loop->train, &pictures));
    const snas_step_input input = snas_loop_step_input(loop, &pictures);
    SNAS_TRY(snas_train_step(&training->trainer, &input, &training->last));
    *out = (snas_loop_step){.images = pictures.count, .correct = training->last.correct, .loss = training->last.loss};
    return SNAS_OK;
}

/* Searched on some of the pictures that will test. */
static void warn_of_division(const snas_loop *loop, const training_state *training)
{
    const char *then = training->genotype.division, *now = training->dataset.division;
    if (snas_division_compare(then, now) == SNAS_DIVISION_ANOTHER) {
        snas_run_say(&loop->folder, SNAS_LOG_WARNING,
                     "the genotype was searched on another division of these pictures (%.*s; here %.*s): pictures that "
                     "it was searched on are among the test pictures",
                     snas_division_rule(then), then, snas_division_rule(now), now);
    }
}

static double auxiliary_loss_of_step(const snas_loop *loop)
{
    const training_state *training = loop->context;
    return training->last.auxiliary_loss;
}

static bool has_auxiliary(const snas_config *config)
{
    return config->train.auxiliary > 0.0;
}

static const snas_loop_figure figures[] = {
    {.name = "train_auxiliary_loss", .by_picture = true, .of_step = auxiliary_loss_of_step, .is_given = has_auxiliary},
    {.name = NULL}};

static snas_status begin(snas_loop *loop)
{
    const training_state *training = loop->context;
    warn_of_division(loop, training);
    return snas_genotype_file_save(loop->scratch, &training->genotype, loop->folder.path);
}

/* The cells stay what they are: they are shown once, after the first evaluation, which has them drawn. */
static snas_status show(snas_loop *loop)
{
    const training_state *training = loop->context;
    const snas_space *space = training->genotype.space;
    for (int type = 0; type < space->cell_types && loop->state.epoch <= loop->config->train.evaluate_every; type++) {
        SNAS_TRY(snas_loop_show(loop, "cell", space->type_names[type]));
    }
    return SNAS_OK;
}

const snas_loop_task snas_train_task = {
    .name = "train",
    .figures = figures,
    .prepare = prepare,
    .begin = begin,
    .step = step,
    .judge_epoch = train_judge,
    .ended = train_ended,
    .save = train_save,
    .show = show,
};

snas_status snas_train_start(const snas_config *config, const snas_genotype *genotype, const snas_run_options *options)
{
    return snas_loop_start(&snas_train_task, config, options, genotype);
}

snas_status snas_train_resume(const snas_config *config, const snas_run_options *options)
{
    return snas_loop_resume(&snas_train_task, config, options);
}
