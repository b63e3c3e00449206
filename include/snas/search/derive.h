/* derive.h -- `snas derive`: the architecture of a search's newest checkpoint, and its child's accuracy. */
#ifndef SNAS_SEARCH_DERIVE_H
#define SNAS_SEARCH_DERIVE_H

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"

/** Costs that a budget can bound, of the child that `snas train` builds by the config: constant, name, and how much of
 *  the cost's whole numbers a unit of what people write is. A time counts nanoseconds. Flash is that of the constants
 *  of the child in C in 8 bits. */
#define SNAS_DERIVE_BUDGET_ROWS(row)                                                                                   \
    row(PARAMETERS, parameters, 1) row(MACS, macs, 1) row(LATENCY, latency_ms, 1e6) row(FLASH, flash_bytes, 1)
#define SNAS_DERIVE_ENUM(constant, name, unit) SNAS_DERIVE_##constant,
enum { SNAS_DERIVE_BUDGET_ROWS(SNAS_DERIVE_ENUM) SNAS_DERIVE_BUDGETS };
extern const char *const snas_derive_budget_names[SNAS_DERIVE_BUDGETS]; /* "parameters", "macs", ... */
extern const double snas_derive_budget_units[SNAS_DERIVE_BUDGETS];

/** Bytes that a limit can bound, which are no sum over edges: constant and name. Of activations, to evaluate a picture
 *  here; of activations of the child in C in 8 bits. */
#define SNAS_DERIVE_LIMIT_ROWS(row) row(PEAK, peak_bytes) row(RAM, ram_bytes)
#define SNAS_DERIVE_LIMIT_ENUM(constant, name) SNAS_DERIVE_LIMIT_##constant,
enum { SNAS_DERIVE_LIMIT_ROWS(SNAS_DERIVE_LIMIT_ENUM) SNAS_DERIVE_LIMITS };
extern const char *const snas_derive_limit_names[SNAS_DERIVE_LIMITS]; /* "peak_bytes", "ram_bytes" */

typedef struct {
    snas_rule rule;
    bool evaluate;
    int64_t most[SNAS_DERIVE_BUDGETS]; /* 0: no budget */
    int64_t limit[SNAS_DERIVE_LIMITS]; /* 0: no limit */
    const char *latency_table;         /* file; NULL: the config's search.resource.table, if there is one */
} snas_derive_request;

/** Does the request ask for more than the rule's own cell? */
bool snas_derive_is_bounded(const snas_derive_request *request);

/** The bounds of the config's search.budget, where the request has no budgets of its own: then the answer of the rule
 *  edge is the search's own genotype. */
void snas_derive_take_budgets(const snas_search_config *settings, snas_derive_request *request);

/** A genotype as `snas train` builds it by the config's train section. */
typedef struct {
    bool known; /* false: that section gives no network */
    int channels, cells;
    int64_t cost[SNAS_DERIVE_BUDGETS]; /* macs a picture; a latency of -1: there is no table */
    int64_t holds[SNAS_DERIVE_LIMITS]; /* bytes */
    double log_p;                      /* sum of ln p over the kept edges */
} snas_derived_child;

/** Bytes that a child, a spec with its genotype, holds by a limit. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_derive_held(snas_arena *mem, const snas_network_spec *child, int limit, int64_t *out);

/** What the child of a genotype costs, its flash that of the exported file, which a budget of flash bounds from above;
 *  `child` is its network without a genotype, `table` the file of its times, NULL:
 *  none. log_p is 0. */
SNAS_MUST_CHECK snas_status snas_derive_child_cost(snas_arena *mem, const snas_network_spec *child, const char *table,
                                                   const snas_genotype *genotype, snas_derived_child *out);

/** The results of derive. Everything in `mem`. */
typedef struct {
    snas_genotype genotype;
    snas_genotype own;                   /* the rule's own cell: the same without a bound that binds */
    snas_derived_child child, own_child; /* of both */
    int looked;                          /* with a limit: cells whose bytes were looked at */
    const double *probabilities;         /* [T][E][K] */
    double entropy[SNAS_CELL_TYPES_MAX]; /* nats, mean over the edges */
    int64_t parameters, macs;            /* of the child with the search's C and L */
    int64_t step;                        /* of the checkpoint */
    bool evaluated;
    double accuracy; /* child with inherited weights and running statistics, on the validation pictures, 0..1 */
    double accuracy_recalibrated; /* the same after a recalibration of the batch norms */
    int recalibration_batches;
} snas_derived;
SNAS_MUST_CHECK snas_status snas_derive(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                                        const snas_derive_request *request, snas_derived *out);

/** Write genotype-RULE.json and the pictures cell_<type>-RULE.png to `folder`. Whatever fails, no picture of another
 *  genotype is left beside genotype-RULE.json. *genotype_path: where it is, in `mem`. */
SNAS_MUST_CHECK snas_status snas_derive_save(snas_arena *mem, const snas_genotype *genotype, snas_rule rule,
                                             const char *folder, const char **genotype_path);

#endif
