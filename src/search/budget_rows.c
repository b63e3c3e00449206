/* budget_rows.c -- what a search says of its budgets: a line at the start, figures in the row of every epoch. */
#include "budget_rows.h"

#include "budget_control.h"
#include "search_state.h"
#include "snas/base/text.h"

void search_budget_say(snas_loop *loop)
{
    const search_state *search = loop->context;
    snas_arena *mem = loop->scratch;
    const snas_mark mark = snas_arena_mark(mem);
    for (int b = 0; b < search->searcher.budget.count; b++) {
        const snas_controlled *c = &search->searcher.budget.budgets[b];
        const bool all = c->largest <= (double)c->term.most;
        snas_run_say(&loop->folder, SNAS_LOG_INFO, "search.budget.%s is %s; the networks of this space have %s to %s%s",
                     c->term.name, snas_budget_text(mem, &c->term, (double)c->term.most),
                     snas_budget_text(mem, &c->term, c->least), snas_budget_text(mem, &c->term, c->largest),
                     all ? ", so all are within it" : "");
    }
    snas_arena_release(mem, mark);
}

snas_status search_budget_add_figures(snas_loop *loop, snas_metrics_row *row)
{
    const search_state *search = loop->context;
    const snas_budget_control *control = &search->searcher.budget;
    for (int b = 0; b < control->count; b++) {
        const snas_controlled *c = &control->budgets[b];
        const double most = (double)c->term.most;
        const struct {
            const char *name;
            double value;
        } figures[] = {
            {"expected_share", search_budget_expected(control, b, search->reading.p) / most},
            {"child_share", (double)snas_budget_cost(&search->reading.genotype, &c->term) / most},
            {"multiplier", search_budget_multiplier(control, b, search->reading.p)},
        };
        for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
            const char *name = snas_format(loop->scratch, "budget_%s_%s", c->term.name, figures[i].name);
            SNAS_TRY(snas_taken(name));
            snas_metrics_row_add(row, name, figures[i].value);
        }
    }
    return SNAS_OK;
}
