/* page.h -- a report: one page of HTML that says what runs, or a study, have come to.
 *
 * The page holds all that it shows (style sheet, pictures), loads nothing and runs no script. It is made from the
 * folders alone, at any time: of a run that goes on, that was killed, or that is done. Names and texts from outside are
 * escaped. While something goes on the page asks its reader to load it anew.
 */
#ifndef SNAS_PAGE_PAGE_H
#define SNAS_PAGE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"

typedef struct {
    const char *html;
    const char *state; /* in short, for a line: "epoch 3 of 30" */
    bool going_on;     /* a process works on one of the runs */
} snas_page;

/** The page of a run, of several runs side by side, or of one study. SNAS_E_IO with a sentence when a folder is neither
 *  run nor study or holds what no run wrote, SNAS_E_USAGE when a study stands beside other folders. */
SNAS_MUST_CHECK snas_status snas_page_make(snas_arena *mem, const char *const *folders, int count, snas_page *out);

/** Write the charts of a run's curves, one a file: `<stem>-loss<ending>`, `<stem>-accuracy<ending>` and so on, as SVG
 *  or PNG by the ending; *count: how many. Faults as above; SNAS_E_FAILED when no epoch has ended yet. */
SNAS_MUST_CHECK snas_status snas_page_curves_save(snas_arena *mem, const char *folder, const char *stem,
                                                  const char *ending, int *count);

/** A checksum of how far the runs are, and whether they go on: another one when the page of these folders would be. */
SNAS_MUST_CHECK snas_status snas_page_pulse(snas_arena *mem, const char *const *folders, int count, uint32_t *out);

#endif
