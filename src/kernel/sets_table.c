/* sets_table.c -- the rows of fused kernels. */
#include "snas/kernel/sets.h"

const snas_kernel_set snas_kernel_sets[] = {{.name = NULL}};
