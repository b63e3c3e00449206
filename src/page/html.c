/* html.c -- writing a page: sections, tables, figures. */
#include "html.h"

#include <math.h>
#include <stdarg.h>

void page_open(page_writer *w, const char *tag, const char *class)
{
    snas_markup_start(&w->m, tag);
    if (class != NULL) {
        snas_markup_attribute(&w->m, "class", class);
    }
}

void page_close(page_writer *w)
{
    snas_markup_end(&w->m);
}

void page_element(page_writer *w, const char *tag, const char *class, const char *text)
{
    page_open(w, tag, class);
    snas_markup_text(&w->m, text);
    page_close(w);
}

void page_form(page_writer *w, const char *tag, const char *class, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const char *text = snas_format_list(w->mem, format, values);
    va_end(values);
    w->text->failed |= text == NULL;
    page_element(w, tag, class, text == NULL ? "" : text);
}

void page_section(page_writer *w, const char *id, const char *title)
{
    page_open(w, "section", NULL);
    snas_markup_form(&w->m, "id", "%s%s", w->scope, id);
    page_element(w, w->level == 2 ? "h2" : "h3", NULL, title);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

void page_data(page_writer *w, page_kind kind, double value)
{
    if (!isfinite(value)) {
        page_element(w, "span", "none", "\xe2\x80\x93");
        return;
    }
    snas_text digits = snas_text_make(w->mem);
    snas_text_add_real(&digits, value);
    w->text->failed |= digits.failed;
    page_open(w, "data", NULL);
    snas_markup_attribute(&w->m, "value", digits.failed ? "" : digits.data);
    const char *text = page_number(w->mem, kind, value);
    w->text->failed |= text == NULL;
    snas_markup_text(&w->m, text == NULL ? "" : text);
    page_close(w);
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

void page_table(page_writer *w, const char *const *heads, int count)
{
    page_open(w, "div", "scroll");
    page_open(w, "table", NULL);
    page_open(w, "thead", NULL);
    page_open(w, "tr", NULL);
    for (int i = 0; i < count; i++) {
        const bool number = heads[i][0] == '#';
        page_element(w, "th", number ? "n" : NULL, heads[i] + (number ? 1 : 0));
    }
    page_close(w);
    page_close(w);
    page_open(w, "tbody", NULL);
}

void page_table_end(page_writer *w)
{
    page_close(w);
    page_close(w);
    page_close(w);
}

void page_row(page_writer *w, const char *class)
{
    page_open(w, "tr", class);
}

void page_cell(page_writer *w, const char *text)
{
    page_element(w, "td", NULL, text);
}

void page_cell_number(page_writer *w, page_kind kind, double value)
{
    page_open(w, "td", "n");
    page_data(w, kind, value);
    page_close(w);
}

/* --- pictures ----------------------------------------------------------------------------------------------------- */

snas_status page_picture(page_writer *w, snas_drawing drawing, const char *caption, bool wide)
{
    const char *prefix = snas_format(w->mem, "p%d-", ++w->pictures);
    SNAS_TRY(snas_taken(prefix));
    page_open(w, "figure", wide ? "wide" : NULL);
    page_open(w, "div", "scroll");
    snas_markup_raw(&w->m, ""); /* ends the tag */
    SNAS_TRY(snas_drawing_inline(drawing, prefix, w->text));
    page_close(w);
    if (caption != NULL) {
        page_element(w, "figcaption", NULL, caption);
    }
    page_close(w);
    return SNAS_OK;
}
