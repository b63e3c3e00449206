/* metrics.h -- one row of figures an epoch, in the files of sinks.h. No times: they depend on the config alone.
 *
 * The rows live in memory and the files are replaced whole, so that a failed write is repaired by the next one, and no
 * reader ever sees half a row. The first file, metrics.jsonl, is complete: the others are made from it. A checkpoint
 * has the number of rows and their checksum: a run does not go on from figures that it has not written.
 */
#ifndef SNAS_LOOP_METRICS_H
#define SNAS_LOOP_METRICS_H

#include <stdint.h>

#include "snas/learn/metrics_row.h"

enum { SNAS_METRICS_FILES = 2 };

/** CRC-32C of the rows of metrics.jsonl, eight hexadecimal digits; "" when it is not known. A checkpoint has it in its
 *  metadata under this key. */
#define SNAS_METRICS_SUM_KEY "snas.metrics.crc32c"
typedef struct {
    char text[9];
} snas_metrics_sum;

typedef struct {
    struct {
        const char *path;
        snas_text text; /* all rows, after the header */
    } files[SNAS_METRICS_FILES];
    int64_t rows;
    const char *mended; /* what was wrong with the files and has been repaired, for people; NULL: nothing */
} snas_metrics;

/** What a checkpoint says of the rows. */
typedef struct {
    int64_t rows;
    snas_metrics_sum sum;
} snas_metrics_mark;

/** Read the rows of the folder's files that `mark` counts; later ones are dropped, on disk at the next save. A
 *  metrics.csv that does not fit is made again from metrics.jsonl. Without any of the files the rows start empty;
 *  `mended` tells both. SNAS_E_IO with a sentence that says how to go on when metrics.jsonl has fewer rows, other ones,
 *  or is missing beside the others. Everything in `mem`; `scratch` is filled. */
SNAS_MUST_CHECK snas_status snas_metrics_open(snas_arena *mem, snas_arena *scratch, const char *folder,
                                              const snas_metrics_mark *mark, snas_metrics *out);

/** The checksum of the current rows. */
snas_metrics_sum snas_metrics_sum_of(const snas_metrics *metrics);

/** Append a row in memory. */
SNAS_MUST_CHECK snas_status snas_metrics_add(snas_metrics *metrics, const snas_metrics_row *row);

/** Replace the files: both are tried, and the first fault is returned. */
SNAS_MUST_CHECK snas_status snas_metrics_save(const snas_metrics *metrics);

#endif
