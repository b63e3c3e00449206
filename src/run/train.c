/* train.c -- `snas train`: a child from a genotype, trained from its initial weights, judged on the test set every epoch.
 *
 * Beside the checkpoints it leaves weights-last.safetensors and weights-best.safetensors (child_file.h): the weights of
 * the last epoch, which published figures mean, and those of the best test accuracy.
 */
#include "train.h"

#include <string.h>

#include "child_file.h"
#include "reading.h"
#include "run_network.h"
#include "snas/base/text.h"

snas_network_spec run_train_spec(const snas_train_config *settings, const snas_genotype *genotype,
                                 const snas_dataset *dataset)
{
    return (snas_network_spec){
        .space = genotype->space,
        .genotype = genotype,
        .channels = settings->channels,
        .cells = settings->cells,
        .classes = dataset->classes,
        .side = dataset->train.side,
        .affine = true,
        .auxiliary = settings->auxiliary,
    };
}

/* --- prepare -------------------------------------------------------------------------------------------------------- */

static snas_status open_data(run_loop *loop, run_training *training)
{
    const snas_config *config = loop->config;
    const snas_train_config *settings = &config->train;
    snas_selection train, test;
    SNAS_TRY(run_data_open(loop->mem, &config->data, &training->dataset));
    SNAS_TRY(run_data_train(loop->mem, config, &training->dataset, &train, &test));
    const run_reader reader = {config, loop->options->team, settings->batch};
    SNAS_TRY(run_data_training_loader(loop->mem, &reader, &training->dataset, train,
                                      settings->cutout, &training->train));
    return run_data_loader(loop->mem, &reader, &training->dataset, test, &training->test);
}

static void register_state(run_loop *loop, run_training *training)
{
    const run_checkpoint_row rows[] = {
        {.name = "optim.w.momentum",
         .dtype = SNAS_F32,
         .dims = 1,
         .shape = {training->descent.count},
         .data = training->descent.momentum},
        {.name = "state.best_accuracy", .dtype = SNAS_F64, .data = &training->best_accuracy},
        {.name = "state.best_epoch",  .dtype = SNAS_I64,  .data = &training->best_epoch    },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_checkpoint_add(&loop->checkpoint, rows[i]);
    }
}

/* The genotype that was given, or the run's own when it goes on. */
static snas_status take_genotype(run_loop *loop, const snas_genotype *given, run_training *training)
{
    if (given != NULL) {
        training->genotype = *given;
    } else {
        const char *path = run_folder_path(loop->mem, &loop->folder, "genotype.json");
        SNAS_TRY(path == NULL ? SNAS_E_MEMORY
                              : snas_genotype_load(loop->mem, path, &training->genotype));
    }
    return snas_genotype_write(loop->mem, &training->genotype, SNAS_GENOTYPE_JSON,
                               &loop->checkpoint.genotype);
}

static snas_status prepare(run_loop *loop, const void *request)
{
    run_training *training;
    const snas_config *config = loop->config;
    SNAS_NEW(loop->mem, training, 1);
    loop->context = training;
    training->best_accuracy = -1.0;
    SNAS_TRY(take_genotype(loop, request, training));
    SNAS_TRY(open_data(loop, training));
    loop->epochs = config->train.epochs;
    loop->steps_per_epoch = snas_loader_batches(training->train);

    const snas_network_spec spec =
        run_train_spec(&config->train, &training->genotype, &training->dataset);
    const snas_network_options options =
        run_network_options(config->train.batch, loop->options->kernels);
    SNAS_TRY(snas_network_create(loop->mem, &loop->options->team, &spec, &options, &loop->network));
    snas_network_init(loop->network, config->seed);
    SNAS_TRY(
        run_descent_create(loop->mem, &config->train.weights, loop->network, &training->descent));
    register_state(loop, training);
    return SNAS_OK;
}

static snas_status begin(run_loop *loop)
{
    const run_training *training = loop->context;
    return run_genotype_save(loop->scratch, &training->genotype, loop->folder.path);
}

/* --- step ------------------------------------------------------------------------------------------------------------- */

static snas_status step(run_loop *loop, run_step *out)
{
    run_training *training = loop->context;
    const snas_train_config *settings = &loop->config->train;
    const snas_team *team = &loop->options->team;
    const run_state *at = &loop->state;
    snas_loaded loaded;
    SNAS_TRY(run_loop_pictures(loop, training->train, &loaded));
    const snas_batch batch = {
        .count = loaded.count,
        .images = loaded.images,
        .labels = loaded.labels,
        .label_smoothing = settings->label_smoothing,
        .drop_path = run_drop_path(settings->drop_path, settings->drop_path_ramp, at->epoch,
                                   settings->epochs),
        .seed = loop->config->seed,
        .step = (uint64_t)at->global_step,
    };
    snas_outcome outcome;
    snas_network_forward(loop->network, &batch, SNAS_MODE_TRAIN, &outcome);
    snas_network_backward(loop->network, &batch, NULL);
    const double norm = run_descent_norm(&training->descent, team);
    SNAS_TRY(run_check_finite(loop, outcome.loss, norm));
    run_descent_step(&training->descent, team,
                     run_descent_rate(&training->descent, at->epoch, settings->epochs), norm);
    *out = (run_step){.images = loaded.count, .correct = outcome.correct, .loss = outcome.loss};
    return SNAS_OK;
}

/* --- judge and save ------------------------------------------------------------------------------------------------------ */

static snas_status judge_epoch(run_loop *loop, run_row *row)
{
    run_training *training = loop->context;
    const snas_train_config *settings = &loop->config->train;
    const run_state *at = &loop->state;
    const run_judged judged = {.phase = "test", .network = loop->network, .loader = training->test};
    run_accuracy test;
    SNAS_TRY(run_accuracy_measure(&judged, &loop->watch, &test));
    training->accuracy = test.accuracy;
    const bool best = test.accuracy > training->best_accuracy;
    run_row_add_whole(row, "epoch", at->epoch + 1);
    run_row_add_whole(row, "step", at->global_step);
    run_row_add(row, "learning_rate",
                run_descent_rate(&training->descent, at->epoch, loop->epochs));
    run_row_add(
        row, "drop_path",
        run_drop_path(settings->drop_path, settings->drop_path_ramp, at->epoch, loop->epochs));
    run_row_add(row, "train_loss", at->loss / (double)at->images);
    run_row_add(row, "train_accuracy", (double)at->correct / (double)at->images);
    run_row_add(row, "test_loss", test.loss);
    run_row_add(row, "test_accuracy", test.accuracy);
    run_row_add(row, "test_accuracy_top5", test.accuracy_top5);
    run_row_add(row, "best_accuracy", best ? test.accuracy : training->best_accuracy);
    run_row_add_whole(row, "best_epoch", best ? at->epoch + 1 : training->best_epoch);
    return SNAS_OK;
}

static snas_status save_weights(run_loop *loop, const char *name)
{
    const run_training *training = loop->context;
    const snas_dataset *dataset = &training->dataset;
    run_child child = {
        .channels = loop->config->train.channels,
        .cells = loop->config->train.cells,
        .classes = dataset->classes,
        .side = dataset->train.side,
        .dataset = dataset->name,
        .epoch = loop->state.epoch,
        .accuracy = training->accuracy,
    };
    memcpy(child.mean, dataset->mean, sizeof child.mean);
    memcpy(child.deviation, dataset->deviation, sizeof child.deviation);
    const char *path = run_folder_path(loop->scratch, &loop->folder, name);
    SNAS_TRY(path == NULL ? SNAS_E_MEMORY : SNAS_OK);
    return run_child_save(loop->scratch, path, &child, &training->genotype, loop->network);
}

static snas_status save(run_loop *loop)
{
    run_training *training = loop->context;
    const snas_mark mark = snas_arena_mark(loop->scratch);
    snas_status status = save_weights(loop, "weights-last.safetensors");
    if (status == SNAS_OK && training->accuracy > training->best_accuracy) {
        status = save_weights(loop, "weights-best.safetensors");
        if (status == SNAS_OK) {
            training->best_accuracy = training->accuracy;
            training->best_epoch = loop->state.epoch;
        }
    }
    snas_arena_release(loop->scratch, mark);
    return status;
}

const run_task run_train_task = {
    .name = "train",
    .prepare = prepare,
    .begin = begin,
    .step = step,
    .judge_epoch = judge_epoch,
    .save = save,
};

snas_status snas_train_start(const snas_config *config, const snas_genotype *genotype,
                             const snas_run_options *options)
{
    return run_loop_start(&run_train_task, config, options, genotype);
}

snas_status snas_train_resume(const snas_config *config, const snas_run_options *options)
{
    return run_loop_resume(&run_train_task, config, options);
}
