/* cmd_report.c -- `snas report`: a page of HTML about runs or a study. */
#include <string.h>
#include <time.h>

#include "command.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/page/page.h"

typedef struct {
    cli_list runs;
    const char *out;
    bool watch;
} values;

static const cli_option OPTIONS[] = {
    TEXT("out", "FILE", values, out, "else RUN/report.html, and report.html for several runs"),
    FLAG("watch", 0, values, watch, "write it anew whenever an epoch ends, until nothing goes on"),
    ARGS("RUN", values, runs, "run folders, or the folder of a study"),
    OPTIONS_END,
};

/* Where the page goes. One that the program names in a run's folder never goes where a link leads. */
typedef struct {
    const char *path;
    bool follows;
} target;

static snas_status choose_target(cli_session *session, const values *v, target *out)
{
    const bool own = v->out == NULL && v->runs.count == 1;
    *out = (target){.path = v->out != NULL ? v->out : "report.html", .follows = v->out != NULL};
    if (own) {
        size_t size = strlen(v->runs.items[0]);
        while (size > 1 && v->runs.items[0][size - 1] == '/') {
            size--;
        }
        out->path = snas_format(session->mem, "%.*s/report.html", (int)size, v->runs.items[0]);
    }
    return snas_taken(out->path);
}

static snas_status write_page(snas_arena *mem, const values *v, const target *to, snas_page *page)
{
    SNAS_TRY(snas_page_make(mem, v->runs.items, v->runs.count, page));
    return to->follows ? snas_file_replace_text(to->path, page->html)
                       : snas_file_replace_text_nofollow(to->path, page->html);
}

/* What was last seen of the runs. */
typedef struct {
    uint32_t pulse;
    bool going_on;
} watched;

/* The pulse is taken before the page, so that what comes in between makes another page. */
static snas_status write_once(cli_session *session, const values *v, const target *to, watched *out)
{
    snas_arena *mem;
    snas_page page = {0};
    SNAS_TRY(snas_arena_create("a page", 0, &mem));
    snas_status status = snas_page_pulse(mem, v->runs.items, v->runs.count, &out->pulse);
    if (status == SNAS_OK) {
        status = write_page(mem, v, to, &page);
    }
    if (status == SNAS_OK && v->watch) {
        cli_say(session, "%s: %s", to->path, page.state);
    }
    out->going_on = page.going_on;
    snas_arena_destroy(mem);
    return status;
}

static snas_status has_news(const values *v, const watched *last, bool *out)
{
    snas_arena *mem;
    uint32_t now;
    SNAS_TRY(snas_arena_create("a look", 0, &mem));
    const snas_status status = snas_page_pulse(mem, v->runs.items, v->runs.count, &now);
    *out = status == SNAS_OK && now != last->pulse;
    snas_arena_destroy(mem);
    return status;
}

static snas_status report(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    const struct timespec pause = {.tv_nsec = 500000000};
    target to;
    watched last;
    bool news;
    if (v->runs.count == 0) {
        return snas_fail(SNAS_E_USAGE, "no RUN given\nsee 'snas help report'");
    }
    SNAS_TRY(choose_target(session, v, &to));
    SNAS_TRY(write_once(session, v, &to, &last));
    cli_print(session, "%s\n", to.path);
    cli_flush(session);
    while (v->watch && last.going_on) {
        (void)nanosleep(&pause, NULL);
        SNAS_TRY(has_news(v, &last, &news));
        if (news) {
            SNAS_TRY(write_once(session, v, &to, &last));
        }
    }
    return SNAS_OK;
}

const cli_command cli_report = {
    .name = "report",
    .brief = "write a page of HTML about runs or a study",
    .examples = "  snas report runs/first\n"
                "  snas report runs/first --watch\n"
                "  snas report runs/a runs/b runs/c --out three.html\n"
                "  snas report runs/study\n",
    .more =
        "The page holds all that it shows, loads nothing and runs no script: summary, curves, cells, probabilities,\n"
        "which candidate led when, config, environment, time; of a training the classes and what was taken for\n"
        "what. Several runs are compared: those that differ in nothing but the seed are one variant. A run may go\n"
        "on meanwhile, or have been killed; while it goes on the page loads itself anew.\n"
        "\n"
        "--watch ends when no process works on the runs any more. Ctrl-C ends it at any time; the page stays whole.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = report,
};
