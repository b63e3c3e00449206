/* folder.h -- what the files about folders of pictures share. Private to the room.
 *
 * Whoever looks a data set over wants to hear of every fault in it: a sink is told each and passed over. Without a sink
 * the first fault is the end.
 */
#ifndef SNAS_DATA_FOLDER_H
#define SNAS_DATA_FOLDER_H

#include "listing.h"
#include "snas/data/dataset.h"

/** The pictures of one part: picture i is path/class_names[labels[i]]/names[i]. */
typedef struct {
    const char *path;
    const char *const *class_names;
    const char **names;
    int *labels;
    bool *gone; /* [count]: it was there once; NULL: all are there */
    int count, name_room, label_room;
} data_folder_part;

/** One more picture. */
SNAS_MUST_CHECK snas_status data_folder_add(snas_arena *mem, data_folder_part *to, int label, const char *name);

/** The folders in `path` that stand for classes, `least` of them or more. */
SNAS_MUST_CHECK snas_status data_folder_classes(snas_arena *mem, const snas_fault_sink *sink, const char *path,
                                                int least, data_listing *out);

/** All pictures of all classes that `listed` has, in the order of class_names [classes]. */
SNAS_MUST_CHECK snas_status data_folder_fill(snas_arena *mem, const snas_fault_sink *sink, int classes,
                                             const data_listing *listed, data_folder_part *to);

/** Of every class of `all` its test pictures, drawn by the seed, and the others, both in the order of their names. */
SNAS_MUST_CHECK snas_status data_folder_divide(snas_arena *mem, const snas_fault_sink *sink,
                                               const snas_photo_options *options, const data_folder_part *all,
                                               data_folder_part *train, data_folder_part *test);

/** All pictures of a folder by name: the training part, then the test's, each with its folder in the root. */
struct snas_inventory {
    data_folder_part parts[2];
    const char *folders[2]; /* "train"; ".", the root itself */
    const char *division;   /* as in snas_dataset */
    int classes;            /* the same in both parts, all of them in class_names */
};

/** Read a file of snas_dataset_save_pictures; paths of the parts are left open. SNAS_E_IO with the line when it is not
 *  a good one. */
SNAS_MUST_CHECK snas_status data_inventory_load(snas_arena *mem, const char *path, struct snas_inventory *out);

/** Fill `gone` of both parts, whose paths are set. *changed: what has gone and come, a sentence; NULL: nothing.
 *  SNAS_E_DATA when a class has lost all of its pictures in a part. */
SNAS_MUST_CHECK snas_status data_inventory_compare(snas_arena *mem, struct snas_inventory *inventory,
                                                   const char **changed);

#endif
