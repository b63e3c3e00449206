/* method.c -- the table of methods, made from the list in config.h. */
#include "method.h"

const search_method *search_method_of(snas_search_method method)
{
#define POINTER(name, brief) &search_method_##name,
    static const search_method *const methods[SNAS_SEARCH_METHOD_COUNT] = {SNAS_SEARCH_METHODS(POINTER)};
#undef POINTER
    return methods[method];
}
