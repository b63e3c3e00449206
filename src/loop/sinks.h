/* sinks.h -- the files that the figures of the epochs go to: a row each. */
#ifndef SNAS_LOOP_SINKS_H
#define SNAS_LOOP_SINKS_H

#include "snas/loop/metrics.h"

/** A text file in the run's folder, a line an epoch. */
typedef struct {
    const char *file;
    /** The line before the first row; NULL: none. */
    void (*add_header)(snas_text *text, const snas_metrics_row *row);
    void (*add_row)(snas_text *text, const snas_metrics_row *row);
} loop_sink;

extern const loop_sink loop_sinks[SNAS_METRICS_FILES];

#endif
