/* palette.c -- one colour a candidate: warm for separable, violet for dilated convolutions, blue for pools, green to
 * skip. */
#include <math.h>
#include <string.h>

#include "palette.h"

static const report_color COLORS[] = {
    {134, 142, 150}, /* none */
    {24, 100, 171},  /* max_pool_3x3 */
    {12, 133, 153},  /* avg_pool_3x3 */
    {43, 138, 62},   /* skip_connect */
    {217, 72, 15},   /* sep_conv_3x3 */
    {176, 22, 43},   /* sep_conv_5x5 */
    {121, 80, 200},  /* dil_conv_3x3 */
    {162, 30, 140},  /* dil_conv_5x5 */
    {180, 110, 0},   /* nor_conv_1x1 */
    {201, 42, 42},   /* nor_conv_3x3 */
};

report_color report_candidate_color(const snas_candidate *candidate)
{
    size_t row = 0;
    while (snas_candidates[row] != NULL && strcmp(snas_candidates[row]->name, candidate->name) != 0) {
        row++;
    }
    return COLORS[row % (sizeof COLORS / sizeof COLORS[0])];
}

report_color report_tint(report_color color, double white)
{
    return (report_color){.r = (uint8_t)lround(color.r + white * (255 - color.r)),
                          .g = (uint8_t)lround(color.g + white * (255 - color.g)),
                          .b = (uint8_t)lround(color.b + white * (255 - color.b))};
}
