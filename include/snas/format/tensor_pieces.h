/* tensor_pieces.h -- safetensors files that are too large for memory: read tensor by tensor, written piece by piece.
 *
 * The format, its rules and its checksums are those of safetensors.h.
 */
#ifndef SNAS_FORMAT_TENSOR_PIECES_H
#define SNAS_FORMAT_TENSOR_PIECES_H

#include "snas/base/file.h"
#include "snas/format/safetensors.h"

/** A file of which only the header has been read. */
typedef struct {
    const snas_held *file;   /* open as long as the arena */
    snas_tensor_file head;   /* no tensor has data */
    const int64_t *place;    /* [head.count] the tensor's first byte in the file */
    int64_t buffer;          /* where the tensors begin: from there to file->size */
    const char *buffer_said; /* the buffer's checksum as the header says it; NULL: none */
} snas_tensor_map;

/** Open the file and check all that its header says, its checksum too; the tensors themselves are not read. */
SNAS_MUST_CHECK snas_status snas_tensor_map_open(snas_arena *mem, const char *path, snas_tensor_map *out);

int snas_tensor_map_find(const snas_tensor_map *map, const char *name); /* -1 when missing */

/** Read tensor i into `to`, which has room for its elements. */
SNAS_MUST_CHECK snas_status snas_tensor_map_read(const snas_tensor_map *map, int i, void *to);

/** Compare the whole buffer with its checksum, when there is one. `mem` is scratch: 1 MiB, whatever the file's size. */
SNAS_MUST_CHECK snas_status snas_tensor_map_check(snas_arena *mem, const snas_tensor_map *map);

/** A file that is being written. */
typedef struct snas_tensor_writer snas_tensor_writer;

/** Begin to replace `path`, which must outlive the writer. The plan gives each tensor's name, type and number of
 *  dimensions, and the metadata; all are borrowed until the commit. Without a commit the file is removed when the arena
 *  is destroyed. */
SNAS_MUST_CHECK snas_status snas_tensor_writer_open(snas_arena *mem, const char *path, const snas_tensor_file *plan,
                                                    snas_tensor_writer **out);

/** Add `size` bytes to the current tensor, at first the first of the plan. */
SNAS_MUST_CHECK snas_status snas_tensor_writer_add(snas_tensor_writer *writer, const void *data, size_t size);

/** End the current tensor with its `shape` [dims], asserted to fit what was added, and begin the next one. */
void snas_tensor_writer_close(snas_tensor_writer *writer, const int64_t *shape);

/** After the last tensor: write the header and put the file in its place. *bytes: its size. */
SNAS_MUST_CHECK snas_status snas_tensor_writer_commit(snas_tensor_writer *writer, int64_t *bytes);

#endif
