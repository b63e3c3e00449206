/* loop.h -- the loop that search and train share: steps, epochs, rows of figures, checkpoints, stopping, resuming.
 *
 * A task says what a step is and how an epoch is judged. The loop knows nothing of architectures; a task knows nothing
 * of folders, checkpoints and signals. All state that a step changes is either in the network or a row of the
 * checkpoint's table, so a run that is stopped at any step and resumed computes the same numbers.
 */
#ifndef SNAS_LOOP_LOOP_H
#define SNAS_LOOP_LOOP_H

#include "snas/config/config.h"
#include "snas/learn/batch_stream.h"
#include "snas/learn/flaw_report.h"
#include "snas/learn/run_options.h"
#include "snas/learn/step.h"
#include "snas/learn/watch.h"
#include "snas/loop/checkpoint.h"
#include "snas/loop/events.h"
#include "snas/loop/metrics.h"
#include "snas/loop/run_folder.h"
#include "snas/loop/unsaved.h"

typedef struct snas_loop snas_loop;

enum { SNAS_LOOP_FIGURES_MAX = 8 };

/** A figure of the epoch, beside loss and accuracy: the mean of what its steps give. Sum, checkpoint and metrics all
 *  follow from the row. */
typedef struct {
    const char *name;                            /* in the metrics; in the checkpoint after "state." */
    bool by_picture;                             /* the mean over the pictures; else over the steps */
    double (*of_step)(const snas_loop *loop);    /* what the step just taken gives */
    bool (*is_given)(const snas_config *config); /* NULL: always */
} snas_loop_figure;

/** The place of a run, and the epoch's sums so far. All of it is in the checkpoint. */
typedef struct {
    int64_t epoch;       /* finished epochs */
    int64_t step;        /* finished steps of the current epoch */
    int64_t global_step; /* finished steps of the run */
    int64_t rows;        /* rows of figures */
    int64_t images, correct;
    double loss;                        /* sum over the pictures */
    double sums[SNAS_LOOP_FIGURES_MAX]; /* of the task's figures */
} snas_loop_state;

/** What a step reports. */
typedef struct {
    int images, correct;
    double loss; /* mean over the pictures of the objective, without decay and R */
} snas_loop_step;

typedef struct {
    const char *name;                /* the command, and the phase of its steps: "search", "train" */
    const snas_loop_figure *figures; /* ends with name NULL */
    /** Open the data, build the network, take all memory, register the task's state with loop->checkpoint; sets
     *  loop->epochs, steps_per_epoch, first_rate, loss_weights, network, dataset, train. `request` comes from the
     *  caller of snas_loop_start, NULL on resume. */
    snas_status (*prepare)(snas_loop *loop, const void *request);
    /** Write what the new folder holds besides the config; may be NULL. */
    snas_status (*begin)(snas_loop *loop);
    /** One training step, number loop->state.global_step (from 0). Nothing moves when it fails. */
    snas_status (*step)(snas_loop *loop, snas_loop_step *out);
    /** Judge the epoch and fill the row. SNAS_E_INTERRUPTED, with nothing changed, when the run is to stop. */
    snas_status (*judge_epoch)(snas_loop *loop, snas_metrics_row *row);
    /** Why further epochs are not wanted: the beginning of a sentence, in the loop's scratch; NULL: they are. Asked
     *  between two of them; may be NULL: never asked. */
    const char *(*ended)(snas_loop *loop);
    /** Write the results of the epoch that has ended, except for figures and checkpoint: try every file, and return the
     *  first fault. Called again when a run goes on, and at its end after a fault: what is written already may be
     *  written again, the same. */
    snas_status (*save)(snas_loop *loop);
    /** Add the pictures that `save` has just written to the event files; may be NULL: it writes none. */
    snas_status (*show)(snas_loop *loop);
} snas_loop_task;

struct snas_loop {
    const snas_loop_task *task;
    void *context; /* the task's own, made by prepare */
    const snas_config *config;
    const snas_run_options *options;
    snas_arena *mem;     /* lives as long as the run */
    snas_arena *scratch; /* between steps; released after every use */
    snas_run_folder folder;
    snas_watch watch;
    snas_network *network;
    const snas_dataset *dataset;
    const char *note;        /* a remark for the log, set by prepare; NULL: none */
    snas_flaws_told told[2]; /* flaws reported of its training and its test pictures */
    snas_batch_stream train; /* of the pictures that steps train on */
    int epochs;
    int64_t steps_per_epoch;
    double first_rate;   /* learning rate that the config begins with */
    double loss_weights; /* of the losses in a step's, summed: 1, more with an auxiliary one */
    snas_loop_state state;
    snas_metrics metrics;
    snas_events events;
    snas_checkpoint checkpoint;
    int64_t unjudged;                    /* step of a checkpoint that no step has started from yet; -1: none */
    snas_unsaved unsaved;                /* results that could not be written */
    bool stands;                         /* the last save has written its checkpoint */
    bool behind;                         /* something could not be written */
    int failed_saves;                    /* in a row, without a checkpoint */
    double train_seconds, epoch_started; /* for timing.jsonl; epoch_started is 0 before the first step */
    int64_t steps_timed;
    double data_seconds;      /* that steps have waited for their pictures */
    double data_seconds_told; /* of them, those of the epochs in timing.jsonl */
    double processor_told;    /* processor seconds of this process when its last line was written there */
};

/** The next pictures of a stream; the time that the step waits for them is added to data_seconds. */
SNAS_MUST_CHECK snas_status snas_loop_pictures(snas_loop *loop, snas_batch_stream *stream, snas_loaded *out);

/** The means of the epoch's figures into its row, in the order of their table. */
void snas_loop_add_figures(const snas_loop *loop, snas_metrics_row *row);

/** Replace `name`.safetensors in the run's folder. When it cannot be written (SNAS_E_IO) a copy of the file is kept, in
 *  memory and in checkpoints, and written at the next save. */
SNAS_MUST_CHECK snas_status snas_loop_save_tensors(snas_loop *loop, const char *name, const snas_tensor_file *file);

/** Add the picture `kind`_`what`.png of the run's folder to the event files, as `kind`/`what`, at the last row's step.
 */
SNAS_MUST_CHECK snas_status snas_loop_show(snas_loop *loop, const char *kind, const char *what);

/** The input of the current step: these pictures, and the loop's place. */
snas_step_input snas_loop_step_input(const snas_loop *loop, const snas_loaded *pictures);

/** Run a task in a new folder, or go on with the folder's. */
SNAS_MUST_CHECK snas_status snas_loop_start(const snas_loop_task *task, const snas_config *config,
                                            const snas_run_options *options, const void *request);
SNAS_MUST_CHECK snas_status snas_loop_resume(const snas_loop_task *task, const snas_config *config,
                                             const snas_run_options *options);

#endif
