/* c_kernels.h -- c_kernels.inc and c_int8.inc, which the build puts into the program (src/embed.cmake): the functions
 * of an exported C file in single precision and in whole numbers, each behind a line with its name in brackets. */
#ifndef SNAS_EXPORT_C_KERNELS_H
#define SNAS_EXPORT_C_KERNELS_H

#include <stddef.h>

extern const unsigned char export_c_kernels[];
extern const size_t export_c_kernels_size;
extern const unsigned char export_c_int8_kernels[];
extern const size_t export_c_int8_kernels_size;

#endif
