/* markup.c -- a writer of markup: a stack of open elements, the start tag of the innermost left open for attributes.
 */
#include "snas/format/markup.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* Elements that never hold anything, in HTML or as SVG is used here. */
static const char *const EMPTY[] = {"br",   "circle", "col",  "ellipse", "hr",       "img",  "input", "line",
                                    "link", "meta",   "path", "polygon", "polyline", "rect", "stop",  "use"};

static bool is_empty(const char *name)
{
    for (size_t i = 0; i < sizeof EMPTY / sizeof EMPTY[0]; i++) {
        if (strcmp(name, EMPTY[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void add(snas_text *to, const char *string)
{
    snas_text_add_bytes(to, string, strlen(string));
}

/* What stands in a text for the character of `size` bytes at `at`; NULL: it stands for itself. */
static const char *stand_in(const char *at, int size)
{
    static const char *const UNKNOWN = "\xef\xbf\xbd";
    switch (*at) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\n':
    case '\t':
        return NULL;
    default:
        break;
    }
    const bool no_character = size == 3 && (memcmp(at, "\xef\xbf\xbe", 3) == 0 || memcmp(at, "\xef\xbf\xbf", 3) == 0);
    return size == 0 || no_character ? UNKNOWN : NULL;
}

void snas_markup_add_escaped(snas_text *to, const char *string)
{
    for (size_t left = strlen(string); left > 0;) {
        const int size = snas_harmless(string, left);
        const char *instead = stand_in(string, size);
        const size_t step = size > 0 ? (size_t)size : 1;
        snas_text_add_bytes(to, instead != NULL ? instead : string, instead != NULL ? strlen(instead) : step);
        string += step;
        left -= step;
    }
}

void snas_markup_add_number(snas_text *to, double value)
{
    assert(isfinite(value) && fabs(value) < 1e15);
    const int64_t hundredths = llround(value * 100), size = hundredths < 0 ? -hundredths : hundredths;
    const int rest = (int)(size % 100);
    snas_text_add(to, "%s%" PRId64, hundredths < 0 ? "-" : "", size / 100);
    if (rest != 0) {
        snas_text_add(to, rest % 10 == 0 ? ".%d" : ".%02d", rest % 10 == 0 ? rest / 10 : rest);
    }
}

snas_markup snas_markup_make(snas_text *to, const char *prefix)
{
    return (snas_markup){.to = to, .prefix = prefix};
}

static void close_tag(snas_markup *m)
{
    if (m->in_tag) {
        add(m->to, ">");
        m->in_tag = false;
    }
}

void snas_markup_start(snas_markup *m, const char *name)
{
    assert(m->depth < SNAS_MARKUP_DEPTH_MAX);
    close_tag(m);
    snas_text_add(m->to, "<%s", name);
    m->open[m->depth++] = name;
    m->in_tag = true;
}

void snas_markup_attribute(snas_markup *m, const char *name, const char *value)
{
    assert(m->in_tag);
    snas_text_add(m->to, " %s=\"", name);
    snas_markup_add_escaped(m->to, value);
    add(m->to, "\"");
}

void snas_markup_form(snas_markup *m, const char *name, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const char *value = snas_format_list(m->to->mem, format, values);
    va_end(values);
    if (value == NULL) {
        m->to->failed = true;
    }
    snas_markup_attribute(m, name, value != NULL ? value : "");
}

void snas_markup_number(snas_markup *m, const char *name, double value)
{
    assert(m->in_tag);
    snas_text_add(m->to, " %s=\"", name);
    snas_markup_add_number(m->to, value);
    add(m->to, "\"");
}

void snas_markup_id(snas_markup *m, const char *name)
{
    snas_markup_form(m, "id", "%s%s", m->prefix, name);
}

void snas_markup_reference(snas_markup *m, const char *attribute, const char *name)
{
    snas_markup_form(m, attribute, strcmp(attribute, "href") == 0 ? "#%s%s" : "url(#%s%s)", m->prefix, name);
}

void snas_markup_text(snas_markup *m, const char *string)
{
    assert(m->depth > 0);
    close_tag(m);
    snas_markup_add_escaped(m->to, string);
}

void snas_markup_raw(snas_markup *m, const char *markup)
{
    close_tag(m);
    add(m->to, markup);
}

void snas_markup_end(snas_markup *m)
{
    assert(m->depth > 0);
    const char *name = m->open[--m->depth];
    if (m->in_tag && is_empty(name)) {
        add(m->to, "/>");
        m->in_tag = false;
        return;
    }
    close_tag(m);
    snas_text_add(m->to, "</%s>", name);
}

void snas_markup_element(snas_markup *m, const char *name, const char *text)
{
    snas_markup_start(m, name);
    snas_markup_text(m, text);
    snas_markup_end(m);
}
