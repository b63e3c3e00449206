/* design.h -- from pictures to a network: a search, its cell within a budget, a training and a test, in one folder.
 *
 *      plan.json           what was asked beside the config: hours, a time, C and L that are given
 *      start.json          the config before C and L are chosen
 *      latency-C16-L8.json with a budget of time: a table of `snas latency` of every size that was measured
 *      config.json         the config of the search and the training
 *      search/, train/     their run folders
 *      genotype.json       what `snas derive` has found
 *      test.json           what `snas eval --json` has said
 *      design.json         what has come of it
 *      design.lock         locked while a process works on the design
 *
 * Every stage but the choice of C and L is a process of this program, whose command a person can give as well. Which
 * stages are done is read from these files and the runs' STATUS alone.
 */
#ifndef SNAS_DESIGN_DESIGN_H
#define SNAS_DESIGN_DESIGN_H

#include <signal.h>

#include "snas/budget/budget.h"
#include "snas/config/config.h"
#include "snas/search/derive.h"

/** What is asked for. */
typedef struct {
    const char *from;        /* a config, a folder of pictures, a packed file, or the name of a data set */
    const char *const *sets; /* [set_count] "key.path=value", over what that says; a budget of counts is one */
    int set_count;
    double latency_ms, hours;          /* 0: not asked for */
    int64_t limit[SNAS_DERIVE_LIMITS]; /* bytes; 0: none */
} snas_design_request;

/** A design that was planned. */
typedef struct {
    const char *path;                  /* its folder, borrowed */
    int lock;                          /* descriptor of the locked design.lock; -1: it is not open */
    snas_config config;                /* before C and L are chosen */
    int channels, cells;               /* that are given; 0: chosen by the budgets */
    double latency_ms;                 /* a budget for which tables are measured; 0: none */
    double hours;                      /* of search and training; 0: their epochs are the config's */
    int64_t limit[SNAS_DERIVE_LIMITS]; /* of the derived cell; 0: none */
} snas_design;

/** Plan a design in the folder `path`, which is not touched. SNAS_E_USAGE with a sentence when `from` is nothing that
 *  it may be, or the config has faults. Everything in `mem`. */
SNAS_MUST_CHECK snas_status snas_design_plan(snas_arena *mem, const snas_design_request *request, const char *path,
                                             snas_design *out);

/** Take a new folder, and write the plan there. SNAS_E_USAGE with a sentence when it is neither new nor empty,
 *  SNAS_E_FAILED when another process is at it. */
SNAS_MUST_CHECK snas_status snas_design_open(snas_arena *mem, snas_design *design);

/** Take the folder of a design that was begun, by its own plan. SNAS_E_IO with a sentence when it holds none. */
SNAS_MUST_CHECK snas_status snas_design_reopen(snas_arena *mem, const char *path, snas_design *out);
void snas_design_close(snas_design *design);

/** Is it vacant for a new design? SNAS_E_USAGE with a sentence when it is not. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_design_vacant(snas_arena *mem, const char *path);

/* --- the size ----------------------------------------------------------------------------------------------------- */

/** What a budget meets in the networks of a size. */
typedef struct {
    snas_budget_term term;
    double least, largest;
} snas_design_bound;

/** C and L of the network that will be trained. */
typedef struct {
    int channels, cells;
    const char *reason; /* a sentence without its end, in `mem` */
    snas_design_bound bounds[SNAS_BUDGETS_MAX];
    int bound_count;
    int64_t limit[SNAS_DERIVE_LIMITS]; /* of the design */
    int64_t least[SNAS_DERIVE_LIMITS]; /* bytes that a network without operations holds; 0 without a limit */
    int64_t usual[SNAS_DERIVE_LIMITS]; /* with two of the kind of operation that holds most at every node */
    const char *table;                 /* of times; NULL: none */
} snas_design_size;

/** Choose C and L by the budgets; of a design with a budget of time, which takes measurements, only what its counts
 *  say. SNAS_E_USAGE with a sentence when no size meets the budgets. Opens the data set. */
SNAS_MUST_CHECK snas_status snas_design_choose(snas_arena *mem, const snas_design *design, snas_design_size *out);

/* --- the stages --------------------------------------------------------------------------------------------------- */

enum { SNAS_DESIGN_WORDS_MAX = 24, SNAS_DESIGN_COMMANDS_MAX = 8 };

/** A command line of this program. */
typedef struct {
    const char *stage;
    const char *words[SNAS_DESIGN_WORDS_MAX]; /* [count], the first is "snas" */
    int count;
    const char *output; /* file that its standard output becomes; NULL: it is for people */
} snas_design_command;

/** It as a shell takes it, in `mem`; NULL without memory. */
const char *snas_design_line(snas_arena *mem, const snas_design_command *command);

/** The commands of a new design of this size, by which a person does the same. */
SNAS_MUST_CHECK snas_status snas_design_commands(snas_arena *mem, const snas_design *design,
                                                 const snas_design_size *size,
                                                 snas_design_command out[SNAS_DESIGN_COMMANDS_MAX], int *count);

typedef struct {
    int threads;                                                     /* of every stage; 0: their default */
    bool quiet, verbose, no_color;                                   /* they say as much as this */
    volatile sig_atomic_t *stop;                                     /* non-zero: ask the stage to save and stop */
    volatile sig_atomic_t *listens;                                  /* set to 1 when `stop` is looked at from now on */
    void (*begins)(void *context, const snas_design_command *c);     /* a process is started */
    void (*chosen)(void *context, const snas_design_size *size);     /* C and L */
    void (*done)(void *context, const char *stage, const char *why); /* a stage was done before */
    void *context;
} snas_design_options;

/** How the process of a stage failed. */
typedef struct {
    int code;   /* it exited with this */
    int signal; /* or was ended by this */
} snas_design_outcome;

/** Do the stages that are not done. SNAS_E_INTERRUPTED when it was asked to stop, SNAS_E_FAILED when a stage failed,
 *  which has said why on the standard error: then *outcome tells how. */
SNAS_MUST_CHECK snas_status snas_design_run(snas_arena *mem, const snas_design *design,
                                            const snas_design_options *options, snas_design_outcome *outcome);

/* --- the result --------------------------------------------------------------------------------------------------- */

typedef struct {
    snas_design_size size;
    snas_genotype genotype;
    int64_t parameters, macs, flash_bytes;
    int64_t holds[SNAS_DERIVE_LIMITS];
    double latency_ms; /* NaN: there is no table */
    double accuracy;   /* of the last epoch's weights on the test pictures, 0..1 */
    int64_t images;
    double search_hours, train_hours; /* over all stops */
    const char *weights;              /* file that was tested */
    snas_design_command commands[SNAS_DESIGN_COMMANDS_MAX];
    int command_count;
} snas_design_result;

/** What has come of a design whose stages are done, in `mem`. */
SNAS_MUST_CHECK snas_status snas_design_read(snas_arena *mem, const snas_design *design, snas_design_result *out);

/** It as JSON, the text of design.json. */
SNAS_MUST_CHECK snas_status snas_design_json(snas_arena *mem, const snas_design_result *result, const char **out);

/** Write design.json. */
SNAS_MUST_CHECK snas_status snas_design_save(snas_arena *mem, const snas_design *design,
                                             const snas_design_result *result);

#endif
