/* safetensors.c -- named tensors in one file: what is read is checked completely, what is written is whole.
 *
 *      u64 little-endian N | N bytes of JSON header | buffer
 *
 * Two checksums of our own stand in the metadata, each eight hexadecimal digits of CRC-32C: "snas.crc32c" over the
 * buffer, "snas.header.crc32c" over the N and the header with its own digits read as zeros. A file has both or none,
 * so that a single damaged bit anywhere is seen. Foreign files have none, foreign readers ignore them.
 */
#include "snas/format/safetensors.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "safetensors_header.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/tensor_pieces.h"

enum { DATA_ALIGNMENT = 8 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the buffer is little-endian and used as it lies");

static double real_f32(const void *data, int64_t i)
{
    return (double)((const float *)data)[i];
}

static double real_f64(const void *data, int64_t i)
{
    return ((const double *)data)[i];
}

static double real_bf16(const void *data, int64_t i)
{
    const uint32_t wide = (uint32_t)((const uint16_t *)data)[i] << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return (double)value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 mantissa bits; every value is a double. */
static double real_f16(const void *data, int64_t i)
{
    enum { MANTISSA_BITS = 10, BIAS = 15, SPECIAL = 31 };
    const uint16_t bits = ((const uint16_t *)data)[i];
    const int exponent = bits >> MANTISSA_BITS & SPECIAL, mantissa = bits & ((1 << MANTISSA_BITS) - 1);
    const int whole =
        exponent == 0 ? mantissa : mantissa + (1 << MANTISSA_BITS); /* without the hidden bit: subnormal */
    double value = ldexp(whole, (exponent == 0 ? 1 : exponent) - BIAS - MANTISSA_BITS);
    if (exponent == SPECIAL) {
        value = mantissa == 0 ? HUGE_VAL : (double)NAN;
    }
    return (bits & 0x8000) != 0 ? -value : value;
}

/* Name, bytes and, of the real ones, element i. */
static const struct {
    const char *name;
    size_t size;
    double (*real)(const void *data, int64_t i);
} DTYPES[SNAS_DTYPE_COUNT] = {
    [SNAS_F32] = {"F32", 4, real_f32},    [SNAS_F64] = {"F64", 8, real_f64}, [SNAS_F16] = {"F16", 2, real_f16},
    [SNAS_BF16] = {"BF16", 2, real_bf16}, [SNAS_I64] = {"I64", 8, NULL},     [SNAS_U64] = {"U64", 8, NULL},
    [SNAS_U8] = {"U8", 1, NULL},
};

size_t snas_dtype_size(snas_dtype dtype)
{
    return DTYPES[dtype].size;
}

const char *snas_dtype_name(snas_dtype dtype)
{
    return DTYPES[dtype].name;
}

size_t format_tensor_bytes(const snas_named_tensor *tensor)
{
    return (size_t)tensor->count * snas_dtype_size(tensor->dtype);
}

static snas_status check_checksums(const char *path, snas_bytes file, uint64_t N, const format_header *header)
{
    const char *text = (const char *)file.data + FORMAT_PREFIX_BYTES, *said;
    SNAS_TRY(format_header_check_crc(path, text, N, header, &said));
    const size_t buffer_size = file.size - FORMAT_PREFIX_BYTES - (size_t)N;
    return said == NULL ? SNAS_OK : format_crc_check(path, "buffer", snas_crc32c(0, text + N, buffer_size), said);
}

/* Point each tensor into the buffer, or to an aligned copy when it lies askew there. */
static snas_status place_tensors(snas_arena *mem, const char *buffer, const format_header *header,
                                 snas_tensor_file *out)
{
    SNAS_NEW(mem, out->tensors, header->count);
    out->count = header->count;
    for (int i = 0; i < header->count; i++) {
        snas_named_tensor *tensor = &out->tensors[i];
        *tensor = header->entries[i].tensor;
        tensor->data = buffer + header->entries[i].begin;
        if ((uintptr_t)tensor->data % DATA_ALIGNMENT != 0) {
            char *copy;
            SNAS_NEW(mem, copy, format_tensor_bytes(tensor));
            memcpy(copy, tensor->data, format_tensor_bytes(tensor));
            tensor->data = copy;
        }
    }
    return SNAS_OK;
}

/* The header alone, before memory is taken for a file of whatever size. */
static snas_status check_head(const char *path)
{
    snas_arena *scratch;
    snas_tensor_map map;
    SNAS_TRY(snas_arena_create("a file's header", 0, &scratch));
    const snas_status status = snas_tensor_map_open(scratch, path, &map);
    snas_arena_destroy(scratch);
    return status;
}

snas_status snas_safetensors_load(snas_arena *mem, const char *path, snas_tensor_file *out)
{
    *out = (snas_tensor_file){0};
    snas_bytes file;
    SNAS_TRY(check_head(path));
    SNAS_TRY(snas_file_read(mem, path, PTRDIFF_MAX, &file));
    if (file.size < FORMAT_PREFIX_BYTES) {
        return format_header_fail(path, "%zu bytes are too few", file.size);
    }
    uint64_t N;
    memcpy(&N, file.data, sizeof N);
    if (N > FORMAT_HEADER_MAX || N > file.size - FORMAT_PREFIX_BYTES) {
        return format_header_fail(path, "its header claims %" PRIu64 " bytes, the file has %zu, allowed are %d", N,
                                  file.size, FORMAT_HEADER_MAX);
    }
    const char *text = (const char *)file.data + FORMAT_PREFIX_BYTES;
    const int64_t buffer_size = (int64_t)(file.size - FORMAT_PREFIX_BYTES - (size_t)N);
    format_header header;
    SNAS_TRY(format_header_parse(mem, path, text, (size_t)N, &header));
    SNAS_TRY(format_header_check(mem, path, &header, buffer_size));
    SNAS_TRY(check_checksums(path, file, N, &header));
    SNAS_TRY(place_tensors(mem, text + N, &header, out));
    out->metadata = header.metadata;
    out->metadata_count = header.metadata_count;
    return SNAS_OK;
}

typedef snas_status replacement(const char *path, const snas_bytes *parts, int count);

static snas_status save(snas_arena *mem, const char *path, const snas_tensor_file *file, replacement *replace)
{
    snas_text text;
    snas_bytes *parts;
    uint32_t crc = 0;
    for (int i = 0; i < file->count; i++) {
        crc = snas_crc32c(crc, file->tensors[i].data, format_tensor_bytes(&file->tensors[i]));
    }
    SNAS_TRY(format_header_form(mem, path, file, crc, 0, &text));
    SNAS_NEW(mem, parts, file->count + 1);
    parts[0] = (snas_bytes){.data = text.data, .size = text.size};
    for (int i = 0; i < file->count; i++) {
        parts[i + 1] = (snas_bytes){.data = file->tensors[i].data, .size = format_tensor_bytes(&file->tensors[i])};
    }
    return replace(path, parts, file->count + 1);
}

snas_status snas_safetensors_save(snas_arena *mem, const char *path, const snas_tensor_file *file)
{
    return save(mem, path, file, snas_file_replace);
}

const snas_named_tensor *snas_tensor_find(const snas_tensor_file *file, const char *name)
{
    for (int i = 0; i < file->count; i++) {
        if (strcmp(file->tensors[i].name, name) == 0) {
            return &file->tensors[i];
        }
    }
    return NULL;
}

const char *snas_metadata_find(const snas_tensor_file *file, const char *key)
{
    for (int i = 0; i < file->metadata_count; i++) {
        if (strcmp(file->metadata[i].key, key) == 0) {
            return file->metadata[i].value;
        }
    }
    return NULL;
}

static snas_status not_real(const snas_named_tensor *tensor)
{
    char shown[256];
    return snas_fail(SNAS_E_DATA, "tensor '%s' has the dtype %s, allowed are F32, F64, F16 and BF16",
                     snas_printable(shown, sizeof shown, tensor->name), snas_dtype_name(tensor->dtype));
}

snas_status snas_tensor_to_double(const snas_named_tensor *tensor, double *to)
{
    double (*const real)(const void *data, int64_t i) = DTYPES[tensor->dtype].real;
    for (int64_t i = 0; real != NULL && i < tensor->count; i++) {
        to[i] = real(tensor->data, i);
    }
    return real != NULL ? SNAS_OK : not_real(tensor);
}

snas_status snas_tensor_to_float(const snas_named_tensor *tensor, float *to)
{
    double (*const real)(const void *data, int64_t i) = DTYPES[tensor->dtype].real;
    for (int64_t i = 0; real != NULL && i < tensor->count; i++) {
        to[i] = (float)real(tensor->data, i);
    }
    return real != NULL ? SNAS_OK : not_real(tensor);
}

snas_status snas_tensor_finite(const snas_named_tensor *tensor)
{
    double (*const real)(const void *data, int64_t i) = DTYPES[tensor->dtype].real;
    for (int64_t i = 0; real != NULL && i < tensor->count; i++) {
        const double value = real(tensor->data, i);
        if (!isfinite(value)) {
            char shown[256];
            return snas_fail(SNAS_E_NUMERIC, "tensor '%s' holds %s in place %" PRId64 ", allowed are finite numbers",
                             snas_printable(shown, sizeof shown, tensor->name),
                             isnan(value)  ? "nan"
                             : value > 0.0 ? "inf"
                                           : "-inf",
                             i);
        }
    }
    return SNAS_OK;
}

static snas_status want_finite(const char *path, const snas_tensor_file *file)
{
    for (int i = 0; i < file->count; i++) {
        const snas_status status = snas_tensor_finite(&file->tensors[i]);
        if (status != SNAS_OK) {
            char shown[512];
            snas_record("'%s' is not written: %s", snas_printable(shown, sizeof shown, path), snas_error());
            return status;
        }
    }
    return SNAS_OK;
}

snas_status snas_safetensors_save_finite(snas_arena *mem, const char *path, const snas_tensor_file *file)
{
    SNAS_TRY(want_finite(path, file));
    return save(mem, path, file, snas_file_replace);
}

snas_status snas_safetensors_save_nofollow(snas_arena *mem, const char *path, const snas_tensor_file *file)
{
    SNAS_TRY(want_finite(path, file));
    return save(mem, path, file, snas_file_replace_nofollow);
}
