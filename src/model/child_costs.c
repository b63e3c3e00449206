/* child_costs.c -- what each choice adds to a child, and the activations of one picture. */
#include "snas/model/child_costs.h"

#include "model.h"

snas_status snas_child_costs_count(snas_arena *mem, const snas_network_spec *spec, snas_child_costs *out)
{
    const snas_space *space = spec->space;
    const size_t row = (size_t)snas_space_edge_count(space) * (size_t)space->candidate_count;
    snas_network_spec supernet = *spec;
    snas_count *slots; /* [cells][E][K] */
    supernet.genotype = NULL;
    supernet.affine = true; /* as a child's norms are */
    supernet.auxiliary = 0.0;
    *out = (snas_child_costs){.space = space};
    SNAS_NEW(mem, out->candidate, (size_t)space->cell_types * row);
    SNAS_TRY(snas_network_count(mem, &supernet, &out->fixed, &slots));
    for (int cell = 0; cell < spec->cells; cell++) {
        const int type = snas_space_place(space, cell, spec->cells, spec->channels).type;
        for (size_t i = 0; i < row; i++) {
            snas_count *to = &out->candidate[(size_t)type * row + i];
            to->parameters += slots[(size_t)cell * row + i].parameters;
            to->macs += slots[(size_t)cell * row + i].macs;
        }
    }
    return SNAS_OK;
}

snas_status snas_child_peak(snas_arena *mem, const snas_network_spec *spec, snas_peak *out)
{
    snas_program *p;
    snas_network_spec child = *spec;
    child.auxiliary = 0.0;
    const snas_mark before = snas_arena_mark(mem);
    snas_status status = model_build(mem, &child, NULL, &p);
    if (status == SNAS_OK) {
        status = snas_executor_peak(p, out);
    }
    snas_arena_release(mem, before);
    return status;
}
