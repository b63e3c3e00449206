/* palette.h -- the colours of pictures: named ones for text, lines and paper, one a candidate, a few for series. */
#ifndef REPORT_PALETTE_H
#define REPORT_PALETTE_H

#include "pen.h"
#include "snas/space/candidate.h"

/** Named inks: a row each in palette.c, and a variable of the style sheet. */
extern const report_ink report_ink_text, report_ink_grey, report_ink_rule, report_ink_paper, report_ink_node,
    report_ink_node_edge, report_ink_input, report_ink_frame;

/** Colour of a candidate, as its row says. */
report_ink report_candidate_ink(const snas_candidate *candidate);

/** The ink nearer to the paper: 0 leaves it, 1 is the paper. */
report_ink report_faint(report_ink ink, double by);

/** Colour of the i-th of several series, bars or groups; the first eight differ. */
report_ink report_series_ink(int i);

/** Text that reads well on a box of that fill. */
report_ink report_ink_on(report_ink fill);

/** The ink of a value on a scale of colours. */
report_ink report_ink_at(const report_stop *stops, int count, double value);

#endif
