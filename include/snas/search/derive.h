/* derive.h -- `snas derive`: the architecture of a search's newest checkpoint, and its child's accuracy. */
#ifndef SNAS_SEARCH_DERIVE_H
#define SNAS_SEARCH_DERIVE_H

#include "snas/config/config.h"
#include "snas/learn/run_options.h"
#include "snas/space/genotype.h"

/** The results of derive. Everything in `mem`. */
typedef struct {
    snas_genotype genotype;
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
                                        snas_rule rule, bool evaluate, snas_derived *out);

/** Write genotype-RULE.json and the pictures cell_<type>-RULE.png to `folder`. Whatever fails, no picture of another
 *  genotype is left beside genotype-RULE.json. *genotype_path: where it is, in `mem`. */
SNAS_MUST_CHECK snas_status snas_derive_save(snas_arena *mem, const snas_genotype *genotype, snas_rule rule,
                                             const char *folder, const char **genotype_path);

#endif
