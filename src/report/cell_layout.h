/* cell_layout.h -- where the states, arrows and labels of a cell's picture stand. Units are pixels. */
#ifndef REPORT_CELL_LAYOUT_H
#define REPORT_CELL_LAYOUT_H

#include "canvas.h"
#include "snas/space/genotype.h"

enum {
    REPORT_STATES_MAX = SNAS_INPUTS_MAX + SNAS_NODES_MAX + 1, /* inputs, nodes, output */
    REPORT_ARROWS_MAX = SNAS_NODES_MAX * SNAS_GENES_MAX + SNAS_NODES_MAX,
    REPORT_CURVE_POINTS = 33
};

/** A cubic curve from the right side of a state to the left side of a later one. */
typedef struct {
    int from, to;                            /* states */
    int candidate;                           /* index in the space, -1 when it leads to the output */
    report_point control[4];                 /* of the curve */
    report_point curve[REPORT_CURVE_POINTS]; /* points of it, evenly in its parameter */
    report_box label;                        /* around the name; empty when there is none */
} report_arrow;

typedef struct {
    int width, height;
    int states, arrows, operations; /* the first `operations` arrows carry a label */
    report_box state[REPORT_STATES_MAX];
    report_arrow arrow[REPORT_ARROWS_MAX];
} report_cell_layout;

static const double REPORT_LABEL_SCALE = 1.7; /* of the labels' text */

/** Lay the cell out, with labels as wide as `text_width` says. */
void report_cell_layout_make(const snas_genotype *genotype, int type,
                             double (*text_width)(const char *text, double scale), report_cell_layout *out);

/** Area in square pixels where two boxes overlap. */
double report_overlap(report_box a, report_box b);

#endif
