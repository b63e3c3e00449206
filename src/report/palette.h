/* palette.h -- one colour a candidate, the same in every picture. */
#ifndef REPORT_PALETTE_H
#define REPORT_PALETTE_H

#include "canvas.h"
#include "snas/space/candidate.h"

static const report_color REPORT_WHITE = {255, 255, 255}, REPORT_INK = {33, 37, 41}, REPORT_GREY = {134, 142, 150};

/** Colour of a candidate, as its row says. */
report_color report_candidate_color(const snas_candidate *candidate);

/** `color` mixed with white: 0 leaves it, 1 is white. */
report_color report_tint(report_color color, double white);

#endif
