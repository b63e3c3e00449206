/* graph.h -- what the files of this room share: the schedule and the memory plan of a program. */
#ifndef SNAS_GRAPH_GRAPH_H
#define SNAS_GRAPH_GRAPH_H

#include "snas/graph/blocks.h"
#include "snas/graph/program.h"
#include "snas/kernel/sets.h"

/* --- schedule.c: which stage each pass of each operation runs in -------------------------------------------------- */

typedef enum { PASS_STATISTICS, PASS_FORWARD, PASS_BACKWARD_STATISTICS, PASS_BACKWARD, PASS_COUNT } pass_kind;

/** Stages count from 0, forward first; backward stages follow the forward ones. SNAS_NONE: does not run. */
typedef struct {
    int *stage[PASS_COUNT]; /* [op_count]; folded norms: STATISTICS and BACKWARD_STATISTICS are their finalizes */
    bool *gradient_arrives; /* [value_count] */
    int forward_stages, stages;
} graph_schedule;

SNAS_MUST_CHECK snas_status graph_schedule_make(const snas_program *p, bool training, graph_schedule *out);

/* --- plan.c: where each value and gradient lies ------------------------------------------------------------------- */

typedef struct {
    snas_block *values, *gradients; /* [value_count]; of roots only */
    int64_t picture;                /* elements a picture that everything needs */
} graph_plan;

/** How a plan is made. */
typedef struct {
    bool training;    /* else live ranges count operations, not stages: one picture at a time, no backward pass */
    bool single_path; /* at most one candidate of an edge runs in a pass: those of different ones share memory */
} graph_plan_options;

SNAS_MUST_CHECK snas_status graph_plan_make(const snas_program *p, const graph_schedule *s,
                                            const graph_plan_options *options, graph_plan *out);

/** Elements that live at the same time at most, of an evaluation's plan: its size if no memory were lost between
 *  blocks. */
int64_t graph_live(const snas_program *p, const graph_plan *plan);

/** The value whose memory `value` lives in, and its first channel there. */
int graph_root(const snas_program *p, int value, int *first_channel);

/** Channels a block of a root's memory. What a concat brings together is written by parts and lies by parts, when all
 *  who read the whole can do so; else as one block. */
int graph_block_channels(const snas_program *p, int root);

/** The value's one reader is a node, and who writes the value forms its gradient itself, of the node's: a fused
 *  operation, with a folded norm after it or without. */
bool graph_is_nodes(const snas_program *p, int value);

/** The value whose gradient memory receives dL/d value: for what is a node's that node's output. */
int graph_gradient_of(const snas_program *p, int value);

/** The value whose gradient block holds that gradient: a folded norm's own gradient does not live in its input. */
int graph_gradient_root(const snas_program *p, int value);

/** The folded norm (operation) after a value or after the concat it is part of, and the value's first channel there;
 *  SNAS_NONE: none. */
int graph_norm_behind(const snas_program *p, int value, int *first_channel);

/** The value is not stored: only a node reads it, maybe through its folded norm, and has it recomputed row by row. */
bool graph_is_recomputed(const snas_program *p, int value);

/** The value is a batch norm written out by a node of its own: what that node reads stays in memory longer than the
 *  value is needed, so it can be written again when the way back reads it. */
bool graph_is_restored(const snas_program *p, int value);

/** The value whose memory must hold something for `value` to be read: its root, or that of what it is made from. */
int graph_source(const snas_program *p, int value);

/** The single operation that reads a value, SNAS_NONE when none or several do. */
int graph_single_reader(const snas_program *p, int value);

#endif
