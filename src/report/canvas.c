/* canvas.c -- shapes by their distance: a pixel is covered as far as its centre lies inside the shape.
 *
 *   cover = clamp(1/2 - d, 0, 1),    d = signed distance of the pixel's centre to the shape, in pixels, negative inside
 *   colour' = colour' + cover (colour - colour')
 */
#include <math.h>
#include <stdbool.h>

#include "canvas.h"

double report_overlap(report_box a, report_box b)
{
    const double w = fmin(a.x + a.w, b.x + b.w) - fmax(a.x, b.x), h = fmin(a.y + a.h, b.y + b.h) - fmax(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

report_box report_grown(report_box box, double by)
{
    return (report_box){.x = box.x - by, .y = box.y - by, .w = box.w + 2 * by, .h = box.h + 2 * by};
}

static double clamp(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

static void blend(snas_raster *to, int x, int y, double cover, report_color color)
{
    if (cover <= 0) {
        return;
    }
    uint8_t *pixel = to->rgb + ((size_t)y * (size_t)to->width + (size_t)x) * 3;
    const uint8_t want[3] = {color.r, color.g, color.b};
    for (int i = 0; i < 3; i++) {
        pixel[i] = (uint8_t)lround(pixel[i] + cover * (want[i] - pixel[i]));
    }
}

/* Whole pixels of a box that lie in the picture. */
typedef struct {
    int x0, y0, x1, y1; /* x0 <= x < x1 */
} span;

static span pixels(const snas_raster *in, double x0, double y0, double x1, double y1)
{
    return (span){.x0 = (int)clamp(floor(x0 - 1), 0, in->width),
                  .y0 = (int)clamp(floor(y0 - 1), 0, in->height),
                  .x1 = (int)clamp(ceil(x1 + 1), 0, in->width),
                  .y1 = (int)clamp(ceil(y1 + 1), 0, in->height)};
}

/* Height of a line through `count` points at x, which lies between the first and the last. */
static double height_at(const report_point *points, int count, double x)
{
    int i = 1;
    while (i + 1 < count && points[i].x < x) {
        i++;
    }
    const report_point a = points[i - 1], b = points[i];
    return b.x > a.x ? a.y + (b.y - a.y) * clamp((x - a.x) / (b.x - a.x), 0, 1) : b.y;
}

void report_band(snas_raster *to, const report_point *low, const report_point *high, int count, double cover,
                 report_color color)
{
    const int x0 = (int)clamp(ceil(low[0].x - 0.5), 0, to->width);
    const int x1 = (int)clamp(ceil(low[count - 1].x - 0.5), 0, to->width);
    for (int x = x0; x < x1; x++) {
        const double one = height_at(low, count, x + 0.5), two = height_at(high, count, x + 0.5);
        const double top = clamp(fmin(one, two), 0, to->height), bottom = clamp(fmax(one, two), 0, to->height);
        for (int y = (int)top; y < bottom; y++) {
            blend(to, x, y, cover * (fmin(y + 1, bottom) - fmax(y, top)), color);
        }
    }
}

report_point report_bezier_at(const report_point *c, double t)
{
    const double s = 1 - t, w[4] = {s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t};
    return (report_point){.x = w[0] * c[0].x + w[1] * c[1].x + w[2] * c[2].x + w[3] * c[3].x,
                          .y = w[0] * c[0].y + w[1] * c[1].y + w[2] * c[2].y + w[3] * c[3].y};
}

static double segment_distance(report_point a, report_point b, double x, double y)
{
    const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    const double t = square > 0 ? clamp(((x - a.x) * dx + (y - a.y) * dy) / square, 0, 1) : 0;
    return hypot(x - a.x - t * dx, y - a.y - t * dy);
}

/* Distance of (x, y) to segment i of a curve; infinite when a neighbouring segment is nearer. Where two segments meet,
 * a pixel belongs to one of them: blended twice, joints would look like beads. */
static double curve_distance(const report_point *points, int count, int i, double x, double y)
{
    const double d = segment_distance(points[i], points[i + 1], x, y);
    const bool before = i > 0 && segment_distance(points[i - 1], points[i], x, y) <= d;
    const bool after = i + 2 < count && segment_distance(points[i + 1], points[i + 2], x, y) < d;
    return before || after ? HUGE_VAL : d;
}

void report_curve(snas_raster *to, const report_point *points, int count, double width, report_color color)
{
    const double r = width / 2;
    for (int i = 0; i + 1 < count; i++) {
        const report_point a = points[i], b = points[i + 1];
        const span in = pixels(to, fmin(a.x, b.x) - r, fmin(a.y, b.y) - r, fmax(a.x, b.x) + r, fmax(a.y, b.y) + r);
        for (int y = in.y0; y < in.y1; y++) {
            for (int x = in.x0; x < in.x1; x++) {
                const double d = curve_distance(points, count, i, x + 0.5, y + 0.5);
                blend(to, x, y, clamp(0.5 + r - d, 0, 1), color);
            }
        }
    }
}

void report_line(snas_raster *to, report_point a, report_point b, double width, report_color color)
{
    const report_point points[2] = {a, b};
    report_curve(to, points, 2, width, color);
}

/* Signed distance of (x, y) to the box with corners of `radius`. */
static double box_distance(report_box box, double radius, double x, double y)
{
    const double qx = fabs(x - box.x - box.w / 2) - box.w / 2 + radius;
    const double qy = fabs(y - box.y - box.h / 2) - box.h / 2 + radius;
    return hypot(fmax(qx, 0), fmax(qy, 0)) + fmin(fmax(qx, qy), 0) - radius;
}

void report_round_box(snas_raster *to, report_box box, double radius, report_color fill, double border,
                      report_color border_color)
{
    const span in = pixels(to, box.x, box.y, box.x + box.w, box.y + box.h);
    for (int y = in.y0; y < in.y1; y++) {
        for (int x = in.x0; x < in.x1; x++) {
            const double d = box_distance(box, radius, x + 0.5, y + 0.5);
            const double outer = clamp(0.5 - d, 0, 1), inner = clamp(0.5 - d - border, 0, 1);
            if (outer > 0 && border > 0) {
                blend(to, x, y, outer, border_color);
            }
            if (inner > 0) {
                blend(to, x, y, inner, fill);
            }
        }
    }
}

void report_arrow_head(snas_raster *to, report_point tip, report_point along, double size, report_color color)
{
    const double length = hypot(along.x, along.y), ux = along.x / length, uy = along.y / length;
    const double slope = 0.45, lean = hypot(1, slope); /* half width of the base over the length */
    const span in = pixels(to, tip.x - size * 1.2, tip.y - size * 1.2, tip.x + size * 1.2, tip.y + size * 1.2);
    for (int y = in.y0; y < in.y1; y++) {
        for (int x = in.x0; x < in.x1; x++) {
            const double px = x + 0.5 - tip.x, py = y + 0.5 - tip.y;
            const double back = -(px * ux + py * uy), side = fabs(px * uy - py * ux);
            const double d = fmax((side - slope * back) / lean, back - size);
            const double cover = clamp(0.5 - d, 0, 1);
            if (cover > 0) {
                blend(to, x, y, cover, color);
            }
        }
    }
}
