/* output.c -- stdout for results, stderr for people: printing, the log, the progress line with its ETA. */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snas/base/clock.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

static const double REDRAW_SECONDS = 0.1; /* on a terminal */
static const double PLAIN_SECONDS = 30;   /* elsewhere */

static void wipe_line(cli_session *session)
{
    if (session->line_drawn) {
        fputs("\r\033[K", stderr);
        session->line_drawn = false;
    }
}

static void log_sink(void *context, snas_log_level level, const char *message)
{
    cli_session *session = context;
    const bool shown = level == SNAS_LOG_WARNING || (level == SNAS_LOG_INFO && !session->quiet) ||
                       (level == SNAS_LOG_DEBUG && session->verbose);
    if (!shown) {
        return;
    }
    wipe_line(session);
    if (level == SNAS_LOG_WARNING) {
        fprintf(stderr, "%swarning:%s %s\n", session->colour ? "\033[33m" : "", session->colour ? "\033[0m" : "",
                message);
    } else {
        fprintf(stderr, "%s\n", message);
    }
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != 0;
}

void cli_output_open(cli_session *session, bool no_color)
{
    const char *term = getenv("TERM");
    session->terminal = isatty(STDERR_FILENO) == 1;
    session->colour =
        session->terminal && !no_color && !is_set("NO_COLOR") && (term == NULL || strcmp(term, "dumb") != 0);
    session->last_line = snas_clock_seconds();
    snas_log_to(log_sink, session);
}

/* The first fault's reason, for when stdout is closed. */
static void note_print(cli_session *session, bool failed)
{
    if (failed && session->print_fault == 0) {
        session->print_fault = errno;
    }
}

void cli_print(cli_session *session, const char *format, ...)
{
    wipe_line(session);
    va_list arguments;
    va_start(arguments, format);
    note_print(session, vprintf(format, arguments) < 0);
    va_end(arguments);
}

snas_status cli_print_text(cli_session *session, const snas_text *text)
{
    SNAS_TRY(snas_text_done(text));
    cli_print(session, "%s", text->data);
    return SNAS_OK;
}

void cli_say(cli_session *session, const char *format, ...)
{
    if (session->quiet) {
        return;
    }
    wipe_line(session);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void cli_complain(cli_session *session, const char *sentence)
{
    wipe_line(session);
    fprintf(stderr, "%ssnas:%s %s\n", session->colour ? "\033[31m" : "", session->colour ? "\033[0m" : "", sentence);
}

void cli_flush(cli_session *session)
{
    note_print(session, fflush(stdout) != 0);
}

snas_status cli_output_close(cli_session *session)
{
    wipe_line(session);
    snas_log_to(NULL, NULL);
    const bool failed = ferror(stdout) != 0;
    note_print(session, fclose(stdout) != 0);
    if (!failed && session->print_fault == 0) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_IO, "cannot write the result to standard output: %s",
                     session->print_fault != 0 ? strerror(session->print_fault) : "an earlier write failed");
}

/* Seconds as 1:02:03 or 2:03. */
static void write_duration(char to[32], double seconds)
{
    const int64_t all = seconds < 1e9 ? (int64_t)llround(seconds) : INT64_C(1000000000);
    const int64_t hours = all / 3600;
    if (hours > 0) {
        snprintf(to, 32, "%" PRId64 ":%02" PRId64 ":%02" PRId64, hours, all / 60 % 60, all % 60);
    } else {
        snprintf(to, 32, "%" PRId64 ":%02" PRId64, all / 60, all % 60);
    }
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

/* Whether it is time for another progress line, which is then taken as shown. */
static bool is_line_due(cli_session *session)
{
    const double now = snas_clock_seconds();
    if (session->quiet || now - session->last_line < (session->terminal ? REDRAW_SECONDS : PLAIN_SECONDS)) {
        return false;
    }
    session->last_line = now;
    return true;
}

void cli_progress_count(cli_session *session, const char *phase, int64_t done, int64_t all, double seconds)
{
    char left[32] = "?";
    if (!is_line_due(session)) {
        return;
    }
    if (done > 0) {
        write_duration(left, seconds / (double)done * (double)(all - done));
    }
    fprintf(stderr, "%s%s %" PRId64 "/%" PRId64 "  ETA %s%s", session->terminal ? "\r\033[K" : "", phase, done, all,
            left, session->terminal ? "" : "\n");
    session->line_drawn = session->terminal;
    fflush(stderr);
}

void cli_progress(void *context, const snas_progress *p)
{
    cli_session *session = context;
    write_loss(session, p);
    if (!is_line_due(session)) {
        return;
    }
    char left[32] = "?";
    const int64_t done_here = p->done - p->done_at_start;
    if (done_here > 0) {
        write_duration(left, p->seconds / (double)done_here * (double)(p->all - p->done));
    }
    fprintf(stderr, "%s%s epoch %d/%d  step %" PRId64 "/%" PRId64 "  loss %.4f  accuracy %.1f %%  ETA %s%s",
            session->terminal ? "\r\033[K" : "", p->phase, p->epoch + 1, p->epochs, p->step, p->steps, p->loss,
            100 * p->accuracy, left, session->terminal ? "" : "\n");
    session->line_drawn = session->terminal;
    fflush(stderr);
}

void cli_epoch_json(void *context, const snas_metrics_row *row)
{
    cli_session *session = context;
    const snas_mark mark = snas_arena_mark(session->mem);
    snas_text text = snas_text_make(session->mem);
    snas_metrics_row_json(&text, row);
    cli_print(session, "%s\n", text.failed ? "" : text.data);
    cli_flush(session);
    snas_arena_release(session->mem, mark);
}

/* The figures of a metrics row that people are shown, in this order; others stand in the run's metrics.csv. */
static const struct {
    const char *key, *label;
    bool percent;
} EPOCH_FIGURES[] = {
    {"train_loss", "loss", false},
    {"train_accuracy", "accuracy", true},
    {"validation_accuracy", "validation", true},
    {"child_accuracy", "child", true},
    {"test_accuracy", "test", true},
    {"average_accuracy", "average", true},
    {"best_accuracy", "best", true},
    {"temperature", "tau", false},
    {"lambda_penalty", "lambda*R", false},
    {"entropy_normal", "entropy", false},
    {"child_parameters", "parameters", false},
};

void cli_epoch_line(void *context, const snas_metrics_row *row)
{
    cli_session *session = context;
    const snas_mark mark = snas_arena_mark(session->mem);
    const snas_metrics_figure *found = snas_metrics_row_find(row, "epoch");
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "epoch %.0f", found == NULL ? 0.0 : found->value);
    for (size_t i = 0; i < sizeof EPOCH_FIGURES / sizeof EPOCH_FIGURES[0]; i++) {
        found = snas_metrics_row_find(row, EPOCH_FIGURES[i].key);
        if (found != NULL && isfinite(found->value)) {
            snas_text_add(&text, EPOCH_FIGURES[i].percent ? "  %s %.2f %%" : "  %s %.6g", EPOCH_FIGURES[i].label,
                          EPOCH_FIGURES[i].percent ? 100 * found->value : found->value);
        }
    }
    cli_say(session, "%s", text.failed ? "" : text.data);
    snas_arena_release(session->mem, mark);
}

const char *cli_grouped(snas_arena *mem, int64_t value)
{
    char digits[32];
    const int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    snas_text text = snas_text_make(mem);
    for (int i = 0; i < length; i++) {
        const bool comma = i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-';
        snas_text_add(&text, "%s%c", comma ? "," : "", digits[i]);
    }
    return text.failed ? "?" : text.data;
}
