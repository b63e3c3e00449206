/* palette.c -- the colours of pictures: one a candidate, and tints. */
#include "palette.h"

#include <math.h>

report_color report_candidate_color(const snas_candidate *candidate)
{
    return (report_color){candidate->color[0], candidate->color[1], candidate->color[2]};
}

report_color report_tint(report_color color, double white)
{
    return (report_color){.r = (uint8_t)lround(color.r + white * (255 - color.r)),
                          .g = (uint8_t)lround(color.g + white * (255 - color.g)),
                          .b = (uint8_t)lround(color.b + white * (255 - color.b))};
}
