/* charts.h -- the charts of a page: what they show, in the page's own terms. */
#ifndef SNAS_PAGE_CHARTS_H
#define SNAS_PAGE_CHARTS_H

#include "html.h"

/** Lines over the epochs, from epoch 1 on; NaN where there is no value. */
typedef struct {
    const char *name;     /* in the legend; NULL: not there */
    const double *values; /* [count] */
    int count;
    int colour; /* lines of one colour belong together */
} page_line;

typedef struct {
    const char *title, *axis, *caption; /* caption: NULL for none */
    page_kind kind;
    const page_line *lines;
    int line_count;
} page_lines;
SNAS_MUST_CHECK snas_status page_draw_lines(page_writer *w, const page_lines *what);

/** Means with their errors, a bar a name. */
typedef struct {
    const char *title, *axis, *caption;
    page_kind kind;
    const char *const *names;
    const double *means, *errors; /* [count]; error NaN: not known */
    const int *colours;           /* [count] */
    int count;
} page_bars;
SNAS_MUST_CHECK snas_status page_draw_bars(page_writer *w, const page_bars *what);

/** Points of several groups. */
typedef struct {
    const char *name;
    double x, y;
    int group;
} page_point;

typedef struct {
    const char *title, *x_axis, *y_axis, *caption;
    page_kind x_kind, y_kind;
    const page_point *points;
    int point_count;
    const char *const *groups;
    int group_count;
} page_points;
SNAS_MUST_CHECK snas_status page_draw_points(page_writer *w, const page_points *what);

#endif
