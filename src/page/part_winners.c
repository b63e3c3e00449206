/* part_winners.c -- which candidate led each edge, epoch by epoch: a strip an edge, in the candidates' colours.
 *
 * The rows of the metrics hold the genotype of rule `edge`: the likeliest candidate of every edge. Equal neighbours
 * are one piece of the strip.
 */
#include <stdint.h>
#include <string.h>

#include "page_parts.h"
#include "snas/base/text.h"

enum { ABSENT = 255 };

/* led[(type * edges + edge) * epochs + row]: a candidate. */
typedef struct {
    const snas_space *space;
    int edges, epochs;
    uint8_t *led;
} history;

static uint8_t *strip_of(const history *h, int type, int edge)
{
    return h->led + ((size_t)type * (size_t)h->edges + (size_t)edge) * (size_t)h->epochs;
}

static void take_genotype(const history *h, const snas_genotype *genotype, int row)
{
    for (int type = 0; type < h->space->cell_types; type++) {
        for (int node = 0; node < h->space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int i = 0; i < genes->count; i++) {
                const int edge = snas_space_edge_index(h->space, genes->genes[i].source, node);
                strip_of(h, type, edge)[row] = (uint8_t)genes->genes[i].candidate;
            }
        }
    }
}

static snas_status read_history(snas_arena *mem, const page_run *run, history *out)
{
    const snas_run_record *record = &run->record;
    const snas_space *space = record->config.search.space;
    *out = (history){.space = space, .edges = snas_space_edge_count(space), .epochs = record->row_count};
    const size_t count = (size_t)space->cell_types * (size_t)out->edges * (size_t)out->epochs;
    SNAS_NEW(mem, out->led, count);
    memset(out->led, ABSENT, count);
    for (int row = 0; row < out->epochs; row++) {
        const char *text = record->rows[row].genotype;
        snas_genotype genotype;
        if (text == NULL) {
            continue;
        }
        const snas_mark mark = snas_arena_mark(mem);
        const snas_status status = snas_genotype_parse(mem, run->name, (snas_bytes){text, strlen(text)}, &genotype);
        if (status == SNAS_OK && genotype.space == space) {
            take_genotype(out, &genotype, row);
        }
        snas_arena_release(mem, mark);
        SNAS_TRY(status);
    }
    return SNAS_OK;
}

/* --- pictures ----------------------------------------------------------------------------------------------------- */

static const char *name_of(const history *h, int candidate)
{
    return candidate == ABSENT ? "no edge" : h->space->candidates[candidate]->name;
}

static void add_piece(page_writer *w, const history *h, const uint8_t *strip, int from, int to)
{
    const int candidate = strip[from];
    page_open(w, "i", NULL);
    if (candidate == ABSENT) {
        snas_markup_form(&w->m, "style", "flex:%d", to - from);
    } else {
        const uint8_t *c = h->space->candidates[candidate]->color;
        snas_markup_form(&w->m, "style", "flex:%d;background:#%02x%02x%02x", to - from, c[0], c[1], c[2]);
    }
    if (to - from == 1) {
        snas_markup_form(&w->m, "title", "%s, epoch %d", name_of(h, candidate), to);
    } else {
        snas_markup_form(&w->m, "title", "%s, epochs %d to %d", name_of(h, candidate), from + 1, to);
    }
    page_close(w);
}

static void add_strip(page_writer *w, const history *h, int type, int edge)
{
    const uint8_t *strip = strip_of(h, type, edge);
    int source, node;
    snas_space_edge(h->space, edge, &source, &node);
    page_open(w, "div", "strip");
    page_form(w, "span", "edge", "%d \xe2\x86\x92 %d", source, node + h->space->inputs);
    page_open(w, "div", "pieces");
    for (int from = 0, to; from < h->epochs; from = to) {
        for (to = from + 1; to < h->epochs && strip[to] == strip[from];) {
            to++;
        }
        add_piece(w, h, strip, from, to);
    }
    page_close(w);
    page_element(w, "span", "led", name_of(h, strip[h->epochs - 1]));
    page_close(w);
}

static void add_legend(page_writer *w, const history *h)
{
    page_open(w, "p", "legend");
    for (int k = 0; k < h->space->candidate_count; k++) {
        const uint8_t *c = h->space->candidates[k]->color;
        page_open(w, "span", NULL);
        page_open(w, "i", NULL);
        snas_markup_form(&w->m, "style", "background:#%02x%02x%02x", c[0], c[1], c[2]);
        page_close(w);
        snas_markup_text(&w->m, h->space->candidates[k]->name);
        page_close(w);
    }
    page_close(w);
}

/* Edges whose candidate is another one than an epoch before. */
static int count_changes(const history *h, int row)
{
    int changes = 0;
    for (int type = 0; row > 0 && type < h->space->cell_types; type++) {
        for (int edge = 0; edge < h->edges; edge++) {
            const uint8_t *strip = strip_of(h, type, edge);
            changes += strip[row] != strip[row - 1];
        }
    }
    return changes;
}

snas_status page_winners(page_writer *w, const page_run *run)
{
    history h;
    SNAS_TRY(read_history(w->mem, run, &h));
    page_element(w, "p", "quiet",
                 "The likeliest candidate of every edge over the epochs, from left to right; at the right the last.");
    add_legend(w, &h);
    page_open(w, "div", "columns");
    for (int type = 0; type < h.space->cell_types; type++) {
        page_open(w, "div", "strips");
        page_form(w, "h4", NULL, h.space->cell_types > 1 ? "%s cell" : "%s", h.space->type_names[type]);
        for (int edge = 0; edge < h.edges; edge++) {
            add_strip(w, &h, type, edge);
        }
        page_close(w);
    }
    page_close(w);
    if (h.epochs > 1) {
        page_form(w, "p", "quiet", "Edges that changed in the last epoch: %d of %d.", count_changes(&h, h.epochs - 1),
                  h.edges * h.space->cell_types);
    }
    return snas_text_done(w->text);
}
