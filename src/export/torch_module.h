/* torch_module.h -- scripts/snas_torch.py, which the build puts into the program (src/embed.cmake). */
#ifndef SNAS_EXPORT_TORCH_MODULE_H
#define SNAS_EXPORT_TORCH_MODULE_H

#include <stddef.h>

extern const unsigned char export_torch_module[];
extern const size_t export_torch_module_size;

#endif
