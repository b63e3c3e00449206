/* cifar.h -- what the files of CIFAR-10 and CIFAR-100 share: a row a data set, and the files of one that were read.
 * */
#ifndef SNAS_DATA_CIFAR_H
#define SNAS_DATA_CIFAR_H

#include "parts.h"
#include "snas/base/file.h"

enum { CIFAR_FILES_MAX = 6, CIFAR_LABELS_MAX = 2, CIFAR_SIDE = 32 };
enum { CIFAR_PIXELS = 3 * CIFAR_SIDE * CIFAR_SIDE }; /* bytes of a picture */

/** What one byte of a record says. */
typedef struct {
    const char *what; /* for messages: "label", "fine label" */
    int classes;
    const char *names_file;   /* beside the pictures, a name a line; need not be there */
    const char *const *names; /* [classes], where it is not */
} cifar_labels;

/** A record is label_bytes bytes, then CIFAR_PIXELS. */
typedef struct {
    const char *name, *title;
    const char *folder, *archive; /* as the binary version is published */
    const char *script;           /* that fetches it */
    const char *python_folder, *python_archive;
    const char *python_file;            /* one that only the python version has */
    const char *files[CIFAR_FILES_MAX]; /* training files, then the test file */
    int records[CIFAR_FILES_MAX];       /* of the published files */
    int file_count;
    int label_bytes;
    cifar_labels labels[CIFAR_LABELS_MAX]; /* [label_bytes] */
    int byte_of[SNAS_LABELS_COUNT];        /* which byte is asked for; -1: none is */
    float mean[3], deviation[3];
} cifar_row;
extern const cifar_row cifar_rows[]; /* ends with name NULL */

typedef struct {
    const char *path;
    bool archive; /* else a folder that holds the files */
} cifar_place;

/** Where the pictures are: `path`, a folder or an archive, or with NULL in $SNAS_DATA and in data/. SNAS_E_DATA when
 *  they are not found, or only in the python version. */
snas_status cifar_find(snas_arena *mem, const cifar_row *row, const char *path, cifar_place *out);

/** SNAS_E_DATA: the python version is no use, and which one is. */
snas_status cifar_refuse_python(const cifar_row *row, const char *path);

#endif
