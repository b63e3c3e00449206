/* info_costs.c -- what the network of a genotype costs as `snas train` builds it by a config: parameters,
 * multiply-adds, activations, flash and RAM in C in 8 bits, and time by a table.
 */
#include <inttypes.h>

#include "info.h"
#include "snas/base/text.h"
#include "snas/config/config.h"
#include "snas/judge/latency.h"
#include "snas/model/child_costs.h"
#include "snas/model/regions.h"

typedef struct {
    const char *name, *config;
    snas_network_spec spec;
    snas_count count;
    snas_peak peak;
    snas_child_in_c in_c;
    const char *table; /* path; NULL: none */
    const snas_latency *times;
    int64_t nanoseconds;
} costs;

/* The table of the option, else of the config. */
static snas_status take_time(snas_arena *mem, const snas_genotype *genotype, costs *c)
{
    if (c->table == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_region_table_open(mem, c->table, &c->spec, &c->times));
    c->nanoseconds = snas_latency_predict(c->times, genotype);
    return SNAS_OK;
}

static snas_status print_json(cli_session *session, const costs *c)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"genotype\": ");
    snas_text_add_json(&text, c->name);
    snas_text_add(&text, ", \"config\": ");
    snas_text_add_json(&text, c->config);
    snas_text_add(&text, ", \"channels\": %d, \"cells\": %d, \"classes\": %d, \"stem\": \"%s\", \"side\": %d",
                  c->spec.channels, c->spec.cells, c->spec.classes, snas_stem_names[c->spec.stem], c->spec.side);
    snas_text_add(&text,
                  ", \"parameters\": %" PRId64 ", \"macs\": %" PRId64 ", \"peak_bytes\": %" PRId64
                  ", \"flash_bytes\": %" PRId64 ", \"ram_bytes\": %" PRId64,
                  c->count.parameters, c->count.macs, c->peak.planned, c->in_c.flash, c->in_c.ram);
    snas_text_add(&text, ", \"latency_ms\": ");
    if (c->table != NULL) {
        snas_text_add_real(&text, 1e-6 * (double)c->nanoseconds);
        snas_text_add(&text, ", \"table\": ");
        snas_text_add_json(&text, c->table);
    } else {
        snas_text_add(&text, "null, \"table\": null");
    }
    snas_text_add(&text, "}\n");
    return cli_print_text(session, &text);
}

static snas_status print_lines(cli_session *session, const costs *c)
{
    snas_arena *mem = session->mem;
    cli_print(session, "as 'train' builds it: C = %d, L = %d, stem %s, %d classes, %d x %d pixels\n", c->spec.channels,
              c->spec.cells, snas_stem_names[c->spec.stem], c->spec.classes, c->spec.side, c->spec.side);
    cli_print(session, "%-15s %14s\n%-15s %14s a picture\n%-15s %14s bytes at most, to evaluate a picture\n",
              "parameters", cli_grouped(mem, c->count.parameters), "multiply-adds", cli_grouped(mem, c->count.macs),
              "activations", cli_grouped(mem, c->peak.planned));
    cli_print(session, "%-15s %14s bytes of constants, in C in 8 bits\n%-15s %14s bytes of activations there\n",
              "flash", cli_grouped(mem, c->in_c.flash), "RAM", cli_grouped(mem, c->in_c.ram));
    if (c->table != NULL) {
        cli_print(session, "%-15s %14.4f ms by the table: %s, kernels %s, batch %d, threads %d\n", "latency",
                  1e-6 * (double)c->nanoseconds, c->times->processor, c->times->kernels, c->times->batch,
                  c->times->threads);
    } else {
        cli_print(session, "%-15s %14s: 'snas latency CONFIG --out FILE' measures a table for --latency FILE\n",
                  "latency", "not known");
    }
    return SNAS_OK;
}

snas_status cli_costs_print(cli_session *session, const char *name, const char *config, const char *table, bool json)
{
    costs c = {.name = name, .config = config};
    snas_genotype genotype;
    snas_config settings;
    SNAS_TRY(snas_genotype_load(session->mem, name, &genotype));
    SNAS_TRY(snas_config_load(session->mem, config, NULL, 0, &settings));
    settings.search.space = genotype.space; /* a training goes by the genotype's */
    SNAS_TRY(snas_latency_spec(session->mem, &settings, &c.spec));
    c.spec.genotype = &genotype;
    c.table = table != NULL ? table : settings.search.table;
    SNAS_TRY(snas_network_count(session->mem, &c.spec, &c.count, NULL));
    SNAS_TRY(snas_child_peak(session->mem, &c.spec, &c.peak));
    SNAS_TRY(snas_child_c_costs(session->mem, &c.spec, &c.in_c));
    SNAS_TRY(take_time(session->mem, &genotype, &c));
    return json ? print_json(session, &c) : print_lines(session, &c);
}
