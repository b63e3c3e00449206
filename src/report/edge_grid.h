/* edge_grid.h -- a table of numbers as colours: a row an edge of a cell, a column whatever. */
#ifndef REPORT_EDGE_GRID_H
#define REPORT_EDGE_GRID_H

#include "canvas.h"
#include "snas/base/arena.h"
#include "snas/space/space.h"

/** The colour of a value; linear between two stops. */
typedef struct {
    double value;
    report_color color;
} report_stop;

enum { REPORT_TICKS = 5 };

typedef struct {
    const snas_space *space;
    int type; /* of the cell, for the title */
    const char *caption;
    int columns;
    const char *const *heads; /* [columns] */
    const double *values;     /* [E][columns]; NaN: there is none. The largest of a row is framed */
    int decimals;
    double factor;            /* a number is written as factor * value */
    double dark;              /* values further from 0 are written in white */
    const report_stop *stops; /* [stop_count], rising: the scale goes from the first to the last */
    int stop_count;
    const char *ticks[REPORT_TICKS]; /* of the scale, evenly from its low end to its high end */
} report_grid;

report_color report_color_at(const report_stop *stops, int count, double value);

/** Replace `path` by the picture. */
SNAS_MUST_CHECK snas_status report_grid_save(snas_arena *mem, const report_grid *grid, const char *path);

#endif
