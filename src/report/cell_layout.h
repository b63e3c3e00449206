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

/** A cubic curve from the right side of a state to the left side of a later one; it goes from left to right. */
typedef struct {
    int from, to;                            /* states */
    int candidate;                           /* index in the space, -1 when it leads to the output */
    report_point control[4];                 /* of the curve */
    report_point curve[REPORT_CURVE_POINTS]; /* points of it, evenly in its parameter */
    report_box bounds;                       /* the curve lies in it */
    report_box label;                        /* around the name; empty when there is none */
} report_arrow;

typedef struct {
    int width, height;
    double top;                        /* of the part below the title */
    double column_width, level_height; /* from a state to the next, across and down */
    double port;                       /* between two arrows at a state */
    int states, arrows, operations;    /* the first `operations` arrows carry a label */
    report_box state[REPORT_STATES_MAX];
    report_arrow arrow[REPORT_ARROWS_MAX];
} report_cell_layout;

static const double REPORT_LABEL_SCALE = 1.7; /* of the labels' text */

typedef double report_width_of(const char *text, double scale);

/** Lay the cell out, with labels as wide as `width_of` says. */
void report_cell_layout_make(const snas_genotype *genotype, int type, report_width_of *width_of,
                             report_cell_layout *out);

/** Move all of it down. */
void report_cell_layout_move(report_cell_layout *layout, double down);

/** The sizes of the labels: of the operations' names. */
void report_labels_size(report_cell_layout *layout, const snas_space *space, report_width_of *width_of);

/** Place the labels on their arrows. Returns how many times a label meets a state, another label, the arrow of another,
 *  or the edge of the picture: 0 where there is room for all. */
int report_labels_place(report_cell_layout *layout);

#endif
