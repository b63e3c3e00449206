/* edge_grid.h -- a table of numbers as colours: a row an edge of a cell, a column whatever. */
#ifndef REPORT_EDGE_GRID_H
#define REPORT_EDGE_GRID_H

#include "pen.h"

typedef struct {
    const snas_space *space;
    int type; /* of the cell, for the title */
    const char *note;
    int columns;
    const char *const *heads; /* [columns] */
    const double *values;     /* [E][columns]; NaN: there is none. The largest of a row is framed */
    const report_ink *inks;   /* [ink_count], evenly spaced from low to high */
    int ink_count;
    double low, high;   /* the ends of the scale, low < high */
    double factor;      /* a number is written as factor * value */
    int decimals;       /* with so many digits after the point */
    const char *suffix; /* of the numbers at the scale */
} report_grid;

enum { REPORT_GRID_INKS_MAX = 9 };

/** Paint it: for the functions of drawings. */
SNAS_MUST_CHECK snas_status report_grid_paint(report_pen *pen, const report_grid *grid);

#endif
