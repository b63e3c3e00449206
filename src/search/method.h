/* method.h -- the methods of a search: a row each, one file each (method_<name>.c). */
#ifndef SNAS_SEARCH_METHOD_H
#define SNAS_SEARCH_METHOD_H

#include "search_state.h"

typedef struct {
    /** One step of the run: takes its pictures from the loop's streams and moves what the method moves. Fills
     *  search_state.last. Nothing moves when it fails. */
    snas_status (*step)(snas_loop *loop, snas_loop_step *out);
} search_method;

#define SEARCH_METHOD_ROW(name, brief) extern const search_method search_method_##name;
SNAS_SEARCH_METHODS(SEARCH_METHOD_ROW)
#undef SEARCH_METHOD_ROW

/** The method of a config. */
const search_method *search_method_of(snas_search_method method);

#endif
