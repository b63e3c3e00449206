/* genotype_text.c -- the text that the programs of DARTS and SNAS print for a genotype, read and written.
 *
 *   text    = [name '='] 'Genotype' '(' field {',' field} [','] ')'      every field once, in any order
 *   field   = ('normal' | 'reduce') '=' '[' pair {',' pair} [','] ']'
 *           | ('normal_concat' | 'reduce_concat') '=' ('[' 2 ',' 3 ',' 4 ',' 5 [','] ']' | 'range' '(' 2 ',' 6 ')')
 *   pair    = '(' quoted ',' number [','] ')'
 * Two pairs a node (8, DARTS: no batch norm after pools) or one an edge (14, SNAS: with batch norm; a node's pairs may
 * come in any order). Numbers of operations, outputs and operations that other spaces have are read too, to be named.
 */
#include <assert.h>
#include <string.h>

#include "genotype_scan.h"

enum { PAIRS_MAX = 64 };
static const char GENOTYPE_SPACE[] = "darts";

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct {
    int pairs; /* of a cell read so far */
    char operation[PAIRS_MAX][SPACE_WORD_MAX];
    int source[PAIRS_MAX];
    space_spot spot[PAIRS_MAX]; /* of the operations */
    space_spot start;           /* of the list */
} pair_list;

static snas_status read_pairs(space_scanner *in, pair_list *list)
{
    space_scan_skip(in);
    list->start = in->spot;
    list->pairs = 0;
    SNAS_TRY(space_scan_need(in, '[', "'[' before the operations of a cell"));
    while (!space_scan_accept(in, ']')) {
        if (list->pairs == PAIRS_MAX) {
            return snas_fail(SNAS_E_DATA, "%s:%d:%d: more than %d operations in a cell", in->spot.name, in->spot.line,
                             in->spot.column, PAIRS_MAX);
        }
        const int i = list->pairs++;
        SNAS_TRY(space_scan_need(in, '(', "'(' before an operation or ']' after the last one"));
        SNAS_TRY(space_scan_quoted(in, list->operation[i], &list->spot[i]));
        SNAS_TRY(space_scan_need(in, ',', "',' between an operation and its source"));
        SNAS_TRY(space_scan_number(in, &list->source[i]));
        space_scan_accept(in, ',');
        SNAS_TRY(space_scan_need(in, ')', "')' after a source"));
        if (!space_scan_accept(in, ',') && !space_scan_has(in, ']')) {
            return space_scan_unexpected(in, "',' or ']' after an operation");
        }
    }
    return SNAS_OK;
}

/* Put a cell's pairs where they belong: two a node, or one an edge. */
static snas_status place_pairs(const pair_list *list, int type, snas_genotype *out)
{
    const snas_space *space = out->space;
    assert(type >= 0 && type < SNAS_CELL_TYPES_MAX);
    const char *name = space->type_names[type];
    const int E = snas_space_edge_count(space);
    const bool all = list->pairs == E;
    if (!all && list->pairs != 2 * space->nodes) {
        return snas_fail(
            SNAS_E_DATA, "%s:%d:%d: '%s' has %d operations, it has to have %d (two a node) or %d (one an edge)",
            list->start.name, list->start.line, list->start.column, name, list->pairs, 2 * space->nodes, E);
    }
    if (type > 0 && all != out->pool_bn) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: '%s' has %d operations, but '%s' has another number", list->start.name,
                         list->start.line, list->start.column, name, list->pairs, space->type_names[0]);
    }
    out->pool_bn = all;
    for (int i = 0; i < list->pairs; i++) {
        int node = i / 2, source = 0;
        if (all) {
            snas_space_edge(space, i, &source, &node);
        }
        const snas_genes *genes = &out->nodes[type][node];
        for (int g = 0; all && g < genes->count; g++) {
            if (genes->genes[g].source == list->source[i]) {
                return snas_fail(SNAS_E_DATA, "%s:%d:%d: source %d comes twice in '%s' node %d", list->spot[i].name,
                                 list->spot[i].line, list->spot[i].column, list->source[i], space->type_names[type],
                                 space->inputs + node);
            }
        }
        SNAS_TRY(space_genotype_add(out, type, node, list->operation[i], list->source[i], list->spot[i]));
    }
    return SNAS_OK;
}

static void add_state(space_concat *to, int state)
{
    if (to->count < SPACE_CONCAT_SHOWN) {
        to->states[to->count] = state;
    }
    to->count++;
}

/* range(from, to) */
static snas_status read_range(space_scanner *in, space_concat *out)
{
    char name[SPACE_WORD_MAX];
    space_spot at;
    int from, to;
    SNAS_TRY(space_scan_word(in, name, &at, "'[' or 'range('"));
    if (strcmp(name, "range") != 0) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: expected '[' or 'range(', found '%s'", at.name, at.line, at.column,
                         name);
    }
    SNAS_TRY(space_scan_need(in, '(', "'(' after 'range'"));
    SNAS_TRY(space_scan_number(in, &from));
    SNAS_TRY(space_scan_need(in, ',', "',' in a range"));
    SNAS_TRY(space_scan_number(in, &to));
    for (int state = from; state < to; state++) {
        add_state(out, state);
    }
    return space_scan_need(in, ')', "')' after a range");
}

/* The states of a cell's output: a list of them, or a range. */
static snas_status read_concat(space_scanner *in, space_concat *out)
{
    *out = (space_concat){0};
    if (!space_scan_accept(in, '[')) {
        return read_range(in, out);
    }
    while (!space_scan_accept(in, ']')) {
        int state;
        SNAS_TRY(space_scan_number(in, &state));
        add_state(out, state);
        if (!space_scan_accept(in, ',') && !space_scan_has(in, ']')) {
            return space_scan_unexpected(in, "',' or ']' after a node");
        }
    }
    return SNAS_OK;
}

enum { FIELD_COUNT = 4 };
static const struct {
    const char *name;
    int type;
    bool concat;
} FIELDS[FIELD_COUNT] = {
    {"normal", 0, false},
    {"normal_concat", 0, true},
    {"reduce", 1, false},
    {"reduce_concat", 1, true},
};

static const char *field_name(const void *context, int i)
{
    (void)context;
    return FIELDS[i].name;
}

static snas_status read_field_name(space_scanner *in, bool seen[FIELD_COUNT], int *field)
{
    char name[SPACE_WORD_MAX];
    space_spot at;
    SNAS_TRY(space_scan_word(in, name, &at, "a field such as 'normal'"));
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (strcmp(name, FIELDS[f].name) != 0) {
            continue;
        }
        if (seen[f]) {
            return snas_fail(SNAS_E_DATA, "%s:%d:%d: field '%s' comes twice", at.name, at.line, at.column, name);
        }
        seen[f] = true;
        *field = f;
        return space_scan_need(in, '=', "'=' after the name of a field");
    }
    if (strcmp(name, "recurrent") == 0) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: field 'recurrent' is of a recurrent cell, the spaces here have none",
                         at.name, at.line, at.column);
    }
    const char *near = snas_nearest(name, field_name, NULL, FIELD_COUNT);
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: unknown field '%s'%s%s%s", at.name, at.line, at.column, name,
                     near != NULL ? ", did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* [NAME =] Genotype( */
static snas_status read_opening(space_scanner *in)
{
    char name[SPACE_WORD_MAX];
    space_spot at;
    SNAS_TRY(space_scan_word(in, name, &at, "'{', 'Genotype(' or '|'"));
    if (space_scan_accept(in, '=')) {
        SNAS_TRY(space_scan_word(in, name, &at, "'Genotype('"));
    }
    if (strcmp(name, "Genotype") != 0) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: expected 'Genotype(', found '%s'", at.name, at.line, at.column, name);
    }
    return space_scan_need(in, '(', "'(' after 'Genotype'");
}

/* The value of a field: a cell's pairs, or its output. What the space lacks goes to `misfit`. */
static snas_status read_field(space_scanner *in, int field, pair_list *cells, space_misfit *misfit)
{
    const char *name = FIELDS[field].name;
    pair_list *list = &cells[FIELDS[field].type];
    space_scan_skip(in);
    const space_spot start = in->spot;
    if (FIELDS[field].concat) {
        space_concat concat;
        SNAS_TRY(read_concat(in, &concat));
        space_misfit_concat(misfit, name, &concat, start);
        return SNAS_OK;
    }
    SNAS_TRY(read_pairs(in, list));
    space_misfit_operations(misfit, name, list->pairs, start);
    for (int i = 0; i < list->pairs; i++) {
        space_misfit_operation(misfit, list->operation[i], list->spot[i]);
    }
    return SNAS_OK;
}

static snas_status read_fields(space_scanner *in, pair_list *cells, space_misfit *misfit)
{
    bool seen[FIELD_COUNT] = {false};
    while (!space_scan_accept(in, ')')) {
        int field = 0;
        SNAS_TRY(read_field_name(in, seen, &field));
        SNAS_TRY(read_field(in, field, cells, misfit));
        if (!space_scan_accept(in, ',') && !space_scan_has(in, ')')) {
            return space_scan_unexpected(in, "',' or ')' after a field");
        }
    }
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!seen[f]) {
            return snas_fail(SNAS_E_DATA, "%s:%d:%d: field '%s' is missing", in->spot.name, in->spot.line,
                             in->spot.column, FIELDS[f].name);
        }
    }
    return space_scan_end(in);
}

snas_status space_genotype_read_darts(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out)
{
    space_scanner in = space_scan_start(name, text);
    pair_list *cells;
    SNAS_NEW(mem, cells, SNAS_CELL_TYPES_MAX);
    *out = (snas_genotype){.space = snas_space_find(GENOTYPE_SPACE)};
    space_misfit misfit = space_misfit_make(mem, out->space);
    SNAS_TRY(read_opening(&in));
    SNAS_TRY(read_fields(&in, cells, &misfit));
    SNAS_TRY(space_misfit_end(&misfit));
    for (int type = 0; type < out->space->cell_types; type++) {
        SNAS_TRY(place_pairs(&cells[type], type, out));
    }
    return SNAS_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void write_text(const snas_genotype *genotype, snas_text *to)
{
    const snas_space *space = genotype->space;
    snas_text_add(to, "Genotype(");
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_next(to, ", ");
        snas_text_add(to, "%s=[", space->type_names[type]);
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                snas_text_next(to, ", ");
                snas_text_add(to, "('%s', %d)", space->candidates[genes->genes[g].candidate]->name,
                              genes->genes[g].source);
            }
        }
        snas_text_add(to, "], %s_concat=[", space->type_names[type]);
        for (int node = 0; node < space->nodes; node++) {
            snas_text_next(to, ", ");
            snas_text_add(to, "%d", space->inputs + node);
        }
        snas_text_add(to, "]");
    }
    snas_text_add(to, ")\n");
}

snas_status space_genotype_write_darts(const snas_genotype *genotype, snas_text *to)
{
    const snas_space *space = genotype->space;
    SNAS_TRY(space_genotype_need_space(genotype, "darts", GENOTYPE_SPACE));
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            const int count = genotype->nodes[type][node].count;
            if (count != 2) {
                return snas_fail(SNAS_E_USAGE, "%s node %d has %d operations, the form 'darts' needs 2 a node",
                                 space->type_names[type], space->inputs + node, count);
            }
        }
    }
    write_text(genotype, to);
    return SNAS_OK;
}

/* The form without names of edges: a node has one operation from every state before it. */
static snas_status need_one_a_source(const snas_space *space, int type, int node, const snas_genes *genes)
{
    int times[SNAS_INPUTS_MAX + SNAS_NODES_MAX] = {0};
    for (int g = 0; g < genes->count; g++) {
        times[genes->genes[g].source]++;
    }
    for (int source = 0; source < space->inputs + node; source++) {
        if (times[source] != 1) {
            return snas_fail(SNAS_E_USAGE, "%s node %d has %d operations from source %d, the form 'edge-all' needs one",
                             space->type_names[type], space->inputs + node, times[source], source);
        }
    }
    return SNAS_OK;
}

snas_status space_genotype_write_edge_all(const snas_genotype *genotype, snas_text *to)
{
    const snas_space *space = genotype->space;
    SNAS_TRY(space_genotype_need_space(genotype, "edge-all", GENOTYPE_SPACE));
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            SNAS_TRY(need_one_a_source(space, type, node, &genotype->nodes[type][node]));
        }
    }
    write_text(genotype, to);
    return SNAS_OK;
}
