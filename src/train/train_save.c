/* train_save.c -- what an epoch leaves: the weights of the last evaluation and of the best one, and the cells drawn.
 *
 * All files are tried, whatever fails. What cannot be written is kept by the loop (snas_loop_save_tensors), so the best
 * weights stay the best, whether their file is there yet or not.
 */
#include <string.h>

#include "snas/learn/child_file.h"
#include "snas/learn/streams.h"
#include "snas/report/drawing.h"
#include "training.h"

static const struct {
    const char *last, *best;
} FILES[TRAIN_WEIGHTS_COUNT] = {
    [TRAIN_PLAIN] = {"weights-last", "weights-best"},
    [TRAIN_AVERAGE] = {"weights-average-last", "weights-average-best"},
};

/* The weights in the network, with the statistics that they were judged with, as a file. */
static snas_status describe_weights(snas_loop *loop, const train_standing *standing, snas_tensor_file *out)
{
    const training_state *training = loop->context;
    const snas_dataset *dataset = &training->dataset;
    snas_child child = {
        .stem = loop->config->train.stem,
        .shorter = snas_streams_shorter(loop->config, dataset),
        .orient = loop->config->data.orient,
        .class_names = dataset->class_names,
        .channels = loop->config->train.channels,
        .cells = loop->config->train.cells,
        .classes = dataset->classes,
        .side = dataset->train.side,
        .dataset = dataset->name,
        .division = dataset->division,
        .epoch = loop->state.epoch,
        .accuracy = standing->test.accuracy,
        .test = standing->tally,
    };
    memcpy(child.mean, dataset->mean, sizeof child.mean);
    memcpy(child.deviation, dataset->deviation, sizeof child.deviation);
    return snas_child_file(loop->scratch, &child, &training->genotype, loop->network, out);
}

static snas_status save_last_and_best(snas_loop *loop, int set, train_standing *standing)
{
    snas_fault first = {0};
    snas_tensor_file file;
    SNAS_TRY(describe_weights(loop, standing, &file));
    snas_fault_first(&first, snas_loop_save_tensors(loop, FILES[set].last, &file));
    if (standing->test.accuracy > standing->best_accuracy) {
        const snas_status status = snas_loop_save_tensors(loop, FILES[set].best, &file);
        snas_fault_first(&first, status);
        if (status == SNAS_OK || status == SNAS_E_IO) { /* written, or kept */
            standing->best_accuracy = standing->test.accuracy;
            standing->best_epoch = loop->state.epoch;
        }
    }
    return snas_fault_again(&first);
}

static void show_statistics(snas_loop *loop, const train_standing *standing)
{
    if (standing->buffers != NULL) {
        snas_average_exchange(snas_network_buffers(loop->network), standing->buffers,
                              snas_network_buffer_values(loop->network));
    }
}

static snas_status save_set(snas_loop *loop, int set)
{
    training_state *training = loop->context;
    train_standing *standing = &training->standings[set];
    train_turn(training, set);
    show_statistics(loop, standing);
    const snas_status status = save_last_and_best(loop, set, standing);
    show_statistics(loop, standing);
    train_turn(training, set);
    return status;
}

/* Once in a process: the cells stay what they are. */
static snas_status draw_cells(snas_loop *loop)
{
    training_state *training = loop->context;
    const snas_genotype *genotype = &training->genotype;
    snas_fault first = {0};
    for (int type = 0; type < genotype->space->cell_types && !training->drawn; type++) {
        const snas_cell_view view = {.genotype = genotype, .type = type};
        const char *stem =
            snas_format(loop->scratch, "%s/cell_%s", loop->folder.path, genotype->space->type_names[type]);
        SNAS_TRY(snas_taken(stem));
        snas_fault_first(&first, snas_drawing_save_both(loop->scratch, snas_cell_drawing(&view), stem));
    }
    const snas_status status = snas_fault_again(&first);
    training->drawn = training->drawn || status == SNAS_OK;
    return status;
}

snas_status train_save(snas_loop *loop)
{
    training_state *training = loop->context;
    const snas_mark mark = snas_arena_mark(loop->scratch);
    snas_fault first = {0};
    for (int set = 0; training->unsaved && set < TRAIN_WEIGHTS_COUNT; set++) {
        if (train_has(training, set)) {
            snas_fault_first(&first, save_set(loop, set));
        }
    }
    if (training->unsaved) {
        snas_fault_first(&first, draw_cells(loop));
    }
    training->unsaved = false;
    snas_arena_release(loop->scratch, mark);
    return snas_fault_again(&first);
}
