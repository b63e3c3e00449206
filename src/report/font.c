/* font.c -- letters as strokes: every glyph is a few polylines on a grid, drawn as smooth lines.
 *
 * A glyph is a text of digit pairs "xy"; a space lifts the pen; a single point is a dot. y 0 is the top of a capital, 2
 * the top of a small letter, 6 the baseline, 8 the end of a descender. A glyph is as wide as its largest x.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "canvas.h"
#include "snas/base/text.h"

static const double GAP = 2.1;     /* between two letters, in units */
static const double SPACE = 2.2;   /* width of a space */
static const double STROKE = 0.82; /* width of a line */

static const char *const GLYPHS[128] = {
    ['a'] = "4246 4332120305163645",
    ['b'] = "0006 0312324345361605",
    ['c'] = "4332120305163645",
    ['d'] = "4046 4332120305163645",
    ['e'] = "04444332120305163645",
    ['f'] = "30201116 0232",
    ['g'] = "4247381807 4332120305163645",
    ['h'] = "0006 0312324346",
    ['i'] = "0206 00",
    ['j'] = "121708 10",
    ['k'] = "0006 320436",
    ['l'] = "0006",
    ['m'] = "0206 0312223336 3342526366",
    ['n'] = "0206 0312324346",
    ['o'] = "123243453616050312",
    ['p'] = "0208 0312324345361605",
    ['q'] = "4248 4332120305163645",
    ['r'] = "0206 04132232",
    ['s'] = "43321203143445361605",
    ['t'] = "10152636 0232",
    ['u'] = "0205163645 4246",
    ['v'] = "022642",
    ['w'] = "0216335662",
    ['x'] = "0246 0642",
    ['y'] = "0226 42261808",
    ['z'] = "02420646",
    ['A'] = "062046 1434",
    ['B'] = "00063645443303 0030414233",
    ['C'] = "4130100105163645",
    ['D'] = "00062644422000",
    ['E'] = "40000646 0333",
    ['F'] = "400006 0333",
    ['G'] = "41301001051636454323",
    ['H'] = "0006 4046 0343",
    ['I'] = "0020 1016 0626",
    ['J'] = "3035261605",
    ['K'] = "0006 400346",
    ['L'] = "000646",
    ['M'] = "0600234046",
    ['N'] = "06004640",
    ['O'] = "103041453616050110",
    ['P'] = "06003041423303",
    ['Q'] = "103041453616050110 2446",
    ['R'] = "06003041423303 2346",
    ['S'] = "413010010213334445361605",
    ['T'] = "0040 2026",
    ['U'] = "000516364540",
    ['V'] = "002640",
    ['W'] = "0016335660",
    ['X'] = "0046 0640",
    ['Y'] = "002340 2326",
    ['Z'] = "00400646",
    ['0'] = "102031352616050110",
    ['1'] = "022026 0646",
    ['2'] = "01103041420646",
    ['3'] = "0110304142334445361605 1333",
    ['4'] = "36300444",
    ['5'] = "400002324345361605",
    ['6'] = "4130100105163645443303",
    ['7'] = "004016",
    ['8'] = "103041423313020110 1304051636454433",
    ['9'] = "0516364541301001021343",
    ['_'] = "0747",
    ['-'] = "0434",
    ['.'] = "06",
    [','] = "1607",
    [':'] = "03 06",
    [';'] = "13 1607",
    ['+'] = "0444 2226",
    ['='] = "0343 0545",
    ['('] = "10010617",
    [')'] = "00111607",
    ['['] = "10000717",
    [']'] = "00101707",
    ['/'] = "0640",
    ['<'] = "420446",
    ['>'] = "024406",
    ['%'] = "0640 0010110100 3545463635",
    ['\''] = "0001",
    ['"'] = "0001 2021",
    ['~'] = "04132433",
    ['|'] = "0007",
    ['!'] = "0004 06",
    ['?'] = "011030414223 24 26",
    ['*'] = "1135 3115 0343",
    ['#'] = "1016 3036 0242 0444",
    [1] = "2025 0343 0747", /* plus or minus */
};

static const char *const NO_GLYPH = "0040460600";

/* The glyph of the character at `text`, "" for a space; *size: the character's bytes. */
static const char *glyph(const char *text, size_t *size)
{
    const unsigned char u = (unsigned char)*text;
    const int bytes = snas_utf8_size(text, strlen(text));
    *size = bytes > 0 ? (size_t)bytes : 1;
    if (*size == 2 && memcmp(text, "\xc2\xb1", 2) == 0) {
        return GLYPHS[1];
    }
    return u == ' ' ? "" : u > 1 && u < 128 && GLYPHS[u] != NULL ? GLYPHS[u] : NO_GLYPH;
}

/* Units from the left end of a glyph to that of the next. */
static double advance(const char *strokes)
{
    if (*strokes == 0) {
        return SPACE + GAP;
    }
    int width = 0;
    for (const char *at = strokes; *at != 0; at += at[0] == ' ' ? 1 : 2) {
        width = at[0] != ' ' && at[0] - '0' > width ? at[0] - '0' : width;
    }
    return width + GAP;
}

double report_text_width(const char *text, double scale)
{
    double units = -GAP;
    for (size_t size; *text != 0; text += size) {
        units += advance(glyph(text, &size));
    }
    return units > 0 ? units * scale : 0;
}

/* The point of a glyph at "xy" when its left end is `at.x` and the middle of a capital `at.y`. */
static report_point place(report_point at, double scale, const char *xy)
{
    return (report_point){.x = at.x + scale * (xy[0] - '0'), .y = at.y + scale * (xy[1] - '0' - 3)};
}

void report_text(snas_raster *to, report_point at, double scale, report_color color, const char *text)
{
    for (size_t size; *text != 0; text += size) {
        const char *from = NULL, *strokes = glyph(text, &size);
        for (const char *xy = strokes; *xy != 0;) {
            if (*xy == ' ') {
                from = NULL;
                xy++;
                continue;
            }
            const report_point b = place(at, scale, xy);
            const bool dot = from == NULL && (xy[2] == 0 || xy[2] == ' ');
            if (from != NULL || dot) {
                const report_point a = from != NULL ? place(at, scale, from) : b;
                report_line(to, a, b, scale * STROKE * (dot ? 1.4 : 1), color);
            }
            from = xy;
            xy += 2;
        }
        at.x += advance(strokes) * scale;
    }
}
