/* progress.c -- the progress line with its ETA, the line of an epoch, the file of all losses. */
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "status_line.h"
#include "wrap.h"

enum { ITEM_BYTES = 64, GAP = 2 };

static const double REDRAW_SECONDS = 0.1;                               /* on a terminal */
static const double PLAIN_SECONDS_LEAST = 30, PLAIN_SECONDS_MOST = 600; /* elsewhere */

/* Room for one item of a line. */
typedef struct {
    char text[ITEM_BYTES];
} item;

/* Seconds as 1:02:03 or 2:03, "?" for NaN, after a word. */
static item span(const char *word, double seconds)
{
    item to;
    const int64_t all = seconds < 1e9 ? (int64_t)llround(seconds) : INT64_C(1000000000);
    const int64_t hours = all / 3600;
    if (isnan(seconds)) {
        snprintf(to.text, sizeof to.text, "%s ?", word);
    } else if (hours > 0) {
        snprintf(to.text, sizeof to.text, "%s %" PRId64 ":%02" PRId64 ":%02" PRId64, word, hours, all / 60 % 60,
                 all % 60);
    } else {
        snprintf(to.text, sizeof to.text, "%s %" PRId64 ":%02" PRId64, word, all / 60, all % 60);
    }
    return to;
}

/* "ETA ?" when `done` says nothing yet. */
static item eta(double seconds, int64_t done, int64_t left)
{
    return span("ETA", done > 0 ? seconds / (double)done * (double)left : (double)NAN);
}

/* A line a training step. A file that cannot be written is told of once, and the run goes on. */
static void write_loss(cli_session *session, const snas_progress *p)
{
    char line[96];
    if (session->losses == NULL || p->done == session->last_step) {
        return;
    }
    session->last_step = p->done;
    snprintf(line, sizeof line, "{\"step\": %" PRId64 ", \"loss\": %.17g}\n", p->done, p->step_loss);
    if (snas_file_append(session->losses, line) != SNAS_OK) {
        snas_log(SNAS_LOG_WARNING, "%s", snas_error());
        session->losses = NULL;
    }
}

/* --- the progress line -------------------------------------------------------------------------------------------- */

/* Whether it is time for another progress line, which is then taken as shown. Plain lines become rarer: a log of many
 * hours is not to be full of them. */
static bool is_line_due(cli_session *session)
{
    const double now = snas_clock_seconds();
    const double least = session->terminal ? REDRAW_SECONDS : fmax(session->plain_gap, PLAIN_SECONDS_LEAST);
    if (session->quiet || now - session->last_line < least) {
        return false;
    }
    session->last_line = now;
    session->plain_gap = fmin(2 * least, PLAIN_SECONDS_MOST);
    return true;
}

/* The items, the most telling first: a terminal shows as many as it is wide. */
static void draw(cli_session *session, const item *items, int count)
{
    const snas_mark mark = snas_arena_mark(session->mem);
    cli_wrap line = cli_wrap_make(session->mem, 0, 0, GAP, 0);
    for (int i = 0; i < count; i++) {
        cli_wrap_add(&line, items[i].text);
    }
    cli_draw_line(session, cli_wrap_text(&line));
    snas_arena_release(session->mem, mark);
}

void cli_progress_count(cli_session *session, const char *phase, int64_t done, int64_t all, double seconds)
{
    item items[2] = {0};
    if (!is_line_due(session)) {
        return;
    }
    snprintf(items[0].text, sizeof items[0].text, "%s %" PRId64 "/%" PRId64, phase, done, all);
    items[1] = eta(seconds, done, all - done);
    draw(session, items, 2);
}

void cli_progress_left(cli_session *session, const char *doing, int64_t done, int64_t all, double left)
{
    item items[3] = {0};
    if (!is_line_due(session)) {
        return;
    }
    snprintf(items[0].text, sizeof items[0].text, "%" PRId64 "/%" PRId64 " runs", done, all);
    items[1] = span("ETA", left);
    snprintf(items[2].text, sizeof items[2].text, "%s", doing);
    draw(session, items, 3);
}

void cli_progress_epoch(cli_session *session, const cli_epoch_progress *at)
{
    item items[4] = {0};
    if (!is_line_due(session)) {
        return;
    }
    const double left = at->mean * (at->epochs - at->epoch) - at->seconds;
    snprintf(items[0].text, sizeof items[0].text, "%s epoch %d/%d", at->phase, at->epoch + 1, at->epochs);
    items[1] = span("ETA", isnan(left) ? left : fmax(left, 0.0));
    items[2] = span("this epoch", at->seconds);
    items[3] = span("an epoch takes", at->mean);
    draw(session, items, isnan(at->mean) ? 3 : 4);
}

void cli_progress(void *context, const snas_progress *p)
{
    cli_session *session = context;
    item items[5] = {0};
    write_loss(session, p);
    if (!is_line_due(session)) {
        return;
    }
    snprintf(items[0].text, sizeof items[0].text, "%s epoch %d/%d", p->phase, p->epoch + 1, p->epochs);
    snprintf(items[1].text, sizeof items[1].text, "step %" PRId64 "/%" PRId64, p->step, p->steps);
    items[2] = eta(p->seconds, p->done - p->done_at_start, p->all - p->done);
    snprintf(items[3].text, sizeof items[3].text, "loss %.4f", p->loss);
    snprintf(items[4].text, sizeof items[4].text, "accuracy %.1f %%", 100 * p->accuracy);
    draw(session, items, 5);
}

/* --- the line of an epoch ----------------------------------------------------------------------------------------- */

/* The figures of a metrics row that people are shown, in this order; others stand in the run's metrics.csv. */
static const struct {
    const char *key, *label;
    bool percent;
} FIGURES[CLI_FIGURES] = {
    [CLI_LOSS] = {"train_loss", "loss", false},
    [CLI_ACCURACY] = {"train_accuracy", "accuracy", true},
    [CLI_VALIDATION] = {"validation_accuracy", "validation", true},
    [CLI_CHILD] = {"child_accuracy", "child", true},
    [CLI_TEST] = {"test_accuracy", "test", true},
    [CLI_AVERAGE] = {"average_accuracy", "average", true},
    [CLI_BEST] = {"best_accuracy", "best", true},
    [CLI_TAU] = {"temperature", "tau", false},
    [CLI_LAMBDA_R] = {"lambda_penalty", "lambda*R", false},
    [CLI_ENTROPY_NORMAL] = {"entropy_normal", "entropy", false},
    [CLI_ENTROPY_CELL] = {"entropy_cell", "entropy", false},
    [CLI_PARAMETERS] = {"child_parameters", "parameters", false},
    [CLI_KNOWN] = {"known_accuracy", "known", true},
    [CLI_KNOWN_RANK] = {"known_rank", "rank", false},
};

static void keep_figures(cli_session *session, const snas_metrics_row *row)
{
    session->has_figures = true;
    for (int i = 0; i < CLI_FIGURES; i++) {
        const snas_metrics_figure *found = snas_metrics_row_find(row, FIGURES[i].key);
        session->figures[i] = found == NULL ? (double)NAN : found->value;
    }
}

void cli_epoch_json(void *context, const snas_metrics_row *row)
{
    cli_session *session = context;
    const snas_mark mark = snas_arena_mark(session->mem);
    snas_text text = snas_text_make(session->mem);
    keep_figures(session, row);
    snas_metrics_row_json(&text, row);
    cli_print(session, "%s\n", text.failed ? "" : text.data);
    cli_flush(session);
    snas_arena_release(session->mem, mark);
}

void cli_epoch_line(void *context, const snas_metrics_row *row)
{
    cli_session *session = context;
    const snas_mark mark = snas_arena_mark(session->mem);
    const snas_metrics_figure *epoch = snas_metrics_row_find(row, "epoch");
    item figure;
    keep_figures(session, row);
    snprintf(figure.text, sizeof figure.text, "epoch %.0f", epoch == NULL ? 0.0 : epoch->value);
    cli_wrap line = cli_wrap_make(session->mem, cli_status_columns(), (int)strlen(figure.text) + GAP, GAP, 0);
    cli_wrap_add(&line, figure.text);
    for (int i = 0; i < CLI_FIGURES; i++) {
        const double value = session->figures[i];
        if (isfinite(value)) {
            snprintf(figure.text, sizeof figure.text, FIGURES[i].percent ? "%s %.2f %%" : "%s %.6g", FIGURES[i].label,
                     FIGURES[i].percent ? 100 * value : value);
            cli_wrap_add(&line, figure.text);
        }
    }
    cli_say_text(session, cli_wrap_text(&line));
    snas_arena_release(session->mem, mark);
}
