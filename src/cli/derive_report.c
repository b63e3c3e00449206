/* derive_report.c -- what `snas derive` has found: a table for people, or JSON.
 *
 * With a budget or a limit every edge is held against the rule's own cell, the free choice: where they differ, what
 * that one had stands beside it.
 */
#include "derive_report.h"

#include <inttypes.h>

#include "output.h"
#include "snas/base/text.h"

/* What a genotype has on an edge: its candidate where it keeps the edge, else the likeliest. */
typedef struct {
    int choice;
    bool kept;
} edge_choice;

/* One edge of the table. */
typedef struct {
    int source, node;
    const double *p;
    edge_choice now, own;
} edge_row;

static edge_choice choice_of(const snas_genotype *genotype, int type, const edge_row *row)
{
    edge_choice out = {0};
    for (int k = 1; k < genotype->space->candidate_count; k++) {
        out.choice = row->p[k] > row->p[out.choice] ? k : out.choice;
    }
    const snas_genes *genes = &genotype->nodes[type][row->node];
    for (int g = 0; g < genes->count; g++) {
        if (genes->genes[g].source == row->source) {
            out = (edge_choice){.choice = genes->genes[g].candidate, .kept = true};
        }
    }
    return out;
}

static edge_row read_edge(const snas_derived *d, int type, int e)
{
    const snas_space *space = d->genotype.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    edge_row row = {.p = d->probabilities + ((size_t)type * (size_t)E + (size_t)e) * (size_t)K};
    snas_space_edge(space, e, &row.source, &row.node);
    row.now = choice_of(&d->genotype, type, &row);
    row.own = choice_of(&d->own, type, &row);
    return row;
}

/* Do the two cells hold something else there? An edge that neither keeps is no difference. */
static bool differs(const edge_row *row)
{
    return row->now.kept != row->own.kept || (row->now.kept && row->now.choice != row->own.choice);
}

static int count_differences(const snas_derived *d)
{
    int count = 0;
    for (int type = 0; type < d->genotype.space->cell_types; type++) {
        for (int e = 0; e < snas_space_edge_count(d->genotype.space); e++) {
            const edge_row row = read_edge(d, type, e);
            count += differs(&row);
        }
    }
    return count;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static void add_edge(snas_text *text, const snas_space *space, const edge_row *row)
{
    const double p = row->p[row->now.choice];
    snas_text_add(text, "  %2d -> %d  %-14s %.4f%s", row->source, row->node + space->inputs,
                  space->candidates[row->now.choice]->name, p, row->now.kept ? "" : "  (edge not kept)");
    if (differs(row) && row->own.kept) {
        snas_text_add(text, "  free: %s %.4f", space->candidates[row->own.choice]->name, row->p[row->own.choice]);
    } else if (differs(row)) {
        snas_text_add(text, "  free: edge not kept");
    }
    snas_text_add(text, "\n");
}

/* With what it takes in C where that is bounded. */
static void add_cost(snas_text *text, const snas_derive_request *request, const snas_derived_child *child)
{
    snas_text_add(text, "%s parameters, %s multiply-adds, %s bytes of activations a picture",
                  cli_grouped(text->mem, child->cost[SNAS_DERIVE_PARAMETERS]),
                  cli_grouped(text->mem, child->cost[SNAS_DERIVE_MACS]),
                  cli_grouped(text->mem, child->holds[SNAS_DERIVE_LIMIT_PEAK]));
    if (child->cost[SNAS_DERIVE_LATENCY] >= 0) {
        snas_text_add(text, ", %.4f ms by the table", 1e-6 * (double)child->cost[SNAS_DERIVE_LATENCY]);
    }
    if (request->most[SNAS_DERIVE_FLASH] > 0 || request->limit[SNAS_DERIVE_LIMIT_RAM] > 0) {
        snas_text_add(text, "; in C in 8 bits %s bytes of flash, %s of RAM",
                      cli_grouped(text->mem, child->cost[SNAS_DERIVE_FLASH]),
                      cli_grouped(text->mem, child->holds[SNAS_DERIVE_LIMIT_RAM]));
    }
}

/* What the bounds have cost. */
static void add_price(snas_text *text, const cli_derive_report *report)
{
    const snas_derived *d = report->derived;
    const int count = count_differences(d);
    if (count == 0) {
        snas_text_add(text, "the rule's own cell, which is the likeliest, is within the bounds: ln p %.4f\n",
                      d->child.log_p);
        return;
    }
    snas_text_add(text,
                  "within the bounds ln p is %.4f, of the rule's own cell %.4f: %.4f nats less, %d edge%s differ%s\n",
                  d->child.log_p, d->own_child.log_p, d->own_child.log_p - d->child.log_p, count, count == 1 ? "" : "s",
                  count == 1 ? "s" : "");
    snas_text_add(text, "the rule's own cell: ");
    add_cost(text, report->request, &d->own_child);
    snas_text_add(text, "\n");
}

static void add_child(snas_text *text, const cli_derive_report *report)
{
    const snas_derived *d = report->derived;
    snas_text_add(text, "step %" PRId64 ": child with %s parameters, %s multiply-adds a picture\n", d->step,
                  cli_grouped(text->mem, d->parameters), cli_grouped(text->mem, d->macs));
    if (d->child.known) {
        snas_text_add(text, "as 'train' builds it (C = %d, L = %d): ", d->child.channels, d->child.cells);
        add_cost(text, report->request, &d->child);
        snas_text_add(text, "\n");
    }
    if (snas_derive_is_bounded(report->request)) {
        add_price(text, report);
    }
    if (d->evaluated) {
        snas_text_add(text,
                      "validation accuracy with inherited weights: %.2f %%, batch norms recalibrated (%d batches): "
                      "%.2f %%\n",
                      100 * d->accuracy, d->recalibration_batches, 100 * d->accuracy_recalibrated);
    }
}

void cli_derive_add_table(snas_text *text, const cli_derive_report *report)
{
    const snas_derived *d = report->derived;
    const snas_space *space = d->genotype.space;
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_add(text, space->cell_types > 1 ? "%s cell" : "%s", space->type_names[type]);
        snas_text_add(text, ", entropy %.3f nats an edge\n", d->entropy[type]);
        for (int e = 0; e < snas_space_edge_count(space); e++) {
            const edge_row row = read_edge(d, type, e);
            add_edge(text, space, &row);
        }
    }
    add_child(text, report);
    cli_known_add_lines(text, report->known);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void add_choice(snas_text *text, const snas_space *space, const edge_row *row, edge_choice choice)
{
    snas_text_add(text, "\"choice\": \"%s\", \"probability\": ", space->candidates[choice.choice]->name);
    snas_text_add_real(text, row->p[choice.choice]);
    snas_text_add(text, ", \"kept\": %s", choice.kept ? "true" : "false");
}

static void add_edges_json(snas_text *text, const cli_derive_report *report)
{
    const snas_derived *d = report->derived;
    const snas_space *space = d->genotype.space;
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_next(text, ",");
        snas_text_add(text, "\n    {\"cell\": \"%s\", \"entropy\": ", space->type_names[type]);
        snas_text_add_real(text, d->entropy[type]);
        snas_text_add(text, ", \"edges\": [");
        for (int e = 0; e < snas_space_edge_count(space); e++) {
            const edge_row row = read_edge(d, type, e);
            snas_text_next(text, ",");
            snas_text_add(text, "\n      {\"source\": %d, \"target\": %d, ", row.source, row.node + space->inputs);
            add_choice(text, space, &row, row.now);
            if (differs(&row)) {
                snas_text_add(text, ", \"free\": {");
                add_choice(text, space, &row, row.own);
                snas_text_add(text, "}");
            }
            snas_text_add(text, "}");
        }
        snas_text_add(text, "]}");
    }
}

/* The child as `train` builds it, or null. */
static void add_child_json(snas_text *text, const snas_derived_child *child)
{
    if (!child->known) {
        snas_text_add(text, "null");
        return;
    }
    snas_text_add(text, "{\"channels\": %d, \"cells\": %d", child->channels, child->cells);
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        if (child->cost[i] >= 0) {
            snas_text_add(text, ", \"%s\": ", snas_derive_budget_names[i]);
            snas_text_add_real(text, (double)child->cost[i] / snas_derive_budget_units[i]);
        }
    }
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        snas_text_add(text, ", \"%s\": %" PRId64, snas_derive_limit_names[i], child->holds[i]);
    }
    snas_text_add(text, ", \"log_probability\": ");
    snas_text_add_real(text, child->log_p);
    snas_text_add(text, "}");
}

static void add_bound(snas_text *text, const char *name, int64_t most, double unit)
{
    if (most > 0) {
        snas_text_next(text, ", ");
        snas_text_add(text, "\"%s\": ", name);
        snas_text_add_real(text, (double)most / unit);
    }
}

/* What was asked for, and what it has cost; null without a bound. */
static void add_bounds_json(snas_text *text, const cli_derive_report *report)
{
    const snas_derived *d = report->derived;
    const snas_derive_request *request = report->request;
    if (!snas_derive_is_bounded(request)) {
        snas_text_add(text, "null");
        return;
    }
    snas_text_add(text, "{\"budget\": {");
    for (int i = 0; i < SNAS_DERIVE_BUDGETS; i++) {
        add_bound(text, snas_derive_budget_names[i], request->most[i], snas_derive_budget_units[i]);
    }
    snas_text_add(text, "}, \"limit\": {");
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        add_bound(text, snas_derive_limit_names[i], request->limit[i], 1.0);
    }
    snas_text_add(text, "}, \"free\": ");
    add_child_json(text, &d->own_child);
    snas_text_add(text, ", \"lost_nats\": ");
    snas_text_add_real(text, d->own_child.log_p - d->child.log_p);
    snas_text_add(text, ", \"edges_that_differ\": %d}", count_differences(d));
}

snas_status cli_derive_add_json(snas_text *text, const cli_derive_report *report)
{
    const snas_derived *d = report->derived;
    const char *genotype;
    SNAS_TRY(snas_genotype_write(text->mem, &d->genotype, SNAS_GENOTYPE_JSON, &genotype));
    snas_text_add(text, "{\n  \"run\": ");
    snas_text_add_json(text, report->run);
    snas_text_add(text, ",\n  \"step\": %" PRId64 ",\n  \"rule\": \"%s\",\n  \"cells\": [", d->step,
                  snas_rule_names[report->request->rule]);
    add_edges_json(text, report);
    snas_text_add(text,
                  "],\n  \"parameters\": %" PRId64 ",\n  \"multiply_adds\": %" PRId64 ",\n  \"train\": ", d->parameters,
                  d->macs);
    add_child_json(text, &d->child);
    snas_text_add(text, ",\n  \"bounds\": ");
    add_bounds_json(text, report);
    if (d->evaluated) {
        snas_text_add(text, ",\n  \"validation_accuracy\": ");
        snas_text_add_real(text, d->accuracy);
        snas_text_add(text, ",\n  \"validation_accuracy_recalibrated\": ");
        snas_text_add_real(text, d->accuracy_recalibrated);
        snas_text_add(text, ",\n  \"recalibration_batches\": %d", d->recalibration_batches);
    }
    snas_text_add(text, ",\n  \"known\": ");
    cli_known_add_json(text, report->known);
    snas_text_add(text, ",\n  \"genotype\": %s}\n", genotype);
    return SNAS_OK;
}
