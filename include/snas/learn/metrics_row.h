/* metrics_row.h -- the figures of one epoch, typed: the loop fills a row and passes it to all that use it. */
#ifndef SNAS_LEARN_METRICS_ROW_H
#define SNAS_LEARN_METRICS_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/text.h"

enum { SNAS_METRICS_MAX = 48 };

typedef struct {
    const char *name; /* borrowed */
    double value;     /* NaN: there is none */
    bool whole;       /* written without a fraction */
} snas_metrics_figure;

/** Figures in the order of the columns, and the current genotype. */
typedef struct {
    snas_metrics_figure figures[SNAS_METRICS_MAX];
    int count;
    const char *genotype; /* JSON, borrowed; NULL: none */
} snas_metrics_row;

void snas_metrics_row_add(snas_metrics_row *row, const char *name, double value);
void snas_metrics_row_add_whole(snas_metrics_row *row, const char *name, int64_t value);

/** The figure of that name; NULL when the row has none. */
const snas_metrics_figure *snas_metrics_row_find(const snas_metrics_row *row, const char *name);

/** The value as text: whole or with all digits that it needs; "null" for one that is not finite. */
void snas_metrics_figure_write(snas_text *text, const snas_metrics_figure *figure);

/** The row as a JSON object on one line, without a newline. */
void snas_metrics_row_json(snas_text *text, const snas_metrics_row *row);

/** The row of such a line, of `size` bytes without its newline; everything in `mem`. SNAS_E_DATA or
 *  SNAS_E_IO with a sentence that names `source` when it is none. */
SNAS_MUST_CHECK snas_status snas_metrics_row_parse(snas_arena *mem, const char *source, const char *line, size_t size,
                                                   snas_metrics_row *out);

#endif
