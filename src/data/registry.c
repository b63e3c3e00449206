/* registry.c -- the data sets, one row each. */
#include <stddef.h>
#include <string.h>

#include "cifar.h"
#include "parts.h"

const snas_dataset_row snas_datasets[] = {
    {.name = "cifar10",
     .brief = "CIFAR-10, binary version: a folder or its .tar.gz",
     .side_from = SNAS_SIDE_FIXED,
     .side = CIFAR_SIDE,
     .open = data_cifar10_open,
     .check = data_cifar10_check},
    {.name = "cifar100",
     .brief = "CIFAR-100, binary version: a folder or its .tar.gz; 100 classes, or 20 coarse ones",
     .side_from = SNAS_SIDE_FIXED,
     .side = CIFAR_SIDE,
     .coarse = true,
     .open = data_cifar100_open,
     .check = data_cifar100_check},
    {.name = "folder",
     .brief = "pictures in folders, JPEG or PNG, a folder a class",
     .side_from = SNAS_SIDE_PHOTO,
     .open = data_folder_open,
     .has_parts = true},
    {.name = "packed",
     .brief = "a data set in one file of decoded pictures, which `snas data pack` writes",
     .side_from = SNAS_SIDE_IN_FILE,
     .open = data_packed_open,
     .check = data_packed_check,
     .side_in = data_packed_side},
    {.name = "synthetic",
     .brief = "ten classes of drawn textures and shapes, made on the spot",
     .side_from = SNAS_SIDE_REQUESTED,
     .open = data_synthetic_open},
    {.name = NULL},
};

const char *const snas_labels_names[SNAS_LABELS_COUNT] = {"fine", "coarse"};

const snas_dataset_row *snas_dataset_find(const char *name)
{
    for (const snas_dataset_row *row = snas_datasets; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

/* A set of two parts: `test` is what it is, or the training pictures. */
static snas_status take_part(const char *part, snas_dataset *set)
{
    if (part == NULL || strcmp(part, "test") == 0) {
        return SNAS_OK;
    }
    if (strcmp(part, "train") == 0) {
        set->test = set->train;
        return SNAS_OK;
    }
    return snas_fail(SNAS_E_USAGE, "the data set '%s' has no part '%s', it has 'train' and 'test'", set->name, part);
}

snas_status snas_dataset_open(snas_arena *mem, const snas_dataset_row *row, const snas_dataset_request *request,
                              snas_dataset *out)
{
    SNAS_TRY(row->open(mem, request, out));
    if (request->labels == SNAS_LABELS_COARSE && !row->coarse) {
        return snas_fail(SNAS_E_USAGE, "the data set '%s' has no coarse labels, allowed is 'fine'", row->name);
    }
    if (row->has_parts) {
        return SNAS_OK;
    }
    out->train.title = "training";
    out->test.title = "test";
    return take_part(request->part, out);
}
