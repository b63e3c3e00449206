/* formats.h -- what a format is to this room: a row that forms files from the network that is exported. */
#ifndef SNAS_EXPORT_FORMATS_H
#define SNAS_EXPORT_FORMATS_H

#include "snas/base/file.h"
#include "snas/export/export.h"
#include "snas/learn/child_file.h"

/** The network that is exported. */
typedef struct {
    const snas_export_request *request;
    snas_child child;
    snas_genotype genotype;
    bool auxiliary; /* the weights hold an auxiliary classifier, which the network here is without */
    snas_team team; /* the network's, which borrows it */
    snas_network *network;
} export_subject;

/** A file that is to be written. */
typedef struct {
    const char *path;
    const snas_bytes *parts;
    int count;
} export_file;

/** What a format has formed. */
typedef struct {
    export_file files[SNAS_EXPORT_FILES_MAX];
    int file_count;
    int64_t flash_bytes, ram_bytes; /* as in snas_exported */
    int pictures;                   /* likewise */
} export_formed;

/** Bits of what may be requested of a format. */
enum { EXPORT_FOLD = 1, EXPORT_PROBABILITIES = 2, EXPORT_INT8 = 4 };

typedef struct {
    const char *brief;  /* what it writes */
    const char *ending; /* of its file */
    unsigned takes;     /* bits */
    snas_status (*form)(snas_arena *mem, const export_subject *subject, export_formed *out);
} export_format;

#define EXPORT_ROW(KIND, symbol) extern const export_format export_##symbol;
SNAS_EXPORT_FORMATS(EXPORT_ROW)
#undef EXPORT_ROW

/** One file of the format, with a text in it. */
SNAS_MUST_CHECK snas_status export_add_text(snas_arena *mem, const char *path, const snas_text *text,
                                            export_formed *to);

#endif
