/* part_summary.c -- how a run stands, and its main figures. */
#include <math.h>
#include <string.h>

#include "page_parts.h"
#include "snas/base/text.h"

/* --- how it stands ------------------------------------------------------------------------------------------------ */

double page_seconds_left(const page_run *run)
{
    const int done = run->record.row_count, left = page_run_epochs(run) - done;
    return done > 0 ? run->record.usage.seconds / done * (left > 0 ? left : 0) : (double)NAN;
}

/* The last line of the log without its time. */
static const char *last_line(snas_arena *mem, const char *log)
{
    size_t end = strlen(log);
    while (end > 0 && log[end - 1] == '\n') {
        end--;
    }
    size_t begin = end;
    while (begin > 0 && log[begin - 1] != '\n') {
        begin--;
    }
    const char *blank = memchr(log + begin, ' ', end - begin);
    begin = blank == NULL ? begin : (size_t)(blank + 1 - log);
    const char *line = snas_format(mem, "%.*s", (int)(end - begin), log + begin);
    return line == NULL ? "" : line;
}

/* A sentence with a command after it. */
static void add_advice(page_writer *w, const char *class, const char *sentence, const char *command)
{
    page_open(w, "p", class);
    snas_markup_text(&w->m, sentence);
    if (command != NULL) {
        snas_markup_text(&w->m, " ");
        page_element(w, "code", NULL, command);
    }
    page_close(w);
}

static const char *command_of(page_writer *w, const char *form, const page_run *run)
{
    const char *text = snas_format(w->mem, "snas %s%s%s", run->record.command, form, run->folder);
    return text == NULL ? "" : text;
}

static void add_state(page_writer *w, const page_run *run)
{
    const bool search = page_run_is_search(run);
    if (strcmp(run->state, "failed") == 0) {
        page_form(w, "p", "notice bad", "Failed. The last line of its log: %s", last_line(w->mem, run->log_tail));
    } else if (strcmp(run->state, "killed") == 0) {
        add_advice(w, "notice bad",
                   "No process works on it here, though it has come to no end: it was killed, or it runs on another "
                   "machine. To go on from its last checkpoint:",
                   command_of(w, " --resume ", run));
    } else if (strcmp(run->state, "interrupted") == 0) {
        add_advice(w, "notice", "Stopped and saved. To go on:", command_of(w, " --resume ", run));
    } else if (strcmp(run->state, "done") == 0 && search) {
        const char *next = snas_format(w->mem, "snas derive %s", run->folder);
        add_advice(w, "notice quiet", "What comes next:", next == NULL ? "" : next);
    }
}

/* --- cards -------------------------------------------------------------------------------------------------------- */

static void open_card(page_writer *w, const char *label)
{
    page_open(w, "div", "card");
    page_element(w, "dt", NULL, label);
    page_open(w, "dd", NULL);
}

/* `note` is in mem, or NULL. */
static void close_card(page_writer *w, const char *note)
{
    page_close(w);
    if (note != NULL) {
        page_element(w, "dd", "note", note);
    }
    page_close(w);
}

static void add_card(page_writer *w, const char *label, page_kind kind, double value, const char *note)
{
    if (isfinite(value)) {
        open_card(w, label);
        page_data(w, kind, value);
        close_card(w, note);
    }
}

/* Cards of figures of the last epoch. */
static const struct {
    const char *figure, *label, *note;
} CARDS[] = {
    {"child_accuracy", "Child accuracy", "validation pictures, inherited weights"},
    {"validation_accuracy", "Supernet accuracy", "validation pictures"},
    {"ranked_accuracy", "Best ranked cell", "on the pictures that ranked it"},
    {"test_accuracy", "Test accuracy", "of the last evaluation"},
    {"average_accuracy", "Averaged weights", "test accuracy of the last evaluation"},
    {"train_loss", "Training loss", "cross entropy, mean over the last epoch"},
    {"child_parameters", "Child's parameters", "with the search's C and L"},
    {"child_macs", "Child's multiply-adds", "a picture"},
    {"entropy_normal", "Entropy, normal cell", "nats, mean over the edges"},
    {"entropy_reduce", "Entropy, reduction cell", "nats, mean over the edges"},
    {"entropy_cell", "Entropy", "nats, mean over the edges"},
};

static void add_figures(page_writer *w, const page_run *run)
{
    for (size_t i = 0; i < sizeof CARDS / sizeof CARDS[0]; i++) {
        add_card(w, CARDS[i].label, page_figure_find(CARDS[i].figure)->kind, page_run_newest(run, CARDS[i].figure),
                 CARDS[i].note);
    }
}

static void add_best(page_writer *w, const page_run *run)
{
    static const struct {
        const char *accuracy, *epoch, *label;
    } bests[] = {{"best_accuracy", "best_epoch", "Best test accuracy"},
                 {"average_best_accuracy", "average_best_epoch", "Best averaged weights"}};
    for (int i = 0; i < 2; i++) {
        const char *note = snas_format(w->mem, "epoch %.0f", page_run_figure(run, -1, bests[i].epoch));
        add_card(w, bests[i].label, PAGE_SHARE, page_run_figure(run, -1, bests[i].accuracy), note);
    }
    const double rank = page_run_figure(run, -1, "known_rank");
    const char *note = snas_format(w->mem, "rank %.0f in the table of the space's cells", rank);
    add_card(w, "Known accuracy", PAGE_SHARE, page_run_figure(run, -1, "known_accuracy"), note);
}

static void add_usage(page_writer *w, const page_run *run)
{
    const snas_run_usage *usage = &run->record.usage;
    const char *processor =
        isfinite(usage->processor_seconds) ? page_number(w->mem, PAGE_SECONDS, usage->processor_seconds) : NULL;
    const char *note = processor == NULL ? NULL : snas_format(w->mem, "%s of processors", processor);
    if (run->going_on) {
        add_card(w, "Left", PAGE_SECONDS, page_seconds_left(run), "by the epochs so far");
    }
    add_card(w, "Time", PAGE_SECONDS, usage->seconds, note);
    add_card(w, "Memory", PAGE_BYTES, usage->peak_bytes, "the most of a process");
}

static const char *genotype_note(snas_arena *mem, const page_run *run)
{
    const snas_genotype *genotype = run->genotype;
    return genotype == NULL || genotype->origin == NULL ? NULL : snas_format(mem, "The cell: %s", genotype->origin);
}

static void add_network(page_writer *w, const page_run *run)
{
    const snas_config *config = &run->record.config;
    const bool search = page_run_is_search(run);
    open_card(w, search ? "Supernet of" : "Network of");
    page_form(w, "span", NULL, "%d cells", search ? config->search.cells : config->train.cells);
    const char *note =
        snas_format(w->mem, "%d channels at first, batch %d", search ? config->search.channels : config->train.channels,
                    search ? config->search.batch : config->train.batch);
    close_card(w, note);
    add_card(w, "Parameters", PAGE_COUNT, run->parameters, "of the network");
    add_card(w, "Multiply-adds", PAGE_COUNT, run->macs, "a picture");
}

snas_status page_summary(page_writer *w, const page_run *run)
{
    add_state(w, run);
    page_open(w, "dl", "cards");
    open_card(w, "Epochs");
    page_data(w, PAGE_COUNT, run->record.row_count);
    page_form(w, "span", "of", " of %d", page_run_epochs(run));
    const double step = page_run_figure(run, -1, "step");
    close_card(w, isfinite(step) ? snas_format(w->mem, "%.0f steps", step) : "none has ended yet");
    add_best(w, run);
    add_figures(w, run);
    add_network(w, run);
    add_usage(w, run);
    page_close(w);
    const char *origin = page_run_is_search(run) ? NULL : genotype_note(w->mem, run);
    if (origin != NULL) {
        page_element(w, "p", "quiet", origin);
    }
    return snas_text_done(w->text);
}
