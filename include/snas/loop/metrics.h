/* metrics.h -- one row of figures an epoch, in the files of sinks.h. No times: they depend on the config alone.
 *
 * The rows live in memory and the files are replaced whole, so that a write that failed is made good by the next one,
 * and no reader ever sees half a row.
 */
#ifndef SNAS_LOOP_METRICS_H
#define SNAS_LOOP_METRICS_H

#include <stdint.h>

#include "snas/learn/metrics_row.h"

enum { SNAS_METRICS_FILES = 2 };

typedef struct {
    struct {
        const char *path;
        snas_text text; /* all rows, after the header */
    } files[SNAS_METRICS_FILES];
    int64_t rows;
} snas_metrics;

/** Begin with the first `rows` rows of the folder's files: all that stands after them is forgotten, and gone from disk
 *  at the next save. SNAS_E_IO with a sentence when a file holds fewer. Everything in `mem`. */
SNAS_MUST_CHECK snas_status snas_metrics_open(snas_arena *mem, const char *folder, int64_t rows, snas_metrics *out);

/** Append a row in memory. */
SNAS_MUST_CHECK snas_status snas_metrics_add(snas_metrics *metrics, const snas_metrics_row *row);

/** Replace the files: both are tried, and the first fault is returned. */
SNAS_MUST_CHECK snas_status snas_metrics_save(const snas_metrics *metrics);

#endif
