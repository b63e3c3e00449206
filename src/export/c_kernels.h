/* c_kernels.h -- c_kernels.inc, which the build puts into the program (src/embed.cmake): the functions of an exported C
 * file, each behind a line with its name in brackets. */
#ifndef SNAS_EXPORT_C_KERNELS_H
#define SNAS_EXPORT_C_KERNELS_H

#include <stddef.h>

extern const unsigned char export_c_kernels[];
extern const size_t export_c_kernels_size;

#endif
