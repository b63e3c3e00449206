/* drawing.h -- pictures of what a search has found: a cell as a graph, tables of its edges as colours; SVG and PNG.
 *
 * A picture is made first, from what it shows, then written as often and in whatever form is wanted:
 *
 *     const snas_cell_view view = {.genotype = &genotype, .type = 0};
 *     SNAS_TRY(snas_drawing_save(mem, snas_cell_drawing(&view), "cell.svg"));
 *
 * What a picture shows is borrowed until it is written. SVG has text as text, in the reader's own typeface, and its
 * colours follow the reader's choice of light or dark. Writing fails only when memory is out or the file cannot be
 * written.
 */
#ifndef SNAS_REPORT_DRAWING_H
#define SNAS_REPORT_DRAWING_H

#include "snas/base/text.h"
#include "snas/format/png.h"
#include "snas/space/genotype.h"

struct snas_pen;

/** A picture, not yet written. Its fields are private. */
typedef struct {
    snas_status (*paint)(struct snas_pen *pen, const void *shown);
    const void *shown; /* borrowed */
} snas_drawing;

/* --- writing ------------------------------------------------------------------------------------------------------ */

/** Replace `path` by the picture: SVG when the path ends in .svg, else PNG; `mem` is scratch. A symbolic link at `path`
 *  is itself replaced. */
SNAS_MUST_CHECK snas_status snas_drawing_save(snas_arena *mem, snas_drawing drawing, const char *path);

/** Replace `<stem>.svg` and `<stem>.png`, both also when one fails; then the first fault. */
SNAS_MUST_CHECK snas_status snas_drawing_save_both(snas_arena *mem, snas_drawing drawing, const char *stem);

/** Remove what snas_drawing_save_both writes. */
SNAS_MUST_CHECK snas_status snas_drawing_remove_both(snas_arena *mem, const char *stem);

/** Add the picture to a page of HTML as an <svg> element. `prefix` goes before its ids: each picture of a page has
 *  another. The page holds snas_drawing_style once. Scratch is taken from the text's arena. */
SNAS_MUST_CHECK snas_status snas_drawing_inline(snas_drawing drawing, const char *prefix, snas_text *to);

/** Add the picture as a file of its own, with XML's first line and its style. Scratch as above. */
SNAS_MUST_CHECK snas_status snas_drawing_svg(snas_drawing drawing, snas_text *to);

/** The picture as pixels in `mem`, on white. */
SNAS_MUST_CHECK snas_status snas_drawing_raster(snas_arena *mem, snas_drawing drawing, snas_raster *out);

/** The rules of a style sheet for pictures in a page, all below the class `snas`. They set the colours as variables
 *  (--snas-ink, --snas-grey, --snas-rule, --snas-paper ...), others where the reader prefers dark. */
extern const char *const snas_drawing_style;

/* --- what there is to show ---------------------------------------------------------------------------------------- */

enum { SNAS_ALL_CELLS = -1 };

/** A genotype's cell: inputs left, nodes, output right, every operation an arrow with its name; `none` is dashed.
 *  States are numbered as everywhere: the inputs from 0 on, then the nodes. No name lies on another's arrow. */
typedef struct {
    const snas_genotype *genotype;
    int type;         /* of the cell; SNAS_ALL_CELLS: one below the other */
    const char *name; /* of the architecture, before that of the cell; NULL: none */
    const char *note; /* below the title; NULL: the genotype's origin, else its space */
} snas_cell_view;
snas_drawing snas_cell_drawing(const snas_cell_view *view);

/** The probabilities of one cell type as a heat map: a row an edge, a column a candidate, numbers in per cent, the
 *  strongest candidate of a row framed. The scale of colours goes from the least to the largest of them. */
typedef struct {
    const snas_space *space;
    int type;
    const double *probabilities; /* [E][K] of that type, each in [0, 1] */
    const char *note;            /* below the title; NULL: what the numbers are */
} snas_heat_table;
snas_drawing snas_heat_map(const snas_heat_table *table);

/** Correlations of one cell type: a row an edge, a column a method, the largest of a row framed. The scale of colours
 *  is even about 0 and goes as far as the largest of them does. */
typedef struct {
    const snas_space *space;
    int type, methods;
    const char *const *names;   /* [methods] */
    const double *correlations; /* [E][methods], each in [-1, 1] or NaN */
} snas_credit_table;
snas_drawing snas_credit_map(const snas_credit_table *table);

#endif
