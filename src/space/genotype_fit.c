/* genotype_fit.c -- what an architecture has that a space lacks: another number of nodes, another output, operations.
 *
 * A published architecture of another space is no typing mistake: its sentence says all that stands in the way, not
 * which name is near. An operation is of the field when a space here has it, when the literature has it, or when it
 * differs from one here in its numbers alone (sep_conv_7x7).
 */
#include <stdio.h>
#include <string.h>

#include "genotype_forms.h"

/* Operations of published spaces that no space here has. */
static const char *const OF_THE_FIELD[] = {
    "identity",
    "conv_1x1",
    "conv_3x3",
    "conv_3x1_1x3",
    "conv_7x1_1x7", /* NASNet, AmoebaNet, ENAS */
    "dua_sepc_3x3",
    "dua_sepc_5x5",
    "dil_sepc_3x3",
    "dil_sepc_5x5", /* GDAS, SETN */
    "maxpool3x3",
    "conv1x1",
    "conv3x3",
    "conv1x1-bn-relu",
    "conv3x3-bn-relu", /* NAS-Bench-101 */
    "noise",
    "zero",
    "sigmoid",
    "tanh",
    "relu", /* other searches */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "sep_conv_7x7" and "sep_conv_3x3": the same but for their numbers. */
static bool differ_in_numbers(const char *a, const char *b)
{
    while (*a != 0 || *b != 0) {
        if (is_digit(*a) && is_digit(*b)) {
            a += strspn(a, "0123456789");
            b += strspn(b, "0123456789");
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return true;
}

bool space_operation_is_of_the_field(const char *name)
{
    for (size_t i = 0; i < sizeof OF_THE_FIELD / sizeof OF_THE_FIELD[0]; i++) {
        if (strcmp(name, OF_THE_FIELD[i]) == 0) {
            return true;
        }
    }
    for (int i = 0; snas_candidates[i] != NULL; i++) {
        if (differ_in_numbers(name, snas_candidates[i]->name)) {
            return true;
        }
    }
    return false;
}

space_misfit space_misfit_make(snas_arena *mem, const snas_space *space)
{
    return (space_misfit){.space = space, .words = snas_text_make(mem)};
}

/* Begin a clause of the sentence. */
static snas_text *clause(space_misfit *misfit, space_spot spot)
{
    if (misfit->clauses++ == 0) {
        misfit->first = spot;
    } else {
        snas_text_add(&misfit->words, "; ");
    }
    return &misfit->words;
}

/* n of a cell with one operation on each of its edges, 0 when no n has that many. */
static int nodes_with_all_edges(const snas_space *space, int operations)
{
    int nodes = 0, edges = 0;
    while (edges < operations) {
        edges += space->inputs + nodes++;
    }
    return edges == operations ? nodes : 0;
}

void space_misfit_operations(space_misfit *misfit, const char *cell, int operations, space_spot spot)
{
    const snas_space *space = misfit->space;
    const int in_pairs = operations % 2 == 0 ? operations / 2 : 0;
    const int on_edges = nodes_with_all_edges(space, operations);
    if ((in_pairs == 0 && on_edges == 0) || in_pairs == space->nodes || on_edges == space->nodes) {
        return;
    }
    snas_text *words = clause(misfit, spot);
    snas_text_add(words, "'%s' has %d operations,", cell, operations);
    if (in_pairs > 0) {
        snas_text_add(words, " %d node%s of two", in_pairs, in_pairs == 1 ? "" : "s");
    }
    if (on_edges > 0 && on_edges != in_pairs) {
        snas_text_add(words, "%s %d node%s with one an edge", in_pairs > 0 ? " or" : "", on_edges,
                      on_edges == 1 ? "" : "s");
    }
    snas_text_add(words, ", where the space has %d", space->nodes);
}

void space_misfit_operation(space_misfit *misfit, const char *operation, space_spot spot)
{
    if (snas_space_candidate(misfit->space, operation) >= 0 || !space_operation_is_of_the_field(operation)) {
        return;
    }
    char quoted[80];
    snprintf(quoted, sizeof quoted, "'%s'", operation);
    if (misfit->clauses == 0 || strstr(misfit->words.data, quoted) == NULL) { /* each once */
        snas_text_add(clause(misfit, spot), "the space lacks the operation %s", quoted);
    }
}

void space_misfit_concat(space_misfit *misfit, const char *field, const space_concat *concat, space_spot spot)
{
    const snas_space *space = misfit->space;
    bool all = concat->count == space->nodes;
    for (int i = 0; all && i < space->nodes; i++) {
        all = concat->states[i] == space->inputs + i;
    }
    if (all) {
        return;
    }
    snas_text *words = clause(misfit, spot);
    snas_text_add(words, "'%s' is [", field);
    for (int i = 0; i < concat->count && i < SPACE_CONCAT_SHOWN; i++) {
        snas_text_next(words, ", ");
        snas_text_add(words, "%d", concat->states[i]);
    }
    snas_text_add(words, "%s], where the space has all its nodes in order, %d to %d",
                  concat->count > SPACE_CONCAT_SHOWN ? ", ..." : "", space->inputs, space->inputs + space->nodes - 1);
}

snas_status space_misfit_end(const space_misfit *misfit)
{
    SNAS_TRY(snas_text_done(&misfit->words));
    if (misfit->clauses == 0) {
        return SNAS_OK;
    }
    const space_spot at = misfit->first;
    return snas_fail(SNAS_E_DATA, "%s:%d:%d: space '%s' cannot hold this architecture: %s", at.name, at.line, at.column,
                     misfit->space->name, misfit->words.data);
}
