/* palette.c -- the colours of pictures on light and on dark paper. */
#include "palette.h"

#include <math.h>

static const report_color WHITE = {255, 255, 255}, DARK_PAPER = {22, 25, 29};

const report_ink report_ink_text = {"ink", {33, 37, 41}, {230, 232, 235}};
const report_ink report_ink_grey = {"grey", {103, 112, 120}, {158, 167, 176}};
const report_ink report_ink_rule = {"rule", {206, 212, 218}, {62, 69, 77}};
const report_ink report_ink_paper = {"paper", {255, 255, 255}, {22, 25, 29}};
const report_ink report_ink_node = {"node", {231, 245, 255}, {25, 47, 69}};
const report_ink report_ink_node_edge = {"node-edge", {77, 123, 170}, {104, 159, 214}};
const report_ink report_ink_input = {"input", {241, 243, 245}, {40, 45, 51}};
const report_ink report_ink_frame = {"frame", {230, 119, 0}, {255, 169, 77}};

static report_color mixed(report_color a, report_color b, double t)
{
    return (report_color){.r = (uint8_t)lround(a.r + t * (b.r - a.r)),
                          .g = (uint8_t)lround(a.g + t * (b.g - a.g)),
                          .b = (uint8_t)lround(a.b + t * (b.b - a.b))};
}

/* A colour that is made for white paper, and the same made lighter for dark paper. */
static report_ink made(uint8_t r, uint8_t g, uint8_t b)
{
    const report_color light = {r, g, b};
    return (report_ink){.light = light, .dark = mixed(light, WHITE, 0.42)};
}

report_ink report_candidate_ink(const snas_candidate *candidate)
{
    return made(candidate->color[0], candidate->color[1], candidate->color[2]);
}

report_ink report_faint(report_ink ink, double by)
{
    return (report_ink){.light = mixed(ink.light, WHITE, by), .dark = mixed(ink.dark, DARK_PAPER, by)};
}

report_ink report_series_ink(int i)
{
    /* told apart by most who see colours otherwise, too: neighbours differ in lightness */
    static const uint8_t COLORS[][3] = {{24, 100, 171}, {217, 102, 15}, {43, 138, 62},  {176, 22, 43},
                                        {121, 80, 200}, {12, 133, 153}, {162, 30, 140}, {120, 94, 40}};
    const uint8_t *c = COLORS[(size_t)i % (sizeof COLORS / sizeof COLORS[0])];
    return made(c[0], c[1], c[2]);
}

/* Relative luminance of sRGB, as WCAG defines contrast by it. */
static double luminance(report_color c)
{
    const uint8_t part[3] = {c.r, c.g, c.b};
    static const double WEIGHT[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        const double v = part[i] / 255.0;
        sum += WEIGHT[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static report_color readable_on(report_color fill)
{
    const report_color black = report_ink_text.light;
    const double L = luminance(fill);
    return (L + 0.05) / (luminance(black) + 0.05) >= 1.05 / (L + 0.05) ? black : WHITE;
}

report_ink report_ink_on(report_ink fill)
{
    return (report_ink){.light = readable_on(fill.light), .dark = readable_on(fill.dark)};
}

report_ink report_ink_at(const report_stop *stops, int count, double value)
{
    int i = 1;
    while (i + 1 < count && value > stops[i].value) {
        i++;
    }
    const double width = stops[i].value - stops[i - 1].value;
    const double t = width > 0 ? fmin(fmax((value - stops[i - 1].value) / width, 0), 1) : 0;
    const report_ink a = stops[i - 1].ink, b = stops[i].ink;
    return (report_ink){.light = mixed(a.light, b.light, t), .dark = mixed(a.dark, b.dark, t)};
}
