/* benchmark.h -- known accuracies of the cells of a space, measured by others and looked up in a table.
 *
 * They are only reported: no search and no rule uses them. A cell is looked up by its own line: two cells that compute
 * the same function have a row each.
 */
#ifndef SNAS_SPACE_BENCHMARK_H
#define SNAS_SPACE_BENCHMARK_H

#include "snas/base/arena.h"
#include "snas/space/genotype.h"

enum { SNAS_BENCHMARK_COLUMNS_MAX = 16 };

/** One accuracy of every cell. */
typedef struct {
    const char *name;  /* as the table has it: "cifar10_test" */
    const char *title; /* for people: "CIFAR-10 test" */
    double *accuracy;  /* [cells], 0..1; NaN: the table has no such cell */
    double *sorted;    /* [rows], ascending */
    double mean;       /* of all rows: the expected accuracy of a random cell */
} snas_benchmark_column;

typedef struct {
    const snas_space *space;
    const char *path;
    int cells; /* of the space: K^E */
    int rows;  /* cells that the table has */
    int column_count;
    snas_benchmark_column columns[SNAS_BENCHMARK_COLUMNS_MAX];
} snas_benchmark;

/** Read the table `path`, plain or packed by gzip; NULL: the one that comes with the program. SNAS_E_DATA with a
 *  sentence when it is not found or damaged, SNAS_E_IO when it cannot be read, SNAS_E_USAGE when the space has none
 *  (space->benchmark is NULL). Everything in `mem`; `path` is borrowed. */
SNAS_MUST_CHECK snas_status snas_benchmark_load(snas_arena *mem, const snas_space *space, const char *path,
                                                snas_benchmark *out);

/** The column of a data set's test accuracy by the data set's name in a config ("cifar100"), else the first. */
int snas_benchmark_column_of(const snas_benchmark *benchmark, const char *dataset);

/** What is known of a genotype. */
typedef struct {
    double accuracy; /* 0..1; NaN: nothing, and rank is 0 */
    int rank;        /* 1 + the number of better cells: equal ones share a rank */
} snas_known;
snas_known snas_benchmark_look_up(const snas_benchmark *benchmark, int column, const snas_genotype *genotype);

/** The accuracy that a part q of the cells does not exceed, 0 <= q <= 1: between the two nearest values, in a straight
 *  line over (rows - 1) q. */
double snas_benchmark_quantile(const snas_benchmark *benchmark, int column, double q);

/** A best cell of a column, and how many are as good, itself among them. */
snas_genotype snas_benchmark_best(const snas_benchmark *benchmark, int column, int *alike);

#endif
