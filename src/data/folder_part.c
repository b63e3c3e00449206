/* folder_part.c -- the pictures of a folder of classes: listed class by class, and divided where nobody has done so.
 *
 * A picture's lot is drawn from (split_seed, SPLIT, hash of its class and name), whatever else is there; the lowest
 * of a class are tested. So a picture that comes or goes, or a class, moves at most one other picture a class from
 * one part to the other.
 */
#include <math.h>
#include <stdlib.h>

#include "folder.h"
#include "parts.h"
#include "snas/base/text.h"

enum { CLASSES_MOST = 1000000 };

snas_status data_folder_add(snas_arena *mem, data_folder_part *to, int label, const char *name)
{
    SNAS_GROW(mem, to->names, to->count, to->name_room);
    SNAS_GROW(mem, to->labels, to->count, to->label_room);
    to->names[to->count] = name;
    to->labels[to->count++] = label;
    return SNAS_OK;
}

snas_status data_folder_classes(snas_arena *mem, const snas_fault_sink *sink, const char *path, int least,
                                data_listing *out)
{
    SNAS_TRY(data_list(mem, sink, path, out));
    if (out->folder_count == 0 && out->file_count > 0) {
        return DATA_FAULT(sink, SNAS_E_DATA,
                          "'%s' holds %d files and no folder a class: sort them into folders named after their classes",
                          path, out->file_count);
    }
    if (out->folder_count < least || out->folder_count > CLASSES_MOST) {
        return DATA_FAULT(sink, SNAS_E_DATA, "'%s' holds %d folders of classes, allowed are %d to %d", path,
                          out->folder_count, least, CLASSES_MOST);
    }
    return SNAS_OK;
}

/* The files of a class. */
static snas_status list_class(snas_arena *mem, const snas_fault_sink *sink, const char *folder, data_listing *out)
{
    SNAS_TRY(data_list(mem, sink, folder, out));
    for (int i = 0; i < out->folder_count; i++) {
        SNAS_TRY(DATA_FAULT(sink, SNAS_E_DATA, "the class folder '%s' holds the folder '%s', allowed are pictures",
                            folder, out->folders[i]));
    }
    return out->file_count > 0 || out->strange_count > 0
               ? SNAS_OK
               : DATA_FAULT(sink, SNAS_E_DATA, "the class folder '%s' is empty, where pictures are wanted", folder);
}

snas_status data_folder_fill(snas_arena *mem, const snas_fault_sink *sink, int classes, const data_listing *listed,
                             data_folder_part *to)
{
    for (int k = 0; k < classes; k++) {
        data_listing files;
        if (data_listing_find(listed, to->class_names[k]) < 0) {
            continue; /* which has been told */
        }
        const char *folder = snas_format(mem, "%s/%s", to->path, to->class_names[k]);
        SNAS_TRY(snas_taken(folder));
        SNAS_TRY(list_class(mem, sink, folder, &files));
        for (int i = 0; i < files.file_count; i++) {
            SNAS_TRY(data_folder_add(mem, to, k, files.files[i]));
        }
    }
    return SNAS_OK;
}

/* Where the class of picture `first` ends. */
static int class_end(const data_folder_part *all, int first)
{
    int end = first + 1;
    while (end < all->count && all->labels[end] == all->labels[first]) {
        end++;
    }
    return end;
}

/* FNV-1a over class and name, each with its final 0. */
static uint64_t hash_of(const char *class_name, const char *name)
{
    const char *const texts[] = {class_name, name};
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int t = 0; t < 2; t++) {
        const char *at = texts[t];
        do {
            hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
        } while (*at++ != '\0');
    }
    return hash;
}

/* A picture's lot, and which it is of its class. */
typedef struct {
    uint64_t value;
    int i;
} lot;

static int compare_lots(const void *a, const void *b)
{
    const lot *x = a, *y = b;
    if (x->value != y->value) {
        return x->value < y->value ? -1 : 1;
    }
    return x->i - y->i;
}

/* The class that begins with picture `first` of `all`: its pictures with the lowest lots are tested. */
static snas_status divide_class(snas_arena *mem, const snas_photo_options *options, const data_folder_part *all,
                                int first, data_folder_part *train, data_folder_part *test)
{
    lot *lots;
    bool *tested;
    const int label = all->labels[first], count = class_end(all, first) - first;
    int tests = (int)rint(options->test_share * count);
    tests = tests < 1 ? 1 : tests > count - 1 ? count - 1 : tests;
    SNAS_NEW(mem, lots, count);
    SNAS_NEW(mem, tested, count);
    for (int i = 0; i < count; i++) {
        const uint64_t hash = hash_of(all->class_names[label], all->names[first + i]);
        snas_rng rng = snas_rng_at(options->split_seed, SNAS_STREAM_SPLIT, hash);
        const uint64_t high = snas_rng_u32(&rng);
        lots[i] = (lot){.value = high << 32 | snas_rng_u32(&rng), .i = i};
    }
    qsort(lots, (size_t)count, sizeof *lots, compare_lots);
    for (int i = 0; i < tests; i++) {
        tested[lots[i].i] = true;
    }
    for (int i = 0; i < count; i++) {
        SNAS_TRY(data_folder_add(mem, tested[i] ? test : train, label, all->names[first + i]));
    }
    return SNAS_OK;
}

snas_status data_folder_divide(snas_arena *mem, const snas_fault_sink *sink, const snas_photo_options *options,
                               const data_folder_part *all, data_folder_part *train, data_folder_part *test)
{
    *train = *test = (data_folder_part){.path = all->path, .class_names = all->class_names};
    for (int first = 0, end; first < all->count; first = end) {
        end = class_end(all, first);
        if (end - first < 2) {
            SNAS_TRY(DATA_FAULT(sink, SNAS_E_DATA,
                                "the class folder '%s/%s' holds 1 picture; to be divided into training and test it "
                                "needs 2",
                                all->path, all->class_names[all->labels[first]]));
            SNAS_TRY(data_folder_add(mem, train, all->labels[first], all->names[first]));
            continue;
        }
        SNAS_TRY(divide_class(mem, options, all, first, train, test));
    }
    return SNAS_OK;
}
