/* page_numbers.h -- figures as people read them, and what every figure of the metrics is called. */
#ifndef SNAS_PAGE_PAGE_NUMBERS_H
#define SNAS_PAGE_PAGE_NUMBERS_H

#include "snas/base/arena.h"

typedef enum {
    PAGE_SHARE,   /* 0..1, in per cent */
    PAGE_REAL,    /* four digits */
    PAGE_LOSS,    /* four digits after the point */
    PAGE_COUNT,   /* 13,694; above a million 3.31 M */
    PAGE_SECONDS, /* 12.3 s, 4 min 05 s, 2 h 13 min */
    PAGE_BYTES    /* 51 MiB */
} page_kind;

/** The number in words; NULL when memory is out. */
const char *page_number(snas_arena *mem, page_kind kind, double value);

/** The text with a capital at its beginning; NULL when memory is out. */
const char *page_capital(snas_arena *mem, const char *text);

/** Charts of the figures of the epochs. */
typedef enum {
    PAGE_CHART_LOSS,
    PAGE_CHART_CHILD_LOSS,
    PAGE_CHART_ACCURACY,
    PAGE_CHART_ENTROPY,
    PAGE_CHART_TEMPERATURE,
    PAGE_CHART_RESOURCE,
    PAGE_CHART_LAMBDA,
    PAGE_CHART_WEIGHT,
    PAGE_CHART_BUDGET,
    PAGE_CHART_MULTIPLIER,
    PAGE_CHART_PARAMETERS,
    PAGE_CHART_MACS,
    PAGE_CHART_REWARD,
    PAGE_CHART_CELLS,
    PAGE_CHART_RANK,
    PAGE_CHART_RATE,
    PAGE_CHART_DROP_PATH,
    PAGE_CHARTS, /* how many; also: in none */
} page_chart;

typedef struct {
    const char *title, *axis; /* "Entropy of the probabilities", "nats" */
    const char *caption;      /* a sentence */
    page_kind kind;
} page_chart_row;
extern const page_chart_row page_chart_rows[PAGE_CHARTS];

/** A figure of the metrics: its name in the file, what people call it within its chart, where it is drawn. */
typedef struct {
    const char *name, *title;
    page_kind kind;
    page_chart chart;
} page_figure_row;
extern const page_figure_row page_figure_rows[]; /* ends with name NULL */

/** The row of that name; NULL: it is not known here, and is shown by its name, in a chart of its own. */
const page_figure_row *page_figure_find(const char *name);

#endif
