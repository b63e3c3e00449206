/* latency_table.h -- a table of measured times: of every candidate at every place of a child, and of its fixed parts.
 *
 *   time of a child's evaluation = fixed + sum over cells and kept edges of cost[cell][edge][candidate]     nanoseconds
 *
 * `snas latency` writes it (snas/judge/latency.h), docs/formats.md describes the file.
 */
#ifndef SNAS_SPACE_LATENCY_TABLE_H
#define SNAS_SPACE_LATENCY_TABLE_H

#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/space/genotype.h"
#include "snas/space/space.h"

/** The child that was measured, whatever its genotype. */
typedef struct {
    const snas_space *space;
    int channels, cells, classes, side;
    const char *stem; /* name */
} snas_latency_child;

typedef struct {
    snas_latency_child child;
    const char *processor, *kernels; /* names */
    int batch, threads, rounds;
    int64_t stem, classifier; /* fixed parts */
    int64_t *cell_fixed;      /* [cells]: preprocessing and the sums of the nodes, or the block in a cell's place */
    int64_t *cost;            /* [cells][E][K] */
    double spread; /* interquartile range of a child's times over the rounds, as a share: the median child's */
    double fit;    /* mean error of the fitted sums on the children that were measured, as a share */
} snas_latency;

/** Room for a table of this child, all zero; strings are borrowed. */
SNAS_MUST_CHECK snas_status snas_latency_create(snas_arena *mem, const snas_latency_child *child, snas_latency *out);

/** As JSON text in `mem`. */
SNAS_MUST_CHECK snas_status snas_latency_write(snas_arena *mem, const snas_latency *table, const char **out);

/** Read a file. SNAS_E_IO when it is not there, SNAS_E_DATA with a sentence on any fault of it. */
SNAS_MUST_CHECK snas_status snas_latency_load(snas_arena *mem, const char *path, snas_latency *out);

/** SNAS_E_USAGE with a sentence that says what differs when the table is of another child; `path` is for it. */
SNAS_MUST_CHECK snas_status snas_latency_check(const snas_latency *table, const char *path,
                                               const snas_latency_child *wanted);

/** Nanoseconds of every child alike; of a genotype's child. */
int64_t snas_latency_fixed(const snas_latency *table);
int64_t snas_latency_predict(const snas_latency *table, const snas_genotype *genotype);

/** Sums over the cells of a type: cost [types][E][K], in `mem`. */
SNAS_MUST_CHECK snas_status snas_latency_by_type(snas_arena *mem, const snas_latency *table, int64_t **out);

#endif
