/* budget.c -- the likeliest architecture within budgets, and what to say when there is none. */
#include "snas/budget/budget.h"

#include "choices.h"
#include "snas/base/text.h"

enum { MOST_STATES = 2000000 }; /* some seconds */

const char *snas_budget_text(snas_arena *mem, const snas_budget_term *term, double value)
{
    const char *text =
        term->unit > 1.0 ? snas_format(mem, "%.6g", value / term->unit) : snas_format(mem, "%.0f", value);
    return text == NULL ? "" : text;
}

/* Take the rule's own cell where nothing stands against it. */
static bool is_free(const snas_budget *b, const snas_genotype *own)
{
    for (int t = 0; t < b->term_count; t++) {
        if (snas_budget_cost(own, &b->terms[t]) > b->terms[t].most) {
            return false;
        }
    }
    return b->forbidden_count == 0;
}

/* The least sum of cost `t` with the bounds of the costs before it, or of none; -1: those cannot be met together. */
static snas_status least(const choices *c, int t, int bounds, int64_t *out)
{
    knapsack k = c->knapsack;
    knapsack_answer answer;
    snas_arena *mem;
    int64_t base = 0;
    k.cost_count = bounds;
    k.set_count = 0;
    k.most_states = 0;
    SNAS_TRY(snas_arena_create("the least of a cost", 0, &mem));
    snas_status status = SNAS_OK;
    for (int g = 0; g < k.group_count && status == SNAS_OK; g++) {
        knapsack_option *options = snas_arena_take(mem, (size_t)k.groups[g].count, sizeof *options);
        status = snas_taken(options);
        for (int j = 0; j < k.groups[g].count && status == SNAS_OK; j++) {
            options[j] = k.groups[g].options[j];
            options[j].loss = options[j].cost[t];
        }
        k.groups[g].options = options;
    }
    if (status == SNAS_OK) {
        status = knapsack_solve(&k, &answer);
        base = c->budget->terms[t].fixed;
        *out = answer.found ? base + answer.loss : -1;
    }
    snas_arena_destroy(mem);
    return status;
}

/* "parameters=300000 and macs=50000000": the first n bounds. */
static const char *bounds_text(snas_arena *mem, const snas_budget *b, int n)
{
    snas_text text = snas_text_make(mem);
    for (int t = 0; t < n; t++) {
        snas_text_add(&text, "%s%s=%s", t == 0 ? "" : " and ", b->terms[t].name,
                      snas_budget_text(mem, &b->terms[t], (double)b->terms[t].most));
    }
    return text.failed ? "" : text.data;
}

/* The first budget that stands in the way, by itself or after those before it. */
static snas_status refuse(snas_arena *mem, const choices *c)
{
    const snas_budget *b = c->budget;
    int64_t value;
    for (int t = 0; t < b->term_count; t++) {
        SNAS_TRY(least(c, t, 0, &value));
        if (value > b->terms[t].most) {
            return snas_fail(SNAS_E_USAGE,
                             "no architecture of the rule '%s' is within the budget %s=%s: the least possible is %s",
                             snas_rule_names[b->rule], b->terms[t].name,
                             snas_budget_text(mem, &b->terms[t], (double)b->terms[t].most),
                             snas_budget_text(mem, &b->terms[t], (double)value));
        }
    }
    for (int t = 1; t < b->term_count; t++) {
        SNAS_TRY(least(c, t, t, &value));
        if (value > b->terms[t].most) {
            return snas_fail(SNAS_E_USAGE,
                             "no architecture of the rule '%s' is within the budgets %s and %s=%s together: within the "
                             "former the least possible %s is %s",
                             snas_rule_names[b->rule], bounds_text(mem, b, t), b->terms[t].name,
                             snas_budget_text(mem, &b->terms[t], (double)b->terms[t].most), b->terms[t].name,
                             snas_budget_text(mem, &b->terms[t], (double)value));
        }
    }
    return SNAS_OK;
}

snas_status snas_budget_solve(snas_arena *mem, const snas_budget *b, snas_budget_answer *out)
{
    choices *c;
    knapsack_answer answer;
    *out = (snas_budget_answer){.found = true, .genotype = snas_genotype_derive(b->space, b->p, b->rule)};
    if (!is_free(b, &out->genotype)) {
        SNAS_NEW(mem, c, 1);
        SNAS_TRY(choices_make(mem, b, c));
        c->knapsack.most_states = b->may_give_up ? MOST_STATES : 0;
        SNAS_TRY(knapsack_solve(&c->knapsack, &answer));
        out->found = answer.found;
        out->gave_up = answer.gave_up;
        if (answer.found) {
            out->genotype = choices_genotype(c, answer.choice);
        } else if (!answer.gave_up) {
            SNAS_TRY(refuse(mem, c));
        }
    }
    for (int t = 0; t < b->term_count && out->found; t++) {
        out->cost[t] = snas_budget_cost(&out->genotype, &b->terms[t]);
    }
    return SNAS_OK;
}
