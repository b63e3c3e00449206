/* checkpoint.h -- the whole state of a run as one table of named numbers, written and read by the same rows.
 *
 * File: checkpoints/step-00001234.safetensors, and checkpoints/LATEST with the newest one's name.
 *      model.*                    parameters, running statistics under PyTorch's names
 *      unsaved.*                  weights whose own file could not be written (unsaved.h)
 *      everything else            the rows: logits (F64), optimisers, place in the run, sums of the epoch
 *      metadata                   snas.command, snas.config (the resolved config), snas.genotype (a child's), and what
 *                                 else decides its bytes: snas.arithmetic, snas.shards, snas.pictures (the data set),
 *                                 snas.division (of a folder of classes), snas.classes (a JSON list of their names)
 * Random numbers need no row: (seed, stream, step) determine them. Nothing in it depends on time or threads.
 */
#ifndef SNAS_LOOP_CHECKPOINT_H
#define SNAS_LOOP_CHECKPOINT_H

#include "snas/loop/metrics.h"
#include "snas/model/network.h"

enum { SNAS_CHECKPOINT_ROWS_MAX = 40 };

/** One piece of state: its name in the file, and where it lives. */
typedef struct {
    const char *name; /* borrowed */
    snas_dtype dtype;
    int dims;
    int64_t shape[3];
    void *data;    /* borrowed: read by save, written by load */
    bool optional; /* a checkpoint may lack it: then it stays as it is */
} snas_checkpoint_row;

typedef struct {
    const char *folder;             /* the run's; "/checkpoints" is added here */
    const char *command;            /* "search", "train" */
    const char *config;             /* resolved, JSON */
    const char *genotype;           /* JSON; NULL: none */
    int shards;                     /* that a batch is cut into */
    const char *division;           /* of the data set; NULL: it has its parts */
    const char *const *class_names; /* [classes]; NULL: not known */
    int classes;
    uint32_t pictures;    /* identity of the data set; 0: unknown */
    int keep;             /* newest files to keep, at least 1 */
    int64_t spared;       /* step whose file is kept beside them; -1: none */
    snas_metrics_sum sum; /* of the rows of figures that it counts; "" none is written */
    snas_network *network;
    snas_checkpoint_row rows[SNAS_CHECKPOINT_ROWS_MAX];
    int count;
    const snas_tensor_file *extra; /* tensors and metadata that are written beside the rows; NULL: none */
} snas_checkpoint;

void snas_checkpoint_add(snas_checkpoint *checkpoint, snas_checkpoint_row row);

/** Write the checkpoint of `step`, name it in LATEST, and remove older ones beyond `keep`, with a warning when one
 *  cannot be removed. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_checkpoint_save(snas_arena *mem, const snas_checkpoint *checkpoint, int64_t step);

/** The newest step before `step` with a file in the run's folder; -1: none. */
int64_t snas_checkpoint_before(const char *folder, int64_t step);

/** Remove the files of steps before `step` except the newest keep - 1 and the spared one. Later ones, left when a run
 *  goes back, stay: they are replaced when the run reaches their steps again. */
SNAS_MUST_CHECK snas_status snas_checkpoint_prune(snas_arena *mem, const snas_checkpoint *checkpoint, int64_t step);

/** Make LATEST name the file of the spared step, or the newest one before it; *name receives it. Without any the name
 *  is NULL and LATEST says step 0: the beginning of the run. The file that it named before stays. */
SNAS_MUST_CHECK snas_status snas_checkpoint_go_back(snas_arena *mem, const snas_checkpoint *checkpoint,
                                                    const char **name);

/** Path of the file that LATEST names (the newest by number when LATEST is missing); NULL when there is none at all,
 *  or LATEST says step 0 and that has none. */
SNAS_MUST_CHECK snas_status snas_checkpoint_newest(snas_arena *mem, const char *folder, const char **path);

/** Path of the file of that step. SNAS_E_USAGE, with a sentence that says which steps there are, when it has none. */
SNAS_MUST_CHECK snas_status snas_checkpoint_at(snas_arena *mem, const char *folder, int64_t step, const char **path);

/** Read a checkpoint file. A broken one is SNAS_E_IO with a sentence that says how to go on from the one before it. */
SNAS_MUST_CHECK snas_status snas_checkpoint_read(snas_arena *mem, const char *path, snas_tensor_file *out);

/** Any fault of a run's own files is one of reading them back: SNAS_E_DATA and SNAS_E_NUMERIC become SNAS_E_IO, with
 *  the same sentence. */
SNAS_MUST_CHECK snas_status snas_saved_fault(snas_status status);

/** Put the file's numbers back into the rows and the network. SNAS_E_IO with a sentence (and how to go on) on a missing
 *  or misshapen one, SNAS_E_USAGE when the file belongs to another command, another number of shards or another
 *  arithmetic, SNAS_E_DATA when it was written with other pictures or classes. `*same_config` tells whether it was
 *  written under this config. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_checkpoint_restore(snas_arena *mem, const snas_checkpoint *checkpoint,
                                                    const char *path, const snas_tensor_file *file, bool *same_config);

#endif
