/* method_snas.c -- SNAS: one minibatch and one backward pass move weights and logits together (single_level.c). */
#include "method.h"

static snas_status step(snas_loop *loop, snas_loop_step *out)
{
    search_state *search = loop->context;
    snas_loaded pictures;
    SNAS_TRY(snas_loop_pictures(loop, &loop->train, &pictures));
    const snas_step_input input = snas_loop_step_input(loop, &pictures);
    SNAS_TRY(snas_search_step(&search->searcher, &input, NULL, &search->last));
    *out = (snas_loop_step){.images = pictures.count, .correct = search->last.correct, .loss = search->last.loss};
    return SNAS_OK;
}

const search_method search_method_snas = {.step = step};
