/* metrics.h -- one row of figures an epoch, as metrics.jsonl and metrics.csv. No times: the files depend on the config
 * alone.
 *
 * The rows live in memory and both files are replaced whole, so that a write that failed is made good by the next one,
 * and no reader ever sees half a row.
 */
#ifndef SNAS_LOOP_METRICS_H
#define SNAS_LOOP_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/text.h"

enum { SNAS_METRICS_MAX = 48 };

/** One row being filled: figures in the order of the columns, and for the JSON row alone the genotype. */
typedef struct {
    struct {
        const char *name; /* borrowed */
        double value;
        bool whole; /* written without a fraction */
    } figures[SNAS_METRICS_MAX];
    int count;
    const char *genotype; /* JSON, borrowed; NULL: none */
} snas_metrics_row;

void snas_metrics_row_add(snas_metrics_row *row, const char *name, double value);
void snas_metrics_row_add_whole(snas_metrics_row *row, const char *name, int64_t value);

typedef struct {
    const char *jsonl_path, *csv_path;
    snas_text jsonl, csv; /* all rows; csv with its header */
    int64_t rows;
} snas_metrics;

/** Begin with the first `rows` rows of the folder's files: all that stands behind them is forgotten, and gone from disk
 *  at the next save. SNAS_E_IO with a sentence when a file holds fewer. Everything in `mem`. */
SNAS_MUST_CHECK snas_status snas_metrics_open(snas_arena *mem, const char *folder, int64_t rows, snas_metrics *out);

/** Append a row in memory. *json receives its text without a newline, in `mem`. */
SNAS_MUST_CHECK snas_status snas_metrics_add(snas_arena *mem, snas_metrics *metrics, const snas_metrics_row *row,
                                             const char **json);

/** Replace both files. */
SNAS_MUST_CHECK snas_status snas_metrics_save(const snas_metrics *metrics);

#endif
