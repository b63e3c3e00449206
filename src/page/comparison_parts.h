/* comparison_parts.h -- the sections of a page of several runs. */
#ifndef SNAS_PAGE_COMPARISON_PARTS_H
#define SNAS_PAGE_COMPARISON_PARTS_H

#include "comparison.h"

snas_status page_results(page_writer *w, const page_comparison *c);
snas_status page_bars_of_results(page_writer *w, const page_comparison *c);
snas_status page_pairs(page_writer *w, const page_comparison *c);
snas_status page_differences(page_writer *w, const page_comparison *c);
snas_status page_costs(page_writer *w, const page_comparison *c);
snas_status page_courses(page_writer *w, const page_comparison *c);
snas_status page_gallery(page_writer *w, const page_comparison *c);
snas_status page_choices(page_writer *w, const page_comparison *c);
snas_status page_runs(page_writer *w, const page_comparison *c);

/** Has any variant a number of the figure? */
bool page_has_figure(const page_comparison *c, int figure);

/** How a study's figure is written. */
page_kind page_kind_of_result(int figure);

/** Are there seeds and variants to be set beside each other? */
bool page_has_pairs(const page_comparison *c);

/** The figure that says best how good the cells are, of those that most variants have: trained, looked up, by inherited
 *  weights. */
int page_main_figure(const page_comparison *c);

#endif
