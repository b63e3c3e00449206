/* chart.h -- curves, bars and points as drawings (drawing.h): axes with round ticks, a legend, bands and bars of error.
 *
 * What a chart shows is borrowed until it is written. Numbers that are NaN or infinite are not drawn: a line has a gap
 * there. On a logarithmic axis so are numbers that are not above 0. A chart without a number to draw says so.
 */
#ifndef SNAS_REPORT_CHART_H
#define SNAS_REPORT_CHART_H

#include "snas/report/drawing.h"

/** What line charts and scatter plots have in common. Everything may be left at zero. */
typedef struct {
    const char *title, *note; /* note: a line below the title */
    const char *x_name, *y_name;
    bool x_log, y_log;
    bool y_from_zero;  /* the axis begins at 0 */
    bool x_whole;      /* x are whole numbers, such as epochs: so are the ticks */
    int width, height; /* pixels; 0: 640 x 360 */
} snas_axes;

/** One line. Series of the same `color` have the same colour. */
typedef struct {
    const char *name;         /* in the legend; NULL: not there */
    const double *x, *y;      /* [count], x rising; x NULL: 0, 1, 2 ... */
    const double *low, *high; /* [count]: the band about the line, such as a standard error; NULL: none */
    int count;
    int color;   /* a number: the first eight are different colours */
    bool dashed, /* the line is */
        dots;    /* a dot at every point; a line of one point has one anyway */
} snas_series;

/** A place on the x axis that is marked by a line from top to bottom and a word. */
typedef struct {
    double x;
    const char *name;
} snas_chart_mark;

typedef struct {
    snas_axes axes;
    const snas_series *series;
    int count;
    const snas_chart_mark *marks;
    int mark_count;
} snas_line_chart;
snas_drawing snas_line_chart_drawing(const snas_line_chart *chart);

/** One bar: its value, and what the error bar reaches to both sides; error NaN or 0: none. */
typedef struct {
    const char *name;
    double value, error;
    int color;
    const char *note; /* after the number; NULL: nothing */
} snas_bar;

/** Bars from left to right below each other, their names at the left, their numbers at the right. They begin at 0,
 *  unless `from_least`: then a little below the least value, with a sign that they do. */
typedef struct {
    const char *title, *note, *value_name;
    const snas_bar *bars;
    int count;
    int decimals; /* of the numbers */
    bool from_least;
    int width; /* pixels; 0: 640 */
} snas_bar_chart;
snas_drawing snas_bar_chart_drawing(const snas_bar_chart *chart);

/** One point, with what the error bars reach to both sides (NaN or 0: none). */
typedef struct {
    double x, y, x_error, y_error;
    int group;        /* gives the colour and the word in the legend */
    const char *name; /* beside the point, where there is room; NULL: none */
} snas_scatter_point;

typedef struct {
    snas_axes axes;
    const snas_scatter_point *points;
    int count;
    const char *const *groups; /* [group_count]: words of the legend */
    int group_count;
} snas_scatter;
snas_drawing snas_scatter_drawing(const snas_scatter *chart);

#endif
