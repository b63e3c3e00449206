/* pen_svg.c -- the pen that writes SVG: text as text, colours for light and dark.
 *
 * Every coloured element says its colour for light paper in plain SVG (fill="#...") and both colours as variables in
 * its style; the rules of the style sheet take the one that fits. A reader without variables sees the light picture.
 */
#include <math.h>
#include <string.h>

#include "palette.h"

/* A capital is 0.716 of the size of usual typefaces without serifs, and six units of ours. */
static const double SIZE_OF_UNIT = 6 / 0.716;
static const double HALF_CAPITAL = 3; /* units */

/* .f and .s are a fill and a stroke of two colours; --l, --d and --m, --e hold them for light and dark. */
#define STYLE_DARK_COLORS                                                                                              \
    "--snas-ink:#e6e8eb;--snas-grey:#9ea7b0;--snas-rule:#3e454d;--snas-paper:#16191d;--snas-node:#192f45;"             \
    "--snas-node-edge:#689fd6;--snas-input:#282d33;--snas-frame:#ffa94d"
const char *const snas_drawing_style =
    ".snas{--snas-ink:#212529;--snas-grey:#677078;--snas-rule:#ced4da;--snas-paper:#ffffff;--snas-node:#e7f5ff;"
    "--snas-node-edge:#4d7baa;--snas-input:#f1f3f5;--snas-frame:#e67700;max-width:100%;height:auto}\n"
    ".snas .f{fill:var(--l)}.snas .s{stroke:var(--m)}.snas stop{stop-color:var(--l)}\n"
    "@media screen and (prefers-color-scheme:dark){.snas{" STYLE_DARK_COLORS "}\n"
    ".snas .f{fill:var(--d)}.snas .s{stroke:var(--e)}.snas stop{stop-color:var(--d)}}\n";

static void add_color(snas_markup *m, const char *attribute, report_color c)
{
    snas_markup_form(m, attribute, "#%02x%02x%02x", c.r, c.g, c.b);
}

/* The class and style of an element with the given inks; NULL: it has no such. */
static void add_style(report_pen *pen, const report_ink *fill, const report_ink *stroke)
{
    snas_markup *m = &pen->markup;
    const bool fills = fill != NULL && fill->name == NULL, strokes = stroke != NULL && stroke->name == NULL;
    if (fills || strokes) {
        snas_markup_attribute(m, "class", fills && strokes ? "f s" : fills ? "f" : "s");
    }
    snas_text style = snas_text_make(pen->mem);
    const struct {
        const report_ink *ink;
        const char *property, *light, *dark;
    } parts[2] = {{fill, "fill", "--l", "--d"}, {stroke, "stroke", "--m", "--e"}};
    for (int i = 0; i < 2; i++) {
        const report_ink *ink = parts[i].ink;
        if (ink == NULL) {
            continue;
        }
        snas_text_add(&style, style.size > 0 ? ";" : "");
        if (ink->name != NULL) {
            snas_text_add(&style, "%s:var(--snas-%s)", parts[i].property, ink->name);
        } else {
            const report_color l = ink->light, d = ink->dark;
            snas_text_add(&style, "%s:#%02x%02x%02x;%s:#%02x%02x%02x", parts[i].light, l.r, l.g, l.b, parts[i].dark,
                          d.r, d.g, d.b);
        }
    }
    snas_markup_attribute(m, "style", style.data);
    m->to->failed = m->to->failed || style.failed;
}

static void add_fill(report_pen *pen, report_ink ink)
{
    add_color(&pen->markup, "fill", ink.light);
    add_style(pen, &ink, NULL);
}

static void add_stroke(report_pen *pen, report_stroke stroke)
{
    snas_markup *m = &pen->markup;
    snas_markup_attribute(m, "fill", "none");
    add_color(m, "stroke", stroke.ink.light);
    snas_markup_number(m, "stroke-width", stroke.width);
    if (stroke.dash > 0) {
        snas_markup_number(m, "stroke-dasharray", stroke.dash);
    }
    add_style(pen, NULL, &stroke.ink);
}

static snas_status svg_open(report_pen *pen, int width, int height, const char *title)
{
    snas_markup *m = &pen->markup;
    if (!pen->in_page) {
        snas_markup_raw(m, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }
    snas_markup_start(m, "svg");
    snas_markup_attribute(m, "xmlns", "http://www.w3.org/2000/svg");
    snas_markup_attribute(m, "class", "snas");
    snas_markup_number(m, "width", width);
    snas_markup_number(m, "height", height);
    snas_markup_form(m, "viewBox", "0 0 %d %d", width, height);
    snas_markup_attribute(m, "role", "img");
    snas_markup_attribute(m, "aria-label", title);
    snas_markup_attribute(m, "font-family",
                          "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif");
    if (!pen->in_page) {
        snas_markup_start(m, "style");
        snas_markup_raw(m, "\n");
        snas_markup_raw(m, snas_drawing_style);
        snas_markup_end(m);
        report_pen_box(pen, (report_box){.x = 0, .y = 0, .w = width, .h = height}, 0, report_ink_paper,
                       (report_stroke){0});
    }
    return snas_text_done(m->to);
}

/* "x y", with a letter or a space before. */
static void add_point(snas_text *path, const char *before, report_point p)
{
    snas_text_add(path, "%s", before);
    snas_markup_add_number(path, p.x);
    snas_text_add(path, " ");
    snas_markup_add_number(path, p.y);
}

static void add_path(report_pen *pen, const snas_text *path)
{
    snas_markup_raw(&pen->markup, "\n");
    snas_markup_start(&pen->markup, "path");
    snas_markup_attribute(&pen->markup, "d", path->data);
    pen->markup.to->failed = pen->markup.to->failed || path->failed;
}

static void svg_curve(report_pen *pen, const report_point *points, int count, report_stroke stroke)
{
    snas_text path = snas_text_make(pen->mem);
    for (int i = 0; i < count; i++) {
        add_point(&path, i == 0 ? "M" : "L", points[i]);
    }
    add_path(pen, &path);
    snas_markup_attribute(&pen->markup, "stroke-linejoin", "round");
    add_stroke(pen, stroke);
    snas_markup_end(&pen->markup);
}

static void svg_bezier(report_pen *pen, const report_point *control, report_stroke stroke)
{
    static const char *const BEFORE[] = {"M", "C", " ", " "};
    snas_text path = snas_text_make(pen->mem);
    for (int i = 0; i < 4; i++) {
        add_point(&path, BEFORE[i], control[i]);
    }
    add_path(pen, &path);
    add_stroke(pen, stroke);
    snas_markup_end(&pen->markup);
}

static void svg_band(report_pen *pen, const report_point *low, const report_point *high, int count, report_ink ink)
{
    snas_text path = snas_text_make(pen->mem);
    for (int i = 0; i < 2 * count; i++) {
        add_point(&path, i == 0 ? "M" : "L", i < count ? low[i] : high[2 * count - 1 - i]);
    }
    snas_text_add(&path, "Z");
    add_path(pen, &path);
    snas_markup_attribute(&pen->markup, "fill-opacity", "0.18");
    add_fill(pen, ink);
    snas_markup_end(&pen->markup);
}

static void svg_box(report_pen *pen, report_box box, double radius, report_ink fill, report_stroke border)
{
    snas_markup *m = &pen->markup;
    const double in = border.width / 2; /* SVG draws a border half outside */
    snas_markup_raw(m, "\n");
    snas_markup_start(m, "rect");
    snas_markup_number(m, "x", box.x + in);
    snas_markup_number(m, "y", box.y + in);
    snas_markup_number(m, "width", fmax(box.w - 2 * in, 0));
    snas_markup_number(m, "height", fmax(box.h - 2 * in, 0));
    if (radius > 0) {
        snas_markup_number(m, "rx", fmax(radius - in, 0));
    }
    add_color(m, "fill", fill.light);
    if (border.width > 0) {
        add_color(m, "stroke", border.ink.light);
        snas_markup_number(m, "stroke-width", border.width);
    }
    add_style(pen, &fill, border.width > 0 ? &border.ink : NULL);
    snas_markup_end(m);
}

static void svg_head(report_pen *pen, report_point tip, report_point along, double size, report_ink ink)
{
    const double slope = 0.45; /* half the width of the base over the length */
    const double length = hypot(along.x, along.y), ux = along.x / length * size, uy = along.y / length * size;
    snas_text path = snas_text_make(pen->mem);
    add_point(&path, "M", tip);
    add_point(&path, "L", (report_point){.x = tip.x - ux - slope * uy, .y = tip.y - uy + slope * ux});
    add_point(&path, "L", (report_point){.x = tip.x - ux + slope * uy, .y = tip.y - uy - slope * ux});
    snas_text_add(&path, "Z");
    add_path(pen, &path);
    add_fill(pen, ink);
    snas_markup_end(&pen->markup);
}

static void svg_text(report_pen *pen, report_point at, report_align align, report_style style, const char *text)
{
    static const char *const ANCHORS[] = {"start", "middle", "end"};
    snas_markup *m = &pen->markup;
    snas_markup_raw(m, "\n");
    snas_markup_start(m, "text");
    snas_markup_number(m, "x", at.x);
    snas_markup_number(m, "y", at.y + HALF_CAPITAL * style.scale);
    snas_markup_number(m, "font-size", SIZE_OF_UNIT * style.scale);
    if (align != REPORT_LEFT) {
        snas_markup_attribute(m, "text-anchor", ANCHORS[align]);
    }
    if (style.bold) {
        snas_markup_attribute(m, "font-weight", "600");
    }
    add_fill(pen, style.ink);
    snas_markup_text(m, text);
    snas_markup_end(m);
}

/* Thousandths of the size, from the space on; a typeface as wide as those that readers usually have. */
static int letter_width(const char *at, int size)
{
    static const short WIDTHS[95] = {320,  400, 460, 840, 640, 950, 780, 280, 390, 390, 500, 840, 320, 360, 320, 340,
                                     640,  640, 640, 640, 640, 640, 640, 640, 640, 640, 340, 340, 840, 840, 840, 530,
                                     1000, 690, 690, 720, 770, 640, 610, 780, 760, 320, 500, 680, 570, 870, 760, 790,
                                     630,  790, 700, 640, 640, 740, 690, 990, 690, 640, 690, 390, 340, 390, 840, 500,
                                     500,  620, 640, 560, 640, 620, 360, 640, 640, 290, 290, 590, 290, 980, 640, 620,
                                     640,  640, 420, 530, 400, 640, 600, 820, 600, 600, 530, 640, 340, 640, 840};
    const unsigned char c = (unsigned char)*at;
    return size > 2 ? 1000 : c >= 32 && c < 127 ? WIDTHS[c - 32] : 700;
}

static double svg_text_width(const char *text, double scale)
{
    int sum = 0;
    for (size_t left = strlen(text); left > 0;) {
        int size = snas_utf8_size(text, left);
        size = size > 0 ? size : 1;
        sum += letter_width(text, size);
        text += size;
        left -= (size_t)size;
    }
    return sum / 1000.0 * SIZE_OF_UNIT * scale;
}

static void svg_ramp(report_pen *pen, report_box box, const report_stop *stops, int count)
{
    snas_markup *m = &pen->markup;
    const double low = stops[0].value, width = stops[count - 1].value - low;
    const char *name = snas_format(pen->mem, "ramp%d", pen->ids++);
    if (name == NULL) {
        m->to->failed = true;
        return;
    }
    snas_markup_start(m, "linearGradient");
    snas_markup_id(m, name);
    snas_markup_attribute(m, "x1", "0");
    snas_markup_attribute(m, "x2", "0");
    snas_markup_attribute(m, "y1", "1");
    snas_markup_attribute(m, "y2", "0");
    for (int i = 0; i < count; i++) {
        snas_markup_start(m, "stop");
        snas_markup_number(m, "offset", width > 0 ? (stops[i].value - low) / width : 0);
        add_color(m, "stop-color", stops[i].ink.light);
        add_style(pen, &stops[i].ink, NULL);
        snas_markup_end(m);
    }
    snas_markup_end(m);
    snas_markup_raw(m, "\n");
    snas_markup_start(m, "rect");
    snas_markup_number(m, "x", box.x);
    snas_markup_number(m, "y", box.y);
    snas_markup_number(m, "width", box.w);
    snas_markup_number(m, "height", box.h);
    snas_markup_reference(m, "fill", name);
    snas_markup_end(m);
}

static void svg_group(report_pen *pen, const char *hint)
{
    snas_markup_raw(&pen->markup, "\n");
    snas_markup_start(&pen->markup, "g");
    snas_markup_element(&pen->markup, "title", hint);
}

static void svg_group_end(report_pen *pen)
{
    snas_markup_end(&pen->markup);
}

const report_pen_kind report_svg = {
    .open = svg_open,
    .curve = svg_curve,
    .bezier = svg_bezier,
    .band = svg_band,
    .box = svg_box,
    .head = svg_head,
    .text = svg_text,
    .text_width = svg_text_width,
    .ramp = svg_ramp,
    .group = svg_group,
    .group_end = svg_group_end,
};
