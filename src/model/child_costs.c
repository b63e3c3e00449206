/* child_costs.c -- what each choice adds to a child, the activations of one picture, and what it takes in C. */
#include "snas/model/child_costs.h"

#include "model.h"
#include "snas/deploy/c_plan.h"

/* The steps of the supernet, whose candidates own what is theirs alone. */
static snas_status count_flash(snas_arena *mem, const snas_network_spec *supernet, snas_child_costs *out)
{
    const snas_space *space = out->space;
    const int row = snas_space_edge_count(space) * space->candidate_count;
    snas_program *p;
    snas_outline outline;
    snas_c_plan plan;
    int64_t *slots; /* [cells][E][K] */
    SNAS_TRY(model_build(mem, supernet, NULL, &p));
    SNAS_TRY(snas_outline_make(mem, p, SNAS_NORMS_INTO_POOLS_TOO, false, &outline));
    SNAS_TRY(snas_c_steps_make(mem, &outline, SNAS_C_INT8, &plan));
    SNAS_NEW(mem, slots, p->z_slots);
    out->flash_fixed = snas_c_plan_flash(&plan, slots);
    for (int cell = 0; cell < supernet->cells; cell++) {
        const int type = snas_space_place(space, cell, supernet->cells, supernet->channels).type;
        for (int i = 0; i < row; i++) {
            out->flash[type * row + i] += slots[cell * row + i];
        }
    }
    return SNAS_OK;
}

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
    SNAS_NEW(mem, out->flash, (size_t)space->cell_types * row);
    SNAS_TRY(snas_network_count(mem, &supernet, &out->fixed, &slots));
    for (int cell = 0; cell < spec->cells; cell++) {
        const int type = snas_space_place(space, cell, spec->cells, spec->channels).type;
        for (size_t i = 0; i < row; i++) {
            snas_count *to = &out->candidate[(size_t)type * row + i];
            to->parameters += slots[(size_t)cell * row + i].parameters;
            to->macs += slots[(size_t)cell * row + i].macs;
        }
    }
    return count_flash(mem, &supernet, out);
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

static snas_status plan_in_c(snas_arena *mem, const snas_program *p, bool whole, snas_c_plan *out)
{
    snas_outline *outline;
    SNAS_NEW(mem, outline, 1);
    SNAS_TRY(snas_outline_make(mem, p, SNAS_NORMS_INTO_POOLS_TOO, whole, outline));
    return snas_c_plan_make(mem, outline, SNAS_C_INT8, out);
}

static snas_status measure_in_c(snas_arena *mem, const snas_network_spec *child, snas_child_in_c *out)
{
    snas_program *p;
    snas_c_plan plan, whole;
    SNAS_TRY(model_build(mem, child, NULL, &p));
    SNAS_TRY(plan_in_c(mem, p, false, &plan));
    SNAS_TRY(plan_in_c(mem, p, true, &whole));
    *out = (snas_child_in_c){
        .flash = snas_c_plan_flash(&plan, NULL),
        .ram = plan.bytes,
        .bound = {.planned = plan.bytes > whole.bytes ? plan.bytes : whole.bytes, .live = whole.lowest}};
    return SNAS_OK;
}

snas_status snas_child_c_costs(snas_arena *mem, const snas_network_spec *spec, snas_child_in_c *out)
{
    snas_network_spec child = *spec;
    child.auxiliary = 0.0;
    const snas_mark before = snas_arena_mark(mem);
    const snas_status status = measure_in_c(mem, &child, out);
    snas_arena_release(mem, before);
    return status;
}
