/* page_parts.h -- the parts of a page: sections that say one thing each, of a run, or of several. */
#ifndef SNAS_PAGE_PAGE_PARTS_H
#define SNAS_PAGE_PAGE_PARTS_H

#include "html.h"
#include "run.h"

/** A section of a run's page. */
typedef struct {
    const char *id, *title;
    bool (*has)(const page_run *run); /* is there something to show? */
    snas_status (*write)(page_writer *w, const page_run *run);
} page_part;

extern const page_part page_run_parts[]; /* in the order of the page; ends with id NULL */

snas_status page_summary(page_writer *w, const page_run *run);
snas_status page_curves(page_writer *w, const page_run *run);
snas_status page_classes(page_writer *w, const page_run *run);
snas_status page_cells(page_writer *w, const page_run *run);
snas_status page_probabilities(page_writer *w, const page_run *run);
snas_status page_winners(page_writer *w, const page_run *run);
snas_status page_config(page_writer *w, const page_run *run);
snas_status page_environment(page_writer *w, const page_run *run);
snas_status page_time(page_writer *w, const page_run *run);
snas_status page_figures(page_writer *w, const page_run *run);
snas_status page_log(page_writer *w, const page_run *run);

/** Seconds that the epochs left will take, by those that were taken; NaN when nothing can be said. */
double page_seconds_left(const page_run *run);

#endif
