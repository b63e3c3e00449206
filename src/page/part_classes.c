/* part_classes.c -- the test pictures class by class: accuracies, and what was taken for what. */
#include <stdio.h>
#include <stdlib.h>

#include "page_parts.h"
#include "snas/base/text.h"

enum { MATRIX_CLASSES = 30, WORST_PAIRS = 20, NAME_BYTES = 64 };

/* A class as people read it: its name, or its number. */
static const char *name_of(char to[NAME_BYTES], const page_tests *tests, int c)
{
    const char *name = tests->class_names == NULL ? NULL : tests->class_names[c];
    snprintf(to, NAME_BYTES, "%d", c);
    return name == NULL ? to : snas_printable(to, NAME_BYTES, name);
}

static int64_t taken(const snas_tally *tally, int truth, int guess)
{
    return tally->confusion[(int64_t)truth * tally->classes + guess];
}

/* The wrong class that the pictures of `truth` were taken for most often; -1: none, or not known. */
static int rival_of(const snas_tally *tally, int truth)
{
    int rival = -1;
    for (int guess = 0; tally->confusion != NULL && guess < tally->classes; guess++) {
        const int64_t most = rival < 0 ? 0 : taken(tally, truth, rival);
        rival = guess != truth && taken(tally, truth, guess) > most ? guess : rival;
    }
    return rival;
}

static double share(int64_t part, int64_t all)
{
    return all > 0 ? (double)part / (double)all : 0.0;
}

/* --- accuracies --------------------------------------------------------------------------------------------------- */

static void add_class(page_writer *w, const page_tests *tests, int c)
{
    const snas_tally *tally = tests->tally;
    const double accuracy = share(tally->correct[c], tally->of_class[c]);
    const int rival = rival_of(tally, c);
    char name[NAME_BYTES];
    page_row(w, NULL);
    page_cell(w, name_of(name, tests, c));
    page_cell_number(w, PAGE_COUNT, (double)tally->of_class[c]);
    page_cell_number(w, PAGE_SHARE, accuracy);
    page_open(w, "td", "meter");
    page_open(w, "i", NULL);
    snas_markup_form(&w->m, "style", "width:%.1f%%", 100 * accuracy);
    page_close(w);
    page_close(w);
    if (rival < 0) {
        page_cell(w, "");
    } else {
        page_form(w, "td", NULL, "%s (%.2f %%)", name_of(name, tests, rival),
                  100 * share(taken(tally, c, rival), tally->of_class[c]));
    }
    page_close(w);
}

static void add_accuracies(page_writer *w, const page_tests *tests)
{
    static const char *const heads[] = {"class", "#pictures", "#accuracy", "", "most often taken for"};
    page_table(w, heads, 5);
    for (int c = 0; c < tests->tally->classes; c++) {
        add_class(w, tests, c);
    }
    page_table_end(w);
}

/* --- the matrix --------------------------------------------------------------------------------------------------- */

static void add_matrix_row(page_writer *w, const page_tests *tests, int truth)
{
    const snas_tally *tally = tests->tally;
    char name[NAME_BYTES];
    page_row(w, NULL);
    page_element(w, "th", NULL, name_of(name, tests, truth));
    for (int guess = 0; guess < tally->classes; guess++) {
        const int64_t n = taken(tally, truth, guess);
        const double part = share(n, tally->of_class[truth]);
        page_open(w, "td", guess == truth ? "hit" : part > 0.5 ? "miss strong" : "miss");
        snas_markup_form(&w->m, "style", "--part:%.3f", part);
        page_form(w, "data", NULL, "%lld", (long long)n);
        page_close(w);
    }
    page_close(w);
}

static void add_matrix(page_writer *w, const page_tests *tests)
{
    char name[NAME_BYTES];
    page_element(w, "p", "quiet", "A row is a class, a column what its pictures were taken for.");
    page_open(w, "div", "scroll");
    page_open(w, "table", "matrix");
    page_open(w, "thead", NULL);
    page_row(w, NULL);
    page_element(w, "th", NULL, "");
    for (int c = 0; c < tests->tally->classes; c++) {
        page_open(w, "th", "turned");
        page_element(w, "span", NULL, name_of(name, tests, c));
        page_close(w);
    }
    page_close(w);
    page_close(w);
    page_open(w, "tbody", NULL);
    for (int c = 0; c < tests->tally->classes; c++) {
        add_matrix_row(w, tests, c);
    }
    page_table_end(w);
}

/* --- of many classes, what is taken for what most often ----------------------------------------------------------- */

typedef struct {
    int truth, guess;
    int64_t count;
} pair;

static int by_count(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    if (p->count != q->count) {
        return p->count > q->count ? -1 : 1;
    }
    return p->truth != q->truth ? p->truth - q->truth : p->guess - q->guess;
}

static snas_status add_pairs(page_writer *w, const page_tests *tests)
{
    static const char *const heads[] = {"class", "taken for", "#pictures", "#of the class"};
    const snas_tally *tally = tests->tally;
    pair *pairs;
    int count = 0;
    SNAS_NEW(w->mem, pairs, (size_t)tally->classes * (size_t)tally->classes);
    for (int i = 0; i < tally->classes; i++) {
        for (int j = 0; j < tally->classes; j++) {
            if (i != j && taken(tally, i, j) > 0) {
                pairs[count++] = (pair){i, j, taken(tally, i, j)};
            }
        }
    }
    qsort(pairs, (size_t)count, sizeof *pairs, by_count);
    page_element(w, "p", "quiet", "What was taken for what most often.");
    page_table(w, heads, 4);
    for (int i = 0; i < count && i < WORST_PAIRS; i++) {
        char name[NAME_BYTES];
        page_row(w, NULL);
        page_cell(w, name_of(name, tests, pairs[i].truth));
        page_cell(w, name_of(name, tests, pairs[i].guess));
        page_cell_number(w, PAGE_COUNT, (double)pairs[i].count);
        page_cell_number(w, PAGE_SHARE, share(pairs[i].count, tally->of_class[pairs[i].truth]));
        page_close(w);
    }
    page_table_end(w);
    return SNAS_OK;
}

static snas_status add_tests(page_writer *w, const page_tests *tests)
{
    const snas_tally *tally = tests->tally;
    page_form(w, "h4", NULL, "%s", tests->title);
    add_accuracies(w, tests);
    if (tally->confusion == NULL) {
        return SNAS_OK;
    }
    if (tally->classes > MATRIX_CLASSES) {
        return add_pairs(w, tests);
    }
    add_matrix(w, tests);
    return SNAS_OK;
}

snas_status page_classes(page_writer *w, const page_run *run)
{
    for (int i = 0; i < run->test_count; i++) {
        SNAS_TRY(add_tests(w, &run->tests[i]));
    }
    return snas_text_done(w->text);
}
