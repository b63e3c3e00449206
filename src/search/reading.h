/* reading.h -- what the logits say: the genotype of a rule, its size beside the expected one, entropies. */
#ifndef SNAS_SEARCH_READING_H
#define SNAS_SEARCH_READING_H

#include "snas/arch/estimator.h"
#include "snas/config/config.h"
#include "snas/model/network.h"
#include "snas/space/genotype.h"

/** The supernet's sizes, candidate by candidate, counted as a child's are (batch norms with gamma and beta): so the sum
 *  over a genotype's candidates is the child's size. */
typedef struct {
    const snas_space *space;
    int cells, edges, candidates;
    int *type_of_cell;         /* [cells] */
    snas_count fixed;          /* what no candidate owns */
    snas_count *per_candidate; /* [cells][E][K] */
} search_sizes;

SNAS_MUST_CHECK snas_status search_sizes_create(snas_arena *mem, const snas_search_config *settings, int classes,
                                                int side, search_sizes *out);

/** Fill logits of the right shape from the tensors "normal_log_alpha", ... of a loaded file. SNAS_E_DATA with a
 *  sentence when one is missing, misshapen or not finite; `path` is for it. */
SNAS_MUST_CHECK snas_status search_logits_load(snas_arena *mem, const snas_space *space, const char *path,
                                               const snas_tensor_file *file, snas_logits *logits);

typedef struct {
    double *p;                           /* [T][E][K] probabilities */
    double *z;                           /* [T][E][K] one-hot of the genotype, zero on edges that it lacks */
    double entropy[SNAS_CELL_TYPES_MAX]; /* nats, mean over the edges */
    snas_genotype genotype;
    double expected_parameters, expected_macs; /* under p */
    int64_t parameters, macs;                  /* of the genotype's child with the search's C and L; macs a picture */
    int skips[SNAS_CELL_TYPES_MAX], nones[SNAS_CELL_TYPES_MAX]; /* genes of the genotype */
} search_reading;

/** Room for a reading, then read as often as wanted: search_reading_take allocates nothing. */
SNAS_MUST_CHECK snas_status search_reading_create(snas_arena *mem, const snas_logits *logits, search_reading *out);
void search_reading_take(const search_sizes *sizes, const snas_logits *logits, snas_rule rule, search_reading *reading);

/** Another genotype than the rule's in a reading that was taken, with its sizes. */
void search_reading_set(const search_sizes *sizes, const snas_genotype *genotype, search_reading *reading);

#endif
