/* html.h -- writing a page: sections, tables, figures. Above the writer of markup, below what a page says. */
#ifndef SNAS_PAGE_HTML_H
#define SNAS_PAGE_HTML_H

#include "page_numbers.h"
#include "snas/format/markup.h"
#include "snas/report/drawing.h"

typedef struct {
    snas_arena *mem;
    snas_text *text;
    snas_markup m;
    const char *scope; /* of the ids of a run's sections: "" or "run2-" */
    int level;         /* of a section's heading: h2 or h3 */
    int pictures;      /* so far: each has ids of its own */
    /* what a chart goes to instead of the page; NULL: into the page */
    snas_status (*chart)(void *context, const char *title, snas_drawing drawing);
    void *context;
} page_writer;

/** <tag class="..."> ... </tag>; no class: NULL. */
void page_open(page_writer *w, const char *tag, const char *class);
void page_close(page_writer *w);

/** An element of one text. */
void page_element(page_writer *w, const char *tag, const char *class, const char *text);

/** The same with a printf-formed text. */
void page_form(page_writer *w, const char *tag, const char *class, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** A section with its heading; its id is the writer's scope and `id`. */
void page_section(page_writer *w, const char *id, const char *title);

/** A number as <data value="all its digits">text</data>, or a dash. */
void page_data(page_writer *w, page_kind kind, double value);

/** A table in a box that scrolls. Its heads; one that begins with '#' is of numbers. Ended by page_table_end. */
void page_table(page_writer *w, const char *const *heads, int count);
void page_table_end(page_writer *w);

/** Rows of it: <tr>, ended by page_close; cells. */
void page_row(page_writer *w, const char *class);
void page_cell(page_writer *w, const char *text);
void page_cell_number(page_writer *w, page_kind kind, double value);

/** A picture in a frame with a caption, NULL for none. `wide`: it keeps its size and scrolls where it does not fit. */
SNAS_MUST_CHECK snas_status page_picture(page_writer *w, snas_drawing drawing, const char *caption, bool wide);

#endif
