/* part_config.c -- what the run was told, and where it ran. */
#include <string.h>

#include "page_parts.h"
#include "snas/base/text.h"

static void add_settings(page_writer *w, const page_setting *settings, int count)
{
    static const char *const heads[] = {"key", "value", "default", "meaning"};
    page_table(w, heads, 4);
    for (int i = 0; i < count; i++) {
        const page_setting *s = &settings[i];
        page_row(w, NULL);
        page_open(w, "td", NULL);
        page_element(w, "code", NULL, s->key);
        page_close(w);
        page_element(w, "td", s->differs ? "own" : NULL, s->value);
        page_cell(w, s->fallback);
        page_element(w, "td", "help", s->help);
        page_close(w);
    }
    page_table_end(w);
}

snas_status page_config(page_writer *w, const page_run *run)
{
    const int rest = run->setting_count - run->differing;
    if (run->differing == 0) {
        page_element(w, "p", "quiet", "All keys have their defaults.");
    } else {
        page_form(w, "p", "quiet", "%d keys differ from the defaults.", run->differing);
        add_settings(w, run->settings, run->differing);
    }
    page_open(w, "details", NULL);
    page_form(w, "summary", NULL, "The %d others, as by default", rest);
    add_settings(w, run->settings + run->differing, rest);
    page_close(w);
    return snas_text_done(w->text);
}

snas_status page_environment(page_writer *w, const page_run *run)
{
    page_open(w, "dl", "pairs");
    for (int i = 0; i < run->environment_count; i++) {
        page_open(w, "div", NULL);
        page_element(w, "dt", NULL, run->environment[i].key);
        page_element(w, "dd", NULL, run->environment[i].value);
        page_close(w);
    }
    page_open(w, "div", NULL);
    page_element(w, "dt", NULL, "folder");
    page_element(w, "dd", NULL, run->folder);
    page_close(w);
    page_close(w);
    return snas_text_done(w->text);
}
