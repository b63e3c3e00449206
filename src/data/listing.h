/* listing.h -- what a folder holds, sorted. Private to the room. */
#ifndef SNAS_DATA_LISTING_H
#define SNAS_DATA_LISTING_H

#include "snas/base/arena.h"
#include "snas/data/dataset.h"

typedef struct {
    char **folders, **files; /* names by bytes, ascending; hidden ones left out; symbolic links followed */
    int folder_count, file_count;
    int strange_count; /* what is neither: links that lead nowhere, pipes, devices; each has been told */
} data_listing;

/** List one folder, not what its folders hold. SNAS_E_IO when it cannot be read; SNAS_E_DATA when a symbolic link in it
 *  leads nowhere or round in a circle, or when it holds a pipe, a socket, a device. With a sink these are told there,
 *  and what can be listed is. */
SNAS_MUST_CHECK snas_status data_list(snas_arena *mem, const snas_fault_sink *sink, const char *path,
                                      data_listing *out);

/** Hand the recorded fault to the sink and go on; without a sink it is `status`. */
SNAS_MUST_CHECK snas_status data_tell_fault(const snas_fault_sink *sink, snas_status status);

/** Record a fault's sentence and hand it on so. */
#define DATA_FAULT(sink, status, ...) (snas_record(__VA_ARGS__), data_tell_fault(sink, status))

/** Whether `name` is one of the folders. */
int data_listing_find(const data_listing *listing, const char *name); /* its index, -1 for none */

bool data_listing_has_file(const data_listing *listing, const char *name);

#endif
