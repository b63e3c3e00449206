/* info_genotype.c -- an architecture; the size of its network, and the table it adds up: cell by cell, operation by
 * operation.
 *
 * params and macs leave the auxiliary classifier out, as published counts do; macs are the multiply-adds of
 * convolutions and linear layers, a picture.
 */
#include <inttypes.h>
#include <string.h>

#include "info.h"
#include "known.h"
#include "snas/base/text.h"
#include "snas/space/genotype.h"

static const double ANY_WEIGHT = 1.0; /* of the auxiliary classifier: counted, not run */
static const int SIDES[SNAS_STEM_COUNT] = {[SNAS_STEM_CIFAR] = 32, [SNAS_STEM_IMAGENET] = 224};
static const int CLASSES[SNAS_STEM_COUNT] = {[SNAS_STEM_CIFAR] = 10, [SNAS_STEM_IMAGENET] = 1000};

typedef struct {
    snas_network_spec spec;
    const char *name;
    bool pool_bn, has_auxiliary;
    snas_network_part *parts;
    int count;
    snas_count total, auxiliary;
    cli_known known;
} sized;

/* The rows with the auxiliary classifier where the pictures allow one. */
static snas_status take_parts(snas_arena *mem, sized *s)
{
    snas_count ignored;
    SNAS_TRY(snas_network_count(mem, &s->spec, &ignored, NULL));
    s->spec.auxiliary = ANY_WEIGHT;
    s->has_auxiliary = snas_network_parts(mem, &s->spec, &s->parts, &s->count) == SNAS_OK;
    if (!s->has_auxiliary) {
        s->spec.auxiliary = 0.0;
        SNAS_TRY(snas_network_parts(mem, &s->spec, &s->parts, &s->count));
    }
    for (int i = 0; i < s->count; i++) {
        snas_count *to = s->parts[i].auxiliary ? &s->auxiliary : &s->total;
        to->parameters += s->parts[i].count.parameters;
        to->macs += s->parts[i].count.macs;
    }
    return SNAS_OK;
}

/* A whole number, or null. */
static void add_count(snas_text *text, bool given, int64_t count)
{
    if (given) {
        snas_text_add(text, "%" PRId64, count);
    } else {
        snas_text_add(text, "null");
    }
}

static snas_status print_json(cli_session *session, const sized *s)
{
    snas_text text = snas_text_make(session->mem);
    snas_text_add(&text, "{\"genotype\": ");
    snas_text_add_json(&text, s->name);
    snas_text_add(&text,
                  ", \"channels\": %d, \"cells\": %d, \"classes\": %d, \"stem\": \"%s\", \"side\": %d, "
                  "\"pool_bn\": %s, \"params\": %" PRId64 ", \"auxiliary_params\": ",
                  s->spec.channels, s->spec.cells, s->spec.classes, snas_stem_names[s->spec.stem], s->spec.side,
                  s->pool_bn ? "true" : "false", s->total.parameters);
    add_count(&text, s->has_auxiliary, s->auxiliary.parameters);
    snas_text_add(&text, ", \"macs\": %" PRId64 ", \"operations\": [", s->total.macs);
    for (int i = 0; i < s->count; i++) {
        const snas_network_part *p = &s->parts[i];
        snas_text_next(&text, ", ");
        snas_text_add(&text, "{\"cell\": ");
        add_count(&text, p->cell >= 0, p->cell);
        snas_text_add(&text,
                      ", \"name\": \"%s\", \"operation\": \"%s\", \"params\": %" PRId64 ", \"macs\": %" PRId64 "}",
                      p->name, p->what, p->count.parameters, p->count.macs);
    }
    snas_text_add(&text, "], \"known\": ");
    cli_known_add_json(&text, &s->known);
    snas_text_add(&text, "}\n");
    return cli_print_text(session, &text);
}

static void print_row(cli_session *session, const char *name, const char *what, snas_count count)
{
    cli_print(session, "%-24s %-22s %12s %15s\n", name, what, cli_grouped(session->mem, count.parameters),
              cli_grouped(session->mem, count.macs));
}

/* A line before the rows of a cell: what they add up to. */
static void print_cell(cli_session *session, const sized *s, int first)
{
    const int cell = s->parts[first].cell;
    const snas_cell_place place = snas_space_place(s->spec.space, cell, s->spec.cells, s->spec.channels);
    snas_count sum = {0};
    for (int i = first; i < s->count && s->parts[i].cell == cell; i++) {
        sum.parameters += s->parts[i].count.parameters;
        sum.macs += s->parts[i].count.macs;
    }
    const char *name = snas_format(session->mem, "cell %d", cell);
    const char *what = snas_format(session->mem, "%s, C = %d",
                                   place.block ? "block" : s->spec.space->type_names[place.type], place.channels);
    print_row(session, name == NULL ? "" : name, what == NULL ? "" : what, sum);
}

static snas_status print_text(cli_session *session, const sized *s)
{
    const char *auxiliary = s->has_auxiliary ? cli_grouped(session->mem, s->auxiliary.parameters) : "none";
    snas_text head = snas_text_make(session->mem);
    snas_text_add(&head, "%-17s %s\n%-17s %s\n%-17s %s\n", "params", cli_grouped(session->mem, s->total.parameters),
                  "auxiliary_params", auxiliary, "macs", cli_grouped(session->mem, s->total.macs));
    cli_known_add_lines(&head, &s->known);
    snas_text_add(&head, "\n");
    SNAS_TRY(cli_print_text(session, &head));
    cli_print(session, "%-24s %-22s %12s %15s\n", "part", "operation", "params", "macs");
    for (int i = 0; i < s->count; i++) {
        const snas_network_part *p = &s->parts[i];
        if (p->cell >= 0 && (i == 0 || s->parts[i - 1].cell != p->cell)) {
            print_cell(session, s, i);
        }
        const char *name = snas_format(session->mem, "%s%s", p->cell >= 0 ? "  " : "", p->name);
        print_row(session, name == NULL ? "" : name, p->what, p->count);
    }
    return SNAS_OK;
}

static snas_status check(const cli_size *size)
{
    if (size->channels == 0 || size->cells == 0) {
        return snas_fail(SNAS_E_USAGE, "the size of a network needs --channels N and --cells N");
    }
    return size->pool_bn && size->no_pool_bn ? snas_fail(SNAS_E_USAGE, "--pool-bn and --no-pool-bn exclude each other")
                                             : SNAS_OK;
}

bool cli_size_asked(const cli_size *size)
{
    return size->channels != 0 || size->cells != 0 || size->classes != 0 || size->side != 0 || size->stem != 0 ||
           size->pool_bn || size->no_pool_bn;
}

snas_status cli_size_print(cli_session *session, const char *name, const char *table, const cli_size *size, bool json)
{
    snas_genotype genotype;
    const snas_stem stem = (snas_stem)size->stem;
    SNAS_TRY(check(size));
    SNAS_TRY(snas_genotype_load(session->mem, name, &genotype));
    genotype.pool_bn = size->pool_bn || (genotype.pool_bn && !size->no_pool_bn);
    sized s = {.spec = {.space = genotype.space,
                        .genotype = &genotype,
                        .channels = size->channels,
                        .cells = size->cells,
                        .classes = size->classes > 0 ? size->classes : CLASSES[stem],
                        .side = size->side > 0 ? size->side : SIDES[stem],
                        .stem = stem},
               .name = name,
               .pool_bn = genotype.pool_bn};
    SNAS_TRY(take_parts(session->mem, &s));
    SNAS_TRY(cli_known_open(session, &genotype, table, &s.known));
    return json ? print_json(session, &s) : print_text(session, &s);
}

/* --- an architecture ---------------------------------------------------------------------------------------------- */

/* The line of NAS-Bench-201 as JSON; null where a genotype has none. */
static snas_status add_line(snas_text *text, const snas_genotype *genotype)
{
    const char *line;
    const snas_status status = snas_genotype_write(text->mem, genotype, SNAS_GENOTYPE_NAS_BENCH_201, &line);
    if (status == SNAS_E_USAGE) {
        snas_error_clear();
        snas_text_add(text, "null");
        return SNAS_OK;
    }
    SNAS_TRY(status);
    line = snas_format(text->mem, "%.*s", (int)strcspn(line, "\n"), line);
    SNAS_TRY(snas_taken(line));
    snas_text_add_json(text, line);
    return SNAS_OK;
}

snas_status cli_genotype_print(cli_session *session, const char *name, const char *table, bool json)
{
    snas_genotype genotype;
    cli_known known;
    const char *file;
    snas_text text = snas_text_make(session->mem);
    SNAS_TRY(snas_genotype_load(session->mem, name, &genotype));
    SNAS_TRY(snas_genotype_write(session->mem, &genotype, SNAS_GENOTYPE_JSON, &file));
    SNAS_TRY(cli_known_open(session, &genotype, table, &known));
    if (!json) {
        cli_print(session, "%s", file);
        return cli_known_say(session, &known);
    }
    snas_text_add(&text, "{\"genotype\": %.*s, \"line\": ", (int)strlen(file) - 1, file);
    SNAS_TRY(add_line(&text, &genotype));
    snas_text_add(&text, ", \"known\": ");
    cli_known_add_json(&text, &known);
    snas_text_add(&text, "}\n");
    return cli_print_text(session, &text);
}
