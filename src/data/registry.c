/* registry.c -- the data sets, one row each. */
#include <stddef.h>
#include <string.h>

#include "parts.h"

const snas_dataset_row snas_datasets[] = {
    {"cifar10",   "CIFAR-10, binary version: a folder or its .tar.gz",          data_cifar10_open},
    {"synthetic", "ten classes of drawn textures and shapes, made on the spot",
     data_synthetic_open                                                                         },
    {NULL,        NULL,                                                         NULL             },
};

const snas_dataset_row *snas_dataset_find(const char *name)
{
    for (const snas_dataset_row *row = snas_datasets; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}
