/* genotype_json.c -- a genotype as JSON.
 *
 *   {"space": "darts",                                            missing: darts
 *    "normal": [[["sep_conv_3x3", 0], ["skip_connect", 1]], ...], a list a node, an operation and its source a pair
 *    "reduce": [...],                                             one key a cell type of the space
 *    "pool_bn": true,                                             missing: true
 *    "origin": "where it came from",                              missing: not known
 *    "division": "split_seed 1, ..."}                             missing: the pictures had their parts
 */
#include <string.h>

#include "genotype_forms.h"
#include "snas/format/json.h"

static snas_status fault(const char *name, const snas_json *at, const char *what)
{
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: %s", name, at->line, at->column, what);
}

static snas_status expect(snas_arena *mem, const char *name, const snas_json *value, snas_json_kind kind,
                          const char *what)
{
    if (value->kind == kind) {
        return SNAS_OK;
    }
    const char *sentence = snas_format(mem, "%s is %s, it has to be %s", what, snas_json_kind_name(value->kind),
                                       snas_json_kind_name(kind));
    SNAS_TRY(snas_taken(sentence));
    return fault(name, value, sentence);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

enum { KEYS_MAX = 4 + SNAS_CELL_TYPES_MAX };

typedef struct {
    const char *names[KEYS_MAX];
    int count;
} key_list;

static const char *key_name(const void *context, int i)
{
    return ((const key_list *)context)->names[i];
}

static snas_status check_keys(const char *name, const snas_json *root, const snas_space *space)
{
    key_list keys = {.names = {"space", "pool_bn", "origin", "division"}, .count = 4};
    for (int type = 0; type < space->cell_types; type++) {
        keys.names[keys.count++] = space->type_names[type];
    }
    for (const snas_json *child = root->first; child != NULL; child = child->next) {
        bool known = false;
        for (int i = 0; i < keys.count; i++) {
            known = known || strcmp(child->key, keys.names[i]) == 0;
        }
        if (known) {
            continue;
        }
        char shown[64];
        snas_printable(shown, sizeof shown, child->key);
        if (snas_ends(child->key, "_concat")) {
            return snas_fail(SNAS_E_DATA,
                             "%s:%d:%d: unknown key '%s', the output of a cell of space '%s' is all its nodes", name,
                             child->key_line, child->key_column, shown, space->name);
        }
        const char *near = snas_nearest(child->key, key_name, &keys, keys.count);
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: unknown key '%s' in a genotype of space '%s'%s%s%s", name,
                         child->key_line, child->key_column, shown, space->name, near != NULL ? ", did you mean '" : "",
                         near != NULL ? near : "", near != NULL ? "'?" : "");
    }
    return SNAS_OK;
}

static const char *space_name(const void *context, int i)
{
    (void)context;
    return snas_spaces[i]->name;
}

static snas_status read_space(snas_arena *mem, const char *name, const snas_json *root, const snas_space **out)
{
    const snas_json *value = snas_json_find(root, "space");
    *out = snas_space_find("darts");
    if (value == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(expect(mem, name, value, SNAS_JSON_STRING, "'space'"));
    *out = snas_space_find(value->string);
    if (*out != NULL) {
        return SNAS_OK;
    }
    int count = 0;
    while (snas_spaces[count] != NULL) {
        count++;
    }
    char shown[64];
    snas_printable(shown, sizeof shown, value->string);
    const char *near = snas_nearest(value->string, space_name, NULL, count);
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: unknown space '%s'%s%s%s", name, value->line, value->column, shown,
                     near != NULL ? ", did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static snas_status read_gene(const char *name, const snas_json *pair, snas_genotype *out, int type, int node)
{
    const snas_json *operation = pair->first;
    if (pair->kind != SNAS_JSON_ARRAY || pair->count != 2 || operation->kind != SNAS_JSON_STRING ||
        !operation->next->is_integer) {
        return fault(name, pair,
                     "an operation has to be a pair [\"operation\", source], such as [\"skip_connect\", 0]");
    }
    const space_spot spot = {.name = name, .line = operation->line, .column = operation->column};
    return space_genotype_add(out, type, node, operation->string, operation->next->number, spot);
}

/* ["operation", ...] where a node should stand: the pairs of a cell in one list. */
static bool is_pair(const snas_json *node)
{
    return node != NULL && node->kind == SNAS_JSON_ARRAY && node->first != NULL &&
           node->first->kind == SNAS_JSON_STRING;
}

static snas_status read_cell(snas_arena *mem, const char *name, const snas_json *root, int type, snas_genotype *out)
{
    const snas_space *space = out->space;
    const snas_json *cell = snas_json_find(root, space->type_names[type]);
    if (cell == NULL) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: missing key '%s', a genotype of space '%s' needs it", name, root->line,
                         root->column, space->type_names[type], space->name);
    }
    SNAS_TRY(expect(mem, name, cell, SNAS_JSON_ARRAY, "a cell"));
    if (cell->count != space->nodes && is_pair(cell->first)) {
        return fault(name, cell->first,
                     "a node has to be a list of pairs [\"operation\", source], found a pair without a list");
    }
    if (cell->count != space->nodes) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: '%s' has %d nodes, a cell of space '%s' has %d", name, cell->line,
                         cell->column, space->type_names[type], cell->count, space->name, space->nodes);
    }
    int node = 0;
    for (const snas_json *genes = cell->first; genes != NULL; genes = genes->next) {
        SNAS_TRY(expect(mem, name, genes, SNAS_JSON_ARRAY, "a node"));
        for (const snas_json *pair = genes->first; pair != NULL; pair = pair->next) {
            SNAS_TRY(read_gene(name, pair, out, type, node));
        }
        node++;
    }
    return SNAS_OK;
}

snas_status space_genotype_read_json(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out)
{
    const snas_json *root;
    SNAS_TRY(snas_json_parse(mem, name, text, &root));
    SNAS_TRY(expect(mem, name, root, SNAS_JSON_OBJECT, "a genotype"));
    *out = (snas_genotype){.pool_bn = true};
    SNAS_TRY(read_space(mem, name, root, &out->space));
    SNAS_TRY(check_keys(name, root, out->space));
    const snas_json *pool_bn = snas_json_find(root, "pool_bn"), *origin = snas_json_find(root, "origin");
    const snas_json *division = snas_json_find(root, "division");
    if (pool_bn != NULL) {
        SNAS_TRY(expect(mem, name, pool_bn, SNAS_JSON_BOOL, "'pool_bn'"));
        out->pool_bn = pool_bn->number > 0;
    }
    if (origin != NULL) {
        SNAS_TRY(expect(mem, name, origin, SNAS_JSON_STRING, "'origin'"));
        out->origin = origin->string;
    }
    if (division != NULL) {
        SNAS_TRY(expect(mem, name, division, SNAS_JSON_STRING, "'division'"));
        out->division = division->string;
    }
    for (int type = 0; type < out->space->cell_types; type++) {
        SNAS_TRY(read_cell(mem, name, root, type, out));
    }
    return SNAS_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

snas_status space_genotype_write_json(const snas_genotype *genotype, snas_text *to)
{
    const snas_space *space = genotype->space;
    snas_text_add(to, "{\n  \"space\": \"%s\",\n", space->name);
    for (int type = 0; type < space->cell_types; type++) {
        snas_text_add(to, "  \"%s\": [", space->type_names[type]);
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            snas_text_next(to, ",");
            snas_text_add(to, "\n    [");
            for (int g = 0; g < genes->count; g++) {
                const snas_gene gene = genes->genes[g];
                snas_text_next(to, ", ");
                snas_text_add(to, "[\"%s\", %d]", space->candidates[gene.candidate]->name, gene.source);
            }
            snas_text_add(to, "]");
        }
        snas_text_add(to, "\n  ],\n");
    }
    snas_text_add(to, "  \"pool_bn\": %s", genotype->pool_bn ? "true" : "false");
    if (genotype->origin != NULL) {
        snas_text_add(to, ",\n  \"origin\": ");
        snas_text_add_json(to, genotype->origin);
    }
    if (genotype->division != NULL) {
        snas_text_add(to, ",\n  \"division\": ");
        snas_text_add_json(to, genotype->division);
    }
    snas_text_add(to, "\n}\n");
    return SNAS_OK;
}
