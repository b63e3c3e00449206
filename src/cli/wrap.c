/* wrap.c -- items put into lines that fit a width. Columns count characters of UTF-8. */
#include "wrap.h"

#include <string.h>

cli_wrap cli_wrap_make(snas_arena *mem, int columns, int indent, int gap, int column)
{
    return (cli_wrap){.text = snas_text_make(mem), .columns = columns, .indent = indent, .gap = gap, .column = column};
}

/* Columns of the first `size` bytes. */
static int width_of(const char *item, size_t size)
{
    int width = 0;
    for (size_t i = 0; i < size; i++) {
        width += ((unsigned char)item[i] & 0xc0) != 0x80;
    }
    return width;
}

static bool fits(const cli_wrap *w, int width)
{
    return w->columns == 0 || w->column + (w->begun ? w->gap : 0) + width <= w->columns;
}

static void put(cli_wrap *w, const char *item, size_t size)
{
    const int gap = w->begun ? w->gap : 0;
    snas_text_add(&w->text, "%*s%.*s", gap, "", (int)size, item);
    w->column += gap + width_of(item, size);
    w->begun = true;
}

static void add(cli_wrap *w, const char *item, size_t size)
{
    if (w->begun && !fits(w, width_of(item, size))) {
        snas_text_add(&w->text, "\n%*s", w->indent, "");
        w->column = w->indent;
        w->begun = false;
    }
    put(w, item, size);
}

void cli_wrap_add(cli_wrap *w, const char *item)
{
    add(w, item, strlen(item));
}

void cli_wrap_add_words(cli_wrap *w, const char *words)
{
    while (*words != '\0') {
        const size_t size = strcspn(words, " \n");
        if (size > 0) {
            add(w, words, size);
        }
        words += size;
        words += *words != '\0';
    }
}

const char *cli_wrap_text(const cli_wrap *w)
{
    return w->text.failed ? "" : w->text.data;
}
