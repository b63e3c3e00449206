/* dataset.h -- labelled pictures, in memory or read on demand, and the parts they are divided into.
 *
 * A data set is one file and a row: open fills the struct. Pictures are bytes [height][width][3], pixel by pixel
 * (channels last), whatever the file's own order. The arena that open was given owns everything. loader.h makes the
 * batches; pictures are read through the functions of snas_pictures, by any number of threads.
 */
#ifndef SNAS_DATA_DATASET_H
#define SNAS_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "snas/base/arena.h"
#include "snas/tensor/team.h"

/** A picture as it is stored. */
typedef struct {
    int height, width;
    const uint8_t *pixels; /* [height][width][3] */
    int orientation;       /* that its file asks for, 2 to 8; 1 or 0: as it is stored */
    const char *damage;    /* a sentence: decoded although damaged, in part guessed; NULL: it is whole */
} snas_picture;

/** A file that holds pictures `first` and up of a part, each as a `unit` of its own, numbered from 0. */
typedef struct {
    const char *path, *unit; /* "record"; path NULL: the list ends */
    int first;
} snas_picture_source;

typedef struct snas_pictures snas_pictures;
struct snas_picture_task;
struct snas_flaws;
struct snas_inventory;

/** The functions may be called by several threads at once, each with a scratch arena of its own; the caller releases
 *  what they take there. SNAS_E_DATA or SNAS_E_IO with a sentence that names the picture when it cannot be read. */
struct snas_pictures {
    int count, side, channels; /* of a batch's pictures; channels is 3 */
    const int *labels;         /* [count], in 0..classes-1 */
    const char *title;         /* of the part, for sentences: "training", "test" */
    const uint8_t *pixels;     /* [count][side][side][3]; NULL: not in memory */
    const void *source;        /* what else the functions read from; may be NULL */
    size_t scratch_bytes;      /* that a call takes, roughly; 0: none, scratch may be NULL */
    struct snas_flaws *flaws;  /* what was found wrong with pictures that were read; NULL: nothing ever is */
    /** Picture i at its own size; out->pixels are in the set or in scratch. */
    snas_status (*read)(const snas_pictures *pictures, int i, snas_arena *scratch, snas_picture *out);
    /** Picture task->index as a batch has it, cut to size, augmented and normalised, into to [side][side][3]. */
    snas_status (*prepare)(const snas_pictures *pictures, const struct snas_picture_task *task, snas_arena *scratch,
                           float *to);
    /** The file that picture i is, in `mem`; the function NULL: pictures have no files of their own. */
    snas_status (*file)(const snas_pictures *pictures, int i, snas_arena *mem, const char **out);
    const snas_picture_source *sources; /* the files that hold several each, in their order; NULL: none */
};

/** What a sentence calls picture i: its file in quotes, or "record 7 (from 0) of 'data_batch_1.bin'", or where no file
 *  is known "training picture 7 (from 0)". */
SNAS_MUST_CHECK snas_status snas_pictures_name(const snas_pictures *pictures, int i, snas_arena *mem, const char **out);

/** Pictures with a flaw among those read since the set was opened, each counted once, and the sentence about the first
 *  of them by number; "" for none. */
typedef struct {
    int count;
    char first[1024];
} snas_flawed;
typedef enum {
    SNAS_FLAW_BROKEN,  /* could not be read, and the next of its class stood in for it */
    SNAS_FLAW_DAMAGED, /* decoded although damaged, in part guessed */
    SNAS_FLAW_COUNT
} snas_flaw;
void snas_pictures_flawed(const snas_pictures *pictures, snas_flaw flaw, snas_flawed *out);

typedef struct {
    const char *name;
    int classes;
    const char *const *class_names; /* [classes] */
    float mean[3], deviation[3];    /* of pixels in 0..1 */
    snas_pictures train, test;
    const char *source;   /* what was read, one line for the log */
    const char *note;     /* a remark for the log; NULL: none */
    const char *changed;  /* with request->pictures: which pictures came or went since; NULL: none */
    uint32_t identity;    /* checksum of the pictures' names and labels; 0: not known */
    const char *division; /* of a folder of classes, how it was divided into parts; NULL: the set has its own */
    const struct snas_inventory *inventory; /* of a folder, its pictures by name; else NULL */
} snas_dataset;

/** Which label counts, where a picture has two. */
typedef enum { SNAS_LABELS_FINE, SNAS_LABELS_COARSE, SNAS_LABELS_COUNT } snas_labels;
extern const char *const snas_labels_names[SNAS_LABELS_COUNT]; /* "fine", "coarse" */

/** What the folders in a folder of pictures stand for. */
typedef enum {
    SNAS_LAYOUT_AUTO, /* parts where one of them is `train`, else classes */
    SNAS_LAYOUT_PARTS,
    SNAS_LAYOUT_CLASSES,
    SNAS_LAYOUT_COUNT
} snas_layout;
extern const char *const snas_layout_names[SNAS_LAYOUT_COUNT]; /* "auto", "parts", "classes" */

/** Where a check reports what it finds, sentence by sentence; each is borrowed until the call returns. */
typedef struct {
    void (*fault)(void *context, const char *sentence);
    void (*note)(void *context, const char *sentence); /* worth knowing, but no fault */
    void *context;
} snas_fault_sink;

/** How photographs, pictures of any size, become pictures of a batch. Ignored by sets whose pictures have one size. */
typedef struct {
    int side;          /* of a batch's pictures */
    int shorter;       /* evaluation: what the shorter side becomes before the middle is cut out; side or more */
    double least_area; /* training: of the part that is cut out at random and resized; above 0 to 1 */
    double brightness, contrast, saturation; /* training: factors in 1 - d .. 1 + d; 0..1 */
    double hue;                              /* training: rotations in -hue .. hue of a full turn; 0..1/2 */
    bool scaled_decode;                      /* decode a JPEG at a half, a quarter, an eighth where that is enough */
    bool orient;                             /* apply a picture's EXIF orientation */
    bool skip_broken;                        /* replace a broken picture by the next of its class */
    snas_layout layout;                      /* of a folder of pictures */
    double test_share;                       /* of every class of a folder that has no train and val, 0..1 */
    uint64_t split_seed;                     /* of that division */
} snas_photo_options;

typedef struct {
    snas_photo_options photo;
    const char *path; /* folder or archive; NULL: looked for in $SNAS_DATA and data/ */
    snas_labels labels;
    uint64_t seed;               /* synthetic only */
    int train_count, test_count; /* synthetic only: pictures to make; 0 the default, 5000 and 1000 */
    int side;                    /* synthetic only: 8..256; 0 the default, 32 */
    /** Which part becomes `test`: "train" or "test"; of a folder with parts also "val", of one without "all". NULL: the
     *  test pictures. For a missing part SNAS_E_USAGE, with those that there are. */
    const char *part;
    /** folder only: a file of snas_dataset_save_pictures, whose pictures are opened, in its order. A picture that is
     *  gone is replaced by the next of its class; new ones are left out. NULL: all pictures in the folder. */
    const char *pictures;
    /** folder only, for checks: faults are reported here and the rest is opened; NULL: the first fault ends the call.
     *  */
    const snas_fault_sink *sink;
} snas_dataset_request;

/** What is known of the side of a set's pictures before it is opened. */
typedef enum {
    SNAS_SIDE_IN_FILE,   /* the file says it: row->side_in */
    SNAS_SIDE_FIXED,     /* that of the row */
    SNAS_SIDE_REQUESTED, /* pictures are made: request->side */
    SNAS_SIDE_PHOTO,     /* pictures of any size become request->photo.side */
} snas_side;

typedef struct {
    const char *name; /* config value: "cifar10", "synthetic" */
    const char *brief;
    snas_side side_from;
    int side;    /* SNAS_SIDE_FIXED: of its pictures */
    bool coarse; /* has coarse labels too */
    /** Fill `out`. SNAS_E_DATA: not found, truncated, a label out of range; SNAS_E_IO: unreadable; SNAS_E_USAGE: the
     *  request. `request` need not outlive the call. */
    snas_status (*open)(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out);
    /** Read all files and report every fault that opening may meet, and those that it would not notice. Fails only when
     *  it cannot go on. NULL: opening finds all faults. */
    snas_status (*check)(const snas_dataset_request *request, const snas_fault_sink *sink);
    /** SNAS_SIDE_IN_FILE: the side of the equal pictures in the file; 0: they have any size; -1: it cannot be told, as
     *  when there is no such file. Reads no pictures and records no sentence. */
    int (*side_in)(const char *path);
    bool has_parts; /* open handles request->part itself */
} snas_dataset_row;
extern const snas_dataset_row snas_datasets[];               /* ends with name NULL */
const snas_dataset_row *snas_dataset_find(const char *name); /* NULL when there is none */

/** Open a data set: the row's open, and the part of it that is asked for. */
SNAS_MUST_CHECK snas_status snas_dataset_open(snas_arena *mem, const snas_dataset_row *row,
                                              const snas_dataset_request *request, snas_dataset *out);

/** Write the names of the set's pictures, for request->pictures of a later opening. Sets that cannot change during a
 *  run write nothing. */
SNAS_MUST_CHECK snas_status snas_dataset_save_pictures(snas_arena *scratch, const snas_dataset *set, const char *path);

/** How two divisions are related, "split_seed 1, test_share 0.2 of the pictures 8f1d2c3b". */
typedef enum {
    SNAS_DIVISION_UNKNOWN, /* one of them is NULL */
    SNAS_DIVISION_SAME,
    SNAS_DIVISION_ANOTHER,  /* of the same pictures: a training picture of one may be a test picture of the other */
    SNAS_DIVISION_OF_OTHERS /* other pictures */
} snas_division_kinship;
snas_division_kinship snas_division_compare(const char *then, const char *now);

/** Length of the part of a division's text that states its rule, for "%.*s". */
int snas_division_rule(const char *division);

/** An ordered choice of pictures: a training part, a validation part. */
typedef struct {
    const snas_pictures *pictures;
    int count;
    const int *index; /* [count] into pictures */
} snas_selection;

/** How pictures are cut into two parts: how many each has. */
typedef struct {
    uint64_t seed;
    int first, second;
} snas_split;

/** Cut `pictures` at random (stream SPLIT): the first `split.first` of a permutation and the `split.second` after them.
 *  Counts >= 0 and their sum <= pictures->count, else SNAS_E_USAGE. */
SNAS_MUST_CHECK snas_status snas_selection_split(snas_arena *mem, const snas_pictures *pictures, snas_split split,
                                                 snas_selection *first, snas_selection *second);

/** All pictures in their own order. */
SNAS_MUST_CHECK snas_status snas_selection_all(snas_arena *mem, const snas_pictures *pictures, snas_selection *out);

/** A picture that belongs to no set, and how to prepare it. */
typedef struct {
    const char *path;              /* JPEG or PNG */
    int side, shorter;             /* as in snas_photo_options */
    bool orient;                   /* the same */
    const float *mean, *deviation; /* [3], of pixels in 0..1 */
} snas_picture_file;

/** Read it as an evaluation reads a photograph, into to [side][side][3]. *flawed says whether it is damaged. The caller
 *  releases what is taken from `scratch`. SNAS_E_DATA or SNAS_E_IO with a sentence that names it. */
SNAS_MUST_CHECK snas_status snas_picture_file_prepare(const snas_picture_file *file, snas_arena *scratch, float *to,
                                                      snas_flawed *flawed);

#include "snas/data/loader.h"

#endif
