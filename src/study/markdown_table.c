/* markdown_table.c -- a table in Markdown, its columns aligned, cut into several where it is wider than a page. */
#include "markdown_table.h"

#include <stdarg.h>
#include <string.h>

enum { PAGE = 80, BORDER = 3 }; /* "| " before a column and " " after it */

study_table study_table_make(snas_arena *mem, const char *const *titles)
{
    study_table table = {.mem = mem};
    while (titles[table.columns] != NULL) {
        table.columns++;
    }
    for (int i = 0; i < table.columns; i++) {
        study_table_add(&table, "%s", titles[i]);
    }
    return table;
}

void study_table_add(study_table *table, const char *format, ...)
{
    va_list values;
    const char **grown = snas_arena_grow(table->mem, table->cells, sizeof *table->cells, table->count, &table->room);
    va_start(values, format);
    const char *text = snas_format_list(table->mem, format, values);
    va_end(values);
    table->failed |= grown == NULL || text == NULL;
    if (!table->failed) {
        table->cells = grown;
        table->cells[table->count++] = text;
    }
}

/* Columns that a text takes: characters, not bytes. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text != 0; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void measure(const study_table *t, int *widths)
{
    for (int i = 0; i < t->count; i++) {
        const int width = width_of(t->cells[i]);
        int *most = &widths[i % t->columns];
        *most = i < t->columns || width > *most ? (width > BORDER ? width : BORDER) : *most;
    }
}

static void write_cell(snas_text *to, const char *text, int width, bool right)
{
    const int gap = width - width_of(text);
    snas_text_add(to, right ? "| %*s%s " : "| %*s%s%*s ", right ? gap : 0, "", text, right ? 0 : gap, "");
}

static void write_rule(snas_text *to, int width, bool right)
{
    snas_text_add(to, "|%s", right ? "" : ":");
    for (int i = 0; i < width + 1; i++) {
        snas_text_add(to, "-");
    }
    snas_text_add(to, "%s", right ? ":" : "");
}

/* The first column and those from `from` to before `end`. */
static void write_part(const study_table *t, const int *widths, int from, int end, snas_text *to)
{
    for (int row = 0; row < t->count / t->columns; row++) {
        const char **cells = t->cells + row * t->columns;
        write_cell(to, cells[0], widths[0], false);
        for (int c = from; c < end; c++) {
            write_cell(to, cells[c], widths[c], true);
        }
        snas_text_add(to, "|\n");
        for (int c = 0; row == 0 && c < end; c = c == 0 ? from : c + 1) {
            write_rule(to, widths[c], c > 0);
        }
        snas_text_add(to, "%s", row == 0 ? "|\n" : "");
    }
}

/* The column after the last that fits a page that begins with column `from`, beside the first. */
static int end_of_part(const study_table *t, const int *widths, int from)
{
    int end = from, width = widths[0] + BORDER + 1;
    while (end < t->columns && (end == from || width + widths[end] + BORDER <= PAGE)) {
        width += widths[end++] + BORDER;
    }
    return end;
}

/* So many that the parts hold about as many each. */
static int columns_a_part(const study_table *t, const int *widths)
{
    int parts = 0;
    for (int from = 1; from < t->columns; from = end_of_part(t, widths, from)) {
        parts++;
    }
    return parts == 0 ? 1 : (t->columns - 1 + parts - 1) / parts;
}

void study_table_write(const study_table *t, snas_text *to)
{
    int widths[STUDY_COLUMNS_MAX] = {0};
    if (t->failed) {
        to->failed = true;
        return;
    }
    measure(t, widths);
    const int most = columns_a_part(t, widths);
    for (int from = 1; from < t->columns;) {
        const int fitting = end_of_part(t, widths, from), end = fitting < from + most ? fitting : from + most;
        snas_text_add(to, "%s", from > 1 ? "\n" : "");
        write_part(t, widths, from, end, to);
        from = end;
    }
}
