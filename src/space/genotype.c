/* genotype.c -- genotypes read off probabilities, as one-hot weights, and the choice among their forms.
 *
 * Rules (p[e,k] the probabilities of an edge, m[e] = max_k p[e,k]):
 *   edge   every edge e takes argmax_k p[e,k]
 *   top2   a node keeps the two edges of largest m, each with its argmax
 *   darts  as top2, with k running over all candidates but `none`
 * Ties go to the lower index. Sources: SNAS (edge), its released code (top2), DARTS (darts).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "genotype_forms.h"
#include "snas/base/text.h"
#include "snas/format/foreign.h"

const char *const snas_rule_names[SNAS_RULE_COUNT] = {
    [SNAS_RULE_EDGE] = "edge", [SNAS_RULE_TOP2] = "top2", [SNAS_RULE_DARTS] = "darts"};

const char *const snas_genotype_format_names[SNAS_GENOTYPE_FORMAT_COUNT] = {[SNAS_GENOTYPE_JSON] = "json",
                                                                            [SNAS_GENOTYPE_EDGE_ALL] = "edge-all",
                                                                            [SNAS_GENOTYPE_DARTS] = "darts",
                                                                            [SNAS_GENOTYPE_NAS_BENCH_201] =
                                                                                "nas-bench-201"};

/* --- deriving ----------------------------------------------------------------------------------------------------- */

const snas_rule_row snas_rule_rows[SNAS_RULE_COUNT] = {[SNAS_RULE_EDGE] = {.keep = SNAS_GENES_MAX},
                                                       [SNAS_RULE_TOP2] = {.keep = 2},
                                                       [SNAS_RULE_DARTS] = {.keep = 2, .without_none = true}};

/* argmax over the candidates of one edge, p [K]. */
static int strongest(const snas_space *space, const double *p, bool without_none)
{
    int best = -1;
    for (int k = 0; k < space->candidate_count; k++) {
        if (without_none && space->candidates[k]->is_zero) {
            continue;
        }
        if (best < 0 || p[k] > p[best]) {
            best = k;
        }
    }
    return best;
}

/* The genes of one node from its edges' probabilities p [edges][K]. */
static snas_genes node_genes(const snas_space *space, const double *p, int edges, snas_rule_row rule)
{
    const size_t K = (size_t)space->candidate_count;
    int choice[SNAS_INPUTS_MAX + SNAS_NODES_MAX];
    double strength[SNAS_INPUTS_MAX + SNAS_NODES_MAX];
    for (int s = 0; s < edges; s++) {
        const double *edge = p + (size_t)s * K;
        choice[s] = strongest(space, edge, rule.without_none);
        strength[s] = edge[choice[s]];
    }
    snas_genes genes = {0};
    for (int s = 0; s < edges; s++) {
        int better = 0; /* edges that come before s */
        for (int o = 0; o < edges; o++) {
            better += strength[o] > strength[s] || (!(strength[o] < strength[s]) && o < s);
        }
        if (better < rule.keep) {
            genes.genes[genes.count++] = (snas_gene){.candidate = choice[s], .source = s};
        }
    }
    return genes;
}

snas_genotype snas_genotype_derive(const snas_space *space, const double *p, snas_rule rule)
{
    snas_genotype genotype = {.space = space, .pool_bn = true};
    const size_t K = (size_t)space->candidate_count;
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            const int edges = space->inputs + node;
            genotype.nodes[type][node] = node_genes(space, p, edges, snas_rule_rows[rule]);
            p += (size_t)edges * K;
        }
    }
    return genotype;
}

void snas_genotype_one_hot(const snas_genotype *genotype, double *z)
{
    const snas_space *space = genotype->space;
    const size_t E = (size_t)snas_space_edge_count(space), K = (size_t)space->candidate_count;
    memset(z, 0, (size_t)space->cell_types * E * K * sizeof *z);
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int g = 0; g < genes->count; g++) {
                const int e = snas_space_edge_index(space, genes->genes[g].source, node);
                z[((size_t)type * E + (size_t)e) * K + (size_t)genes->genes[g].candidate] = 1;
            }
        }
    }
}

/* --- reading and writing ------------------------------------------------------------------------------------------ */

static const char *candidate_name(const void *context, int i)
{
    const snas_space *space = context;
    return space->candidates[i]->name;
}

/* No candidate of that name: the space lacks it, or it is misspelt. */
static snas_status no_candidate(const snas_space *space, const char *operation, space_spot spot)
{
    char shown[64], allowed[512] = "";
    snas_printable(shown, sizeof shown, operation);
    for (int k = 0, size = 0; k < space->candidate_count && size < (int)sizeof allowed; k++) {
        size += snprintf(allowed + size, sizeof allowed - (size_t)size, "%s'%s'", k > 0 ? ", " : "",
                         candidate_name(space, k));
    }
    if (space_operation_is_of_the_field(operation)) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: space '%s' lacks the operation '%s', allowed %s", spot.name, spot.line,
                         spot.column, space->name, shown, allowed);
    }
    const char *near = snas_nearest(operation, candidate_name, space, space->candidate_count);
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: unknown operation '%s' in space '%s', %s%s%s", spot.name, spot.line,
                     spot.column, shown, space->name, near != NULL ? "did you mean '" : "allowed ",
                     near != NULL ? near : allowed, near != NULL ? "'?" : "");
}

snas_status space_genotype_add(snas_genotype *genotype, int type, int node, const char *operation, double source,
                               space_spot spot)
{
    const snas_space *space = genotype->space;
    const int candidate = snas_space_candidate(space, operation);
    if (candidate < 0) {
        return no_candidate(space, operation, spot);
    }
    const int last = space->inputs + node - 1;
    if (!(source >= 0 && source <= last)) {
        return snas_fail(SNAS_E_DATA,
                         "%s:%d:%d: source %.0f of %s node %d does not come before it, allowed are 0 to %d", spot.name,
                         spot.line, spot.column, source, space->type_names[type], space->inputs + node, last);
    }
    snas_genes *genes = &genotype->nodes[type][node];
    if (genes->count == SNAS_GENES_MAX) {
        return snas_fail(SNAS_E_DATA, "%s:%d:%d: too many operations in %s node %d, allowed are %d", spot.name,
                         spot.line, spot.column, space->type_names[type], space->inputs + node, SNAS_GENES_MAX);
    }
    genes->genes[genes->count++] = (snas_gene){.candidate = candidate, .source = (int)source};
    return SNAS_OK;
}

snas_status snas_genotype_parse(snas_arena *mem, const char *name, snas_bytes text, snas_genotype *out)
{
    const size_t mark = snas_bom_size(text.data, text.size);
    const char *data = (const char *)text.data + mark;
    text = (snas_bytes){.data = data, .size = text.size - mark};
    size_t i = 0;
    while (i < text.size && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r')) {
        i++;
    }
    *out = (snas_genotype){0};
    if (i == text.size) {
        return snas_fail(SNAS_E_DATA, "genotype '%s' is empty", name);
    }
    const char *foreign = snas_foreign(text);
    if (foreign != NULL) {
        return snas_fail(SNAS_E_DATA, "'%s' is no genotype: it is %s", name, foreign);
    }
    switch (data[i]) {
    case '{':
        return space_genotype_read_json(mem, name, text, out);
    case '|':
        return space_genotype_read_201(mem, name, text, out);
    default:
        return space_genotype_read_darts(mem, name, text, out);
    }
}

snas_status space_genotype_need_space(const snas_genotype *genotype, const char *format, const char *space)
{
    if (strcmp(genotype->space->name, space) == 0) {
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_USAGE, "a genotype of space '%s' has no form '%s', which is for space '%s' only",
                     genotype->space->name, format, space);
}

snas_status snas_genotype_write(snas_arena *mem, const snas_genotype *genotype, snas_genotype_format format,
                                const char **out)
{
    static snas_status (*const WRITERS[SNAS_GENOTYPE_FORMAT_COUNT])(const snas_genotype *, snas_text *) = {
        [SNAS_GENOTYPE_JSON] = space_genotype_write_json,
        [SNAS_GENOTYPE_EDGE_ALL] = space_genotype_write_edge_all,
        [SNAS_GENOTYPE_DARTS] = space_genotype_write_darts,
        [SNAS_GENOTYPE_NAS_BENCH_201] = space_genotype_write_201};
    snas_text text = snas_text_make(mem);
    SNAS_TRY(WRITERS[format](genotype, &text));
    SNAS_TRY(snas_text_done(&text));
    *out = text.data;
    return SNAS_OK;
}
