/* eval_report.c -- what `snas eval` found: as JSON, as a line, as tables. */
#include "eval_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"

enum { NAME_MAX_SHOWN = 64 };

/* Of the pictures of one class: how many, how many right, and the wrong class that they were most often taken for (-1:
 * none). */
typedef struct {
    int64_t images, correct, taken;
    int rival;
} class_figures;

static int64_t confused(const snas_evaluated *e, int truth, int guess)
{
    return e->confusion[(int64_t)truth * e->classes + guess];
}

static class_figures figures_of(const snas_evaluated *e, int truth)
{
    class_figures f = {.images = e->of_class[truth], .correct = e->correct[truth], .rival = -1};
    for (int guess = 0; e->confusion != NULL && guess < e->classes; guess++) {
        const int64_t n = confused(e, truth, guess);
        if (guess != truth && n > f.taken) {
            f.taken = n;
            f.rival = guess;
        }
    }
    return f;
}

/* 0 without pictures. */
static double share(int64_t part, int64_t all)
{
    return all > 0 ? (double)part / (double)all : 0.0;
}

/* A class as people read it: its name, or its number. */
static const char *name_of(char to[NAME_MAX_SHOWN], const snas_evaluated *e, int c)
{
    char number[16];
    snprintf(number, sizeof number, "%d", c);
    const char *name = e->class_names == NULL ? NULL : e->class_names[c];
    return snas_printable(to, NAME_MAX_SHOWN, name == NULL ? number : name);
}

static int name_width(const snas_evaluated *e)
{
    char shown[NAME_MAX_SHOWN];
    size_t width = strlen("class");
    for (int c = 0; c < e->classes; c++) {
        const size_t length = strlen(name_of(shown, e, c));
        width = length > width ? length : width;
    }
    return (int)width;
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void add_real(snas_text *text, const char *key, double value)
{
    snas_text_add(text, "\"%s\": ", key);
    snas_text_add_real(text, value);
}

/* Accuracy, and that among the k best guesses for every k. */
static void add_accuracy(snas_text *text, const cli_evaluation *what, double accuracy, const double *top)
{
    add_real(text, "accuracy", accuracy);
    snas_text_add(text, ", \"top\": {");
    for (int i = 0; i < what->top_count; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", what->top[i]);
        snas_text_next(text, ", ");
        add_real(text, key, top[i]);
    }
    snas_text_add(text, "}");
}

static void add_mirrored(snas_text *text, const cli_evaluation *what)
{
    const snas_evaluated *e = what->result;
    if (e->mirrored_top != NULL) {
        snas_text_add(text, ", \"mirrored\": {");
        add_accuracy(text, what, e->mirrored, e->mirrored_top);
        snas_text_add(text, "}");
    }
}

static void add_classes(snas_text *text, const snas_evaluated *e)
{
    char shown[NAME_MAX_SHOWN];
    snas_text_add(text, ", \"classes\": [");
    for (int c = 0; c < e->classes; c++) {
        const class_figures f = figures_of(e, c);
        snas_text_next(text, ", ");
        snas_text_add(text, "{\"name\": ");
        snas_text_add_json(text, name_of(shown, e, c));
        snas_text_add(text, ", \"images\": %" PRId64 ", \"correct\": %" PRId64 ", ", f.images, f.correct);
        add_real(text, "accuracy", share(f.correct, f.images));
        snas_text_add(text, "}");
    }
    snas_text_add(text, "]");
}

static void add_confusion(snas_text *text, const snas_evaluated *e)
{
    if (e->confusion == NULL) {
        snas_text_add(text, ", \"confusion\": null");
        return;
    }
    snas_text_add(text, ", \"confusion\": [");
    for (int truth = 0; truth < e->classes; truth++) {
        snas_text_next(text, ", ");
        snas_text_add(text, "[");
        for (int guess = 0; guess < e->classes; guess++) {
            snas_text_next(text, ", ");
            snas_text_add(text, "%" PRId64, confused(e, truth, guess));
        }
        snas_text_add(text, "]");
    }
    snas_text_add(text, "]");
}

snas_status cli_evaluation_json(cli_session *session, const cli_evaluation *what)
{
    const snas_evaluated *e = what->result;
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"weights\": ");
    snas_text_add_json(&text, what->weights);
    snas_text_add(&text, ", \"part\": \"%s\", ", what->part != NULL ? what->part : "default");
    add_accuracy(&text, what, e->accuracy, e->top);
    add_mirrored(&text, what);
    snas_text_add(&text, ", ");
    add_real(&text, "loss", e->loss);
    snas_text_add(&text,
                  ", \"images\": %d, \"recalibration_batches\": %d, \"parameters\": %" PRId64
                  ", \"multiply_adds\": %" PRId64,
                  e->images, e->recalibration_batches, e->parameters, e->macs);
    add_classes(&text, e);
    add_confusion(&text, e);
    snas_text_add(&text, "}\n");
    return cli_print_text(session, &text);
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void add_accuracy_words(snas_text *text, const cli_evaluation *what, double accuracy, const double *top)
{
    snas_text_add(text, "accuracy %.2f %%", 100 * accuracy);
    for (int i = 0; i < what->top_count; i++) {
        if (what->top[i] != 1) {
            snas_text_add(text, ", top-%d %.2f %%", what->top[i], 100 * top[i]);
        }
    }
}

snas_status cli_evaluation_line(cli_session *session, const cli_evaluation *what)
{
    const snas_evaluated *e = what->result;
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "%s ", what->part != NULL ? what->part : "test");
    add_accuracy_words(&text, what, e->accuracy, e->top);
    snas_text_add(&text, ", loss %s, %s pictures", cli_loss(session->mem, e->loss),
                  cli_grouped(session->mem, e->images));
    if (e->mirrored_top != NULL) {
        snas_text_add(&text, "\nwith mirror images: ");
        add_accuracy_words(&text, what, e->mirrored, e->mirrored_top);
    }
    SNAS_TRY(snas_text_done(&text));
    cli_print(session, "%s\n", text.data);
    return SNAS_OK;
}

snas_status cli_evaluation_classes(cli_session *session, const cli_evaluation *what)
{
    const snas_evaluated *e = what->result;
    const int width = name_width(e);
    char shown[NAME_MAX_SHOWN];
    cli_print(session, "\n%-*s  pictures  accuracy  most often taken for\n", width, "class");
    for (int c = 0; c < e->classes; c++) {
        const class_figures f = figures_of(e, c);
        cli_print(session, "%-*s  %8s  %6.2f %%", width, name_of(shown, e, c), cli_grouped(session->mem, f.images),
                  100 * share(f.correct, f.images));
        if (f.rival >= 0) {
            cli_print(session, "  %s (%.2f %%)", name_of(shown, e, f.rival), 100 * share(f.taken, f.images));
        }
        cli_print(session, "\n");
    }
    return SNAS_OK;
}

static int digits(int64_t value)
{
    int count = 1;
    for (; value > 9; value /= 10) {
        count++;
    }
    return count;
}

snas_status cli_evaluation_confusion(cli_session *session, const cli_evaluation *what)
{
    const snas_evaluated *e = what->result;
    const int names = name_width(e), numbers = digits(e->classes - 1);
    int64_t most = e->classes;
    char shown[NAME_MAX_SHOWN];
    for (int64_t i = 0; i < (int64_t)e->classes * e->classes; i++) {
        most = e->confusion[i] > most ? e->confusion[i] : most;
    }
    const int width = digits(most) + 1;
    cli_print(session, "\nrow: the class, column: what it was taken for\n%*s", numbers + 1 + names, "");
    for (int guess = 0; guess < e->classes; guess++) {
        cli_print(session, "%*d", width, guess);
    }
    cli_print(session, "\n");
    for (int truth = 0; truth < e->classes; truth++) {
        cli_print(session, "%*d %-*s", numbers, truth, names, name_of(shown, e, truth));
        for (int guess = 0; guess < e->classes; guess++) {
            cli_print(session, "%*" PRId64, width, confused(e, truth, guess));
        }
        cli_print(session, "\n");
    }
    return SNAS_OK;
}
