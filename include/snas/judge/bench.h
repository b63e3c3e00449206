/* bench.h -- measures the speed of a step, its share of the peak, its memory, and where its time goes.
 *
 * A step is the one that `snas search` or `snas train` takes: pictures from the loader with augmentation, forward,
 * backward, clipping, optimisers; in a search also the draw, the resource term and Adam. With `evaluate` it is a batch
 * of an evaluation. Warm-up steps come first, then the timed ones, then a few under a profile.
 */
#ifndef SNAS_JUDGE_BENCH_H
#define SNAS_JUDGE_BENCH_H

#include "snas/config/config.h"
#include "snas/space/genotype.h"

typedef struct {
    snas_team team;
    const char *kernels;           /* NULL: the best; see network.h */
    const snas_genotype *genotype; /* NULL: the supernet of config.search; else the child of config.train */
    bool evaluate;                 /* forward passes with running statistics */
    int steps;                     /* timed ones, at least 1 */
} snas_bench_options;

/** A line of the table. Seconds are those of a step, summed over the threads and divided by their number, so that the
 *  lines add up to a step. */
typedef struct {
    const char *kernel; /* the operation's name; "prepare", "close", "rest" */
    double forward_s, backward_s, total_s;
    int64_t forward_calls, backward_calls; /* a step */
    double share;                          /* of the profiled step */
    bool is_pass;                          /* work on pictures, which processes share */
} snas_bench_row;

/** What a process of several sends in a step, and how much of the step it waits for exchanges. */
typedef struct {
    int ranks; /* 1: alone, and the others are 0 */
    double messages, bytes, share;
} snas_bench_traffic;

enum { SNAS_BENCH_NETWORKS = 4, SNAS_BENCH_MODELS = 5 };

/** A network, and what a step would take on it. */
typedef struct {
    const char *name; /* "measured", "1 Gbit/s", ... */
    double latency_s, bytes_per_s;
    double step_s[SNAS_BENCH_MODELS]; /* with 1, 2, 4, 8, 16 processes */
} snas_bench_network;

enum { SNAS_BENCH_CORES = 7 };

/** What one thread alone does of a step, and what a step would take on 1, 2, 4, ... 64 cores if they shared nothing. */
typedef struct {
    bool known;                      /* measured with one thread and one process only */
    double alone_s;                  /* of a step: outside of all parallel loops */
    int loops;                       /* a step */
    double step_s[SNAS_BENCH_CORES]; /* units of the loops go in order to whichever core is free first */
    double most[SNAS_BENCH_CORES];   /* times as fast, by Amdahl's law */
} snas_bench_cores;

/** Everything in the arena or for ever. */
typedef struct {
    const char *step; /* "search", "train", "evaluate" */
    int batch, channels, cells, side, steps, threads;
    int classes;
    snas_stem stem;
    double auxiliary;         /* weight of the auxiliary loss; 0: none, as in a search */
    int64_t parameters, macs; /* of the network; macs a picture, forward, of the mean path where only one runs */
    const char *kernel_set, *blas;
    double images_per_s; /* at the median */
    double step_s_median, step_s_min;
    double gflops;               /* at the median: 2 macs a picture and pass, a way back counted twice */
    double peak_gflops;          /* of multiply-adds in registers on all threads at once, the best of several tries */
    double share_of_peak;        /* gflops / peak_gflops */
    double peak_rss_mib;         /* of the process, after the timed steps */
    double planned_mib;          /* parameters, activations, optimiser, pictures: known before the first step */
    double allocations_per_step; /* of the heap, by arenas */
    double data_wait_share;      /* of the timed steps: waiting for pictures */
    double start_s;              /* from the call to the end of the first step */
    double profiled_step_s;      /* slower than a timed one: clocks are read */
    const snas_bench_row *rows;  /* by time, "rest" last */
    int row_count;
    snas_bench_cores cores;
    snas_bench_traffic traffic;
    snas_bench_network networks[SNAS_BENCH_NETWORKS]; /* of several processes; else empty */
} snas_benched;

/** Measure. SNAS_E_USAGE when the data set holds less than a batch; else what building and stepping may return. */
SNAS_MUST_CHECK snas_status snas_bench(snas_arena *mem, const snas_config *config, const snas_bench_options *options,
                                       snas_benched *out);

#endif
