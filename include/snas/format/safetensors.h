/* safetensors.h -- named tensors in one file, read with every rule of the format and written whole.
 *
 * Layout: u64 little-endian N | N bytes of JSON header | buffer. Read: any tensor order; refused with SNAS_E_DATA and a
 * sentence: a hole, an overlap, a trailing byte, a size that does not match its shape, a duplicate name, an unknown
 * dtype, a header that lies about its length. The header is read by a streaming parser (no DOM, at most 8 MiB).
 * Written: header starts with '{' and is padded with spaces so that the buffer starts on a multiple of 64 bytes;
 * tensors in the given order; metadata gets "snas.crc32c" (eight hex digits) over the buffer and "snas.header.crc32c"
 * over what comes before it (its own digits counted as zeros). The reader checks both when they are there; a file has
 * both or none.
 */
#ifndef SNAS_FORMAT_SAFETENSORS_H
#define SNAS_FORMAT_SAFETENSORS_H

#include <stdint.h>

#include "snas/base/arena.h"

enum { SNAS_TENSOR_DIMS_MAX = 8 };

typedef enum { SNAS_F32, SNAS_F64, SNAS_F16, SNAS_BF16, SNAS_I64, SNAS_U64, SNAS_U8, SNAS_DTYPE_COUNT } snas_dtype;

size_t snas_dtype_size(snas_dtype dtype);      /* bytes */
const char *snas_dtype_name(snas_dtype dtype); /* "F32", ... */

typedef struct {
    const char *name;
    snas_dtype dtype;
    int dims;
    int64_t shape[SNAS_TENSOR_DIMS_MAX]; /* C order */
    const void *data; /* count elements, little-endian; when read: in the caller's arena, 8-aligned */
    int64_t count;    /* product of the shape, 1 for a scalar */
} snas_named_tensor;

typedef struct {
    const char *key, *value;
} snas_metadata;

typedef struct {
    snas_named_tensor *tensors;
    int count;
    snas_metadata *metadata;
    int metadata_count;
} snas_tensor_file;

/** Read a whole file into the arena. */
SNAS_MUST_CHECK snas_status snas_safetensors_load(snas_arena *mem, const char *path, snas_tensor_file *out);

/** Replace the file (whole or not at all). `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_safetensors_save(snas_arena *mem, const char *path, const snas_tensor_file *file);

/** The same, but SNAS_E_NUMERIC with a sentence, and nothing is written, when snas_tensor_finite refuses a tensor. */
SNAS_MUST_CHECK snas_status snas_safetensors_save_finite(snas_arena *mem, const char *path,
                                                         const snas_tensor_file *file);

/** As snas_safetensors_save_finite, for a file that the program names: a symbolic link at `path` is itself replaced. */
SNAS_MUST_CHECK snas_status snas_safetensors_save_nofollow(snas_arena *mem, const char *path,
                                                           const snas_tensor_file *file);

const snas_named_tensor *snas_tensor_find(const snas_tensor_file *file, const char *name); /* NULL when missing */
const char *snas_metadata_find(const snas_tensor_file *file, const char *key);             /* NULL when missing */

/** Copy the elements as doubles / floats. The real dtypes only (F32, F64, F16, BF16): else SNAS_E_DATA naming
 *  the tensor and its dtype. */
SNAS_MUST_CHECK snas_status snas_tensor_to_double(const snas_named_tensor *tensor, double *to);
SNAS_MUST_CHECK snas_status snas_tensor_to_float(const snas_named_tensor *tensor, float *to);

/** SNAS_E_NUMERIC with a sentence that names tensor and number, unless all elements of a real dtype are finite. */
SNAS_MUST_CHECK snas_status snas_tensor_finite(const snas_named_tensor *tensor);

/** CRC-32C (Castagnoli) of `size` bytes, continued from `crc` (0 to start). */
uint32_t snas_crc32c(uint32_t crc, const void *data, size_t size);

#endif
