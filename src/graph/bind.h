/* bind.h -- a planned program with its memory: the tasks that kernels get. */
#ifndef SNAS_GRAPH_BIND_H
#define SNAS_GRAPH_BIND_H

#include "graph.h"
#include "ranks.h"
#include "shard_reduce.h"
#include "snas/graph/executor.h"

/** One pass of one operation in a stage, and the gradients that start at zero there. */
typedef struct {
    int op;
    int zero_first, zero_count; /* into executor.zeros */
} graph_item;

/** A row of items, then what closes the stage. */
typedef struct {
    pass_kind pass; /* of the items; a forward stage may hold statistics and forward passes */
    graph_item *items;
    pass_kind *passes; /* [item_count] */
    int item_count;
    const shard_row *sums;          /* what it sums over pictures; NULL: nothing */
    int *finalizes, finalize_count; /* operations whose statistics are complete */
    int *collects, collect_count;   /* operations whose weight gradients are */
} graph_stage;

struct snas_executor {
    const snas_executor *shared; /* whose parameters it uses; NULL: its own */
    const snas_team *team;
    const snas_program *program;
    const char *kernels;
    bool f64, training, single_path;
    int batch, shards;
    int ranks, rank;      /* processes, and which of them this is */
    int first_shard, own; /* shards of this rank: own of them, from there on */
    int group;            /* shards that a thread takes at a time */
    int first_image;      /* of this step's batch, of this rank */
    int slots;            /* picture slots of the activations */
    size_t element;       /* bytes */
    graph_schedule schedule;
    graph_plan plan;
    const snas_kernel **kernel; /* [op_count] */
    snas_task *tasks;           /* [op_count] */
    snas_view **views;          /* [op_count]: x of a task, after it dx */
    snas_term **terms;          /* [op_count], of mixes */
    snas_norm *norms;           /* [op_count], used by norms */
    graph_stage *stages;        /* [schedule.stages] */
    graph_stage evaluation;     /* all forward passes */
    snas_block *zeros;          /* gradients to clear */
    int zero_count;
    char *values; /* plan.picture * slots elements: values and gradients */
    void *weights, *gradients, *buffers;
    shard_row *rows;       /* [schedule.stages] */
    char *sums;            /* the shards' rows of the stage that runs */
    size_t sums_bytes;     /* of the largest stage */
    shard_tree tree;       /* of this rank's part of this step's batch */
    graph_ranks others;    /* what is exchanged with the other ranks */
    bool *off;             /* [op_count]: of this step, gated by a weight of 0 */
    bool *ready;           /* [op_count]: prepared for evaluations with the present weights */
    char *scratch, *cache; /* [threads][scratch_bytes], [threads][cache_bytes] */
    size_t scratch_bytes, cache_bytes;
    uint64_t walks;                           /* number of the next walk of a shard through a stage */
    size_t parameter_bytes, activation_bytes; /* measured before anything is taken */
    const snas_profile *profile;              /* NULL: nothing is timed */
};

/** Fill everything but memory: kernels, sizes. */
SNAS_MUST_CHECK snas_status graph_measure(snas_executor *ex, snas_arena *mem);
/** Take memory and bind tasks. */
SNAS_MUST_CHECK snas_status graph_bind(snas_executor *ex, snas_arena *mem);
/** What each stage sums over pictures, and the memory that it takes; and where it lies then. */
SNAS_MUST_CHECK snas_status graph_sums_plan(snas_executor *ex, snas_arena *mem);
void graph_sums_bind(snas_executor *ex);
/** Make the stages. */
SNAS_MUST_CHECK snas_status graph_stages_make(snas_executor *ex, snas_arena *mem);

#endif
