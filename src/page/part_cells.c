/* part_cells.c -- the architecture: cells as graphs, probabilities as heat maps. */
#include "page_parts.h"
#include "snas/base/text.h"

static snas_status add_text(page_writer *w, const snas_genotype *genotype)
{
    const char *json;
    SNAS_TRY(snas_genotype_write(w->mem, genotype, SNAS_GENOTYPE_JSON, &json));
    page_open(w, "details", NULL);
    page_element(w, "summary", NULL, "The genotype as a text");
    page_element(w, "pre", NULL, json);
    page_close(w);
    return SNAS_OK;
}

snas_status page_cells(page_writer *w, const page_run *run)
{
    const snas_space *space = run->genotype->space;
    for (int type = 0; type < space->cell_types; type++) {
        const snas_cell_view view = {.genotype = run->genotype, .type = type};
        SNAS_TRY(page_picture(w, snas_cell_drawing(&view), NULL, true));
    }
    SNAS_TRY(add_text(w, run->genotype));
    return snas_text_done(w->text);
}

snas_status page_probabilities(page_writer *w, const page_run *run)
{
    const snas_space *space = run->record.config.search.space;
    const size_t row = (size_t)snas_space_edge_count(space) * (size_t)space->candidate_count;
    page_form(w, "p", "quiet", "Of the newest checkpoint, after step %lld.%s", (long long)run->logits->step,
              run->logits->unranked ? " No cell has been ranked yet: these are the first logits." : "");
    for (int type = 0; type < space->cell_types; type++) {
        const snas_heat_table table = {
            .space = space, .type = type, .probabilities = run->logits->probabilities + (size_t)type * row};
        SNAS_TRY(page_picture(w, snas_heat_map(&table), NULL, true));
    }
    return snas_text_done(w->text);
}
