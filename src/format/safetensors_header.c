/* safetensors_header.c -- a streaming parser for the one JSON shape that a safetensors header may have.
 *
 *      header   = { (name : entry | "__metadata__" : { (string : string)* })* }        JSON whitespace anywhere
 *      entry    = { "dtype": string, "shape": [n*], "data_offsets": [begin, end] }     keys in any order, each once
 *
 * No tree is built, nothing recurses, and memory is at most a few times the header, so a hostile header costs little.
 * Source: the safetensors README and its reference reader.
 */
#include "safetensors_header.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_string.h"
#include "snas/base/checked.h"
#include "snas/base/text.h"

typedef struct {
    snas_arena *mem;
    const char *path;
    const char *start, *at, *end;
    format_header *out;
    int entry_capacity, metadata_capacity;
} parser;

snas_status format_header_fail(const char *path, const char *format, ...)
{
    char why[1024], shown[512];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return snas_fail(SNAS_E_DATA, "'%s' is not a good safetensors file: %s", snas_printable(shown, sizeof shown, path),
                     why);
}

/* A fault at the place that was reached. */
static snas_status fail_here(const parser *p, const char *problem)
{
    return format_header_fail(p->path, "%s, at byte %td of the header", problem, p->at - p->start);
}

/* The next byte that is not whitespace; 0 at the end. */
static char peek(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t')) {
        p->at++;
    }
    return (char)(p->at < p->end ? *p->at : '\0');
}

static snas_status expect(parser *p, char wanted)
{
    if (peek(p) != wanted) {
        char problem[32];
        snprintf(problem, sizeof problem, "'%c' is missing", wanted);
        return fail_here(p, problem);
    }
    p->at++;
    return SNAS_OK;
}

/* After an item of a list: is there another one? Eats the comma or the closing bracket. */
static snas_status another(parser *p, char closing, bool *more)
{
    *more = peek(p) == ',';
    if (*more) {
        p->at++;
        return SNAS_OK;
    }
    return expect(p, closing);
}

/* Eats the opening bracket, and the closing one when the list is empty. */
static snas_status open_list(parser *p, char opening, char closing, bool *more)
{
    SNAS_TRY(expect(p, opening));
    *more = peek(p) != closing;
    return *more ? SNAS_OK : expect(p, closing);
}

/* A string into the arena. */
static snas_status parse_string(parser *p, const char **out)
{
    if (peek(p) != '"') {
        return fail_here(p, "a string is missing");
    }
    const char *probe = p->at;
    const char *problem = format_json_string(&probe, p->end, NULL);
    if (problem != NULL) {
        p->at = probe;
        return fail_here(p, problem);
    }
    char *to;
    SNAS_NEW(p->mem, to, probe - p->at);
    format_json_string(&p->at, p->end, to);
    *out = to;
    return SNAS_OK;
}

static snas_status parse_number(parser *p, int64_t *out)
{
    const char first = peek(p);
    const char *from = p->at;
    int64_t value = 0;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9' && value <= FORMAT_NUMBER_MAX) {
        value = 10 * value + (*p->at++ - '0');
    }
    const bool more = p->at < p->end && *p->at != '\0' && strchr("0123456789.eE+-", *p->at) != NULL;
    if (p->at == from || more || value > FORMAT_NUMBER_MAX || (first == '0' && p->at - from > 1)) {
        p->at = from;
        return fail_here(p, "not a whole number from 0 to 2^48-1");
    }
    *out = value;
    return SNAS_OK;
}

/* A list of at most `max` numbers. */
static snas_status parse_numbers(parser *p, int64_t *to, int max, int *count)
{
    bool more;
    *count = 0;
    SNAS_TRY(open_list(p, '[', ']', &more));
    while (more) {
        if (*count == max) {
            return fail_here(p, "too many numbers in a list");
        }
        SNAS_TRY(parse_number(p, &to[*count]));
        ++*count;
        SNAS_TRY(another(p, ']', &more));
    }
    return SNAS_OK;
}

static snas_status refuse_dtype(const parser *p, const char *tensor, const char *dtype)
{
    char shown[128], found[64], allowed[128] = "";
    size_t used = 0;
    for (int i = 0; i < SNAS_DTYPE_COUNT && used < sizeof allowed; i++) {
        used += (size_t)snprintf(allowed + used, sizeof allowed - used, " %s", snas_dtype_name((snas_dtype)i));
    }
    return format_header_fail(p->path, "tensor '%s' has the dtype '%s', allowed are%s",
                              snas_printable(shown, sizeof shown, tensor), snas_printable(found, sizeof found, dtype),
                              allowed);
}

static snas_status parse_dtype(parser *p, format_entry *entry)
{
    const char *name;
    SNAS_TRY(parse_string(p, &name));
    for (int i = 0; i < SNAS_DTYPE_COUNT; i++) {
        if (strcmp(name, snas_dtype_name((snas_dtype)i)) == 0) {
            entry->tensor.dtype = (snas_dtype)i;
            return SNAS_OK;
        }
    }
    return refuse_dtype(p, entry->tensor.name, name);
}

static snas_status parse_shape(parser *p, format_entry *entry)
{
    return parse_numbers(p, entry->tensor.shape, SNAS_TENSOR_DIMS_MAX, &entry->tensor.dims);
}

static snas_status parse_offsets(parser *p, format_entry *entry)
{
    int64_t offsets[2];
    int count;
    SNAS_TRY(parse_numbers(p, offsets, 2, &count));
    if (count != 2) {
        return fail_here(p, "data_offsets wants two numbers");
    }
    entry->begin = offsets[0];
    entry->end = offsets[1];
    return SNAS_OK;
}

static const struct {
    const char *key;
    snas_status (*parse)(parser *p, format_entry *entry);
} ENTRY_KEYS[] = {{"dtype", parse_dtype}, {"shape", parse_shape}, {"data_offsets", parse_offsets}};
enum { ENTRY_KEY_COUNT = sizeof ENTRY_KEYS / sizeof ENTRY_KEYS[0] };

static snas_status parse_entry(parser *p, format_entry *entry)
{
    bool more;
    unsigned seen = 0;
    SNAS_TRY(open_list(p, '{', '}', &more));
    while (more) {
        const char *key;
        SNAS_TRY(parse_string(p, &key));
        SNAS_TRY(expect(p, ':'));
        int k = 0;
        while (k < ENTRY_KEY_COUNT && strcmp(key, ENTRY_KEYS[k].key) != 0) {
            k++;
        }
        if (k == ENTRY_KEY_COUNT || (seen >> k & 1u) != 0) {
            return fail_here(p, k == ENTRY_KEY_COUNT ? "an unknown key in a tensor's entry"
                                                     : "a key given twice in a tensor's entry");
        }
        seen |= 1u << k;
        SNAS_TRY(ENTRY_KEYS[k].parse(p, entry));
        SNAS_TRY(another(p, '}', &more));
    }
    return seen == (1u << ENTRY_KEY_COUNT) - 1 ? SNAS_OK : fail_here(p, "dtype, shape or data_offsets is missing");
}

static snas_status parse_metadata(parser *p)
{
    format_header *h = p->out;
    bool more;
    SNAS_TRY(open_list(p, '{', '}', &more));
    while (more) {
        snas_metadata row;
        SNAS_TRY(parse_string(p, &row.key));
        SNAS_TRY(expect(p, ':'));
        peek(p);
        const char *raw = p->at + 1;
        SNAS_TRY(parse_string(p, &row.value));
        if (strcmp(row.key, FORMAT_CRC_HEADER) == 0) {
            if (p->at - raw != FORMAT_CRC_DIGITS + 1) {
                return fail_here(p, "'" FORMAT_CRC_HEADER "' wants eight digits");
            }
            h->header_crc = raw;
        }
        SNAS_GROW(p->mem, h->metadata, h->metadata_count, p->metadata_capacity);
        h->metadata[h->metadata_count++] = row;
        SNAS_TRY(another(p, '}', &more));
    }
    return SNAS_OK;
}

static int by_string(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A name that stands twice among `count`, NULL when none does; sorts. */
static const char *find_twin(const char **names, int count)
{
    qsort(names, (size_t)count, sizeof *names, by_string);
    for (int i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            return names[i];
        }
    }
    return NULL;
}

static snas_status check_twins(const parser *p)
{
    const format_header *h = p->out;
    const char **names, *twin;
    char shown[256];
    const int most = h->count > h->metadata_count ? h->count : h->metadata_count;
    SNAS_NEW(p->mem, names, most + 1);
    for (int i = 0; i < h->count; i++) {
        names[i] = h->entries[i].tensor.name;
    }
    twin = find_twin(names, h->count);
    if (twin == NULL) {
        for (int i = 0; i < h->metadata_count; i++) {
            names[i] = h->metadata[i].key;
        }
        twin = find_twin(names, h->metadata_count);
    }
    return twin == NULL
               ? SNAS_OK
               : format_header_fail(p->path, "the name '%s' is given twice", snas_printable(shown, sizeof shown, twin));
}

snas_status format_header_parse(snas_arena *mem, const char *path, const char *text, size_t size, format_header *out)
{
    *out = (format_header){0};
    parser p = {.mem = mem, .path = path, .start = text, .at = text, .end = text + size, .out = out};
    bool more, has_metadata = false;
    SNAS_TRY(open_list(&p, '{', '}', &more));
    while (more) {
        format_entry entry = {0};
        SNAS_TRY(parse_string(&p, &entry.tensor.name));
        SNAS_TRY(expect(&p, ':'));
        assert(entry.tensor.name != NULL);
        if (strcmp(entry.tensor.name, "__metadata__") == 0) {
            if (has_metadata) {
                return fail_here(&p, "'__metadata__' is given twice");
            }
            has_metadata = true;
            SNAS_TRY(parse_metadata(&p));
        } else {
            SNAS_TRY(parse_entry(&p, &entry));
            SNAS_GROW(mem, out->entries, out->count, p.entry_capacity);
            out->entries[out->count++] = entry;
        }
        SNAS_TRY(another(&p, '}', &more));
    }
    if (peek(&p) != '\0' || p.at != p.end) {
        return fail_here(&p, "something follows the closing '}'");
    }
    return check_twins(&p);
}

static int by_place(const void *a, const void *b)
{
    const format_entry *x = *(const format_entry *const *)a, *y = *(const format_entry *const *)b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return (x->end > y->end) - (x->end < y->end);
}

/* Count and bytes of one tensor; false when they overflow. */
static bool tensor_measure(snas_named_tensor *tensor, int64_t *bytes)
{
    tensor->count = 1;
    for (int i = 0; i < tensor->dims; i++) {
        if (!snas_int64_multiply(tensor->count, tensor->shape[i], &tensor->count)) {
            return false;
        }
    }
    return snas_int64_multiply(tensor->count, (int64_t)snas_dtype_size(tensor->dtype), bytes);
}

snas_status format_header_check(snas_arena *mem, const char *path, const format_header *header, int64_t buffer_size)
{
    format_entry **sorted;
    SNAS_NEW(mem, sorted, header->count + 1);
    for (int i = 0; i < header->count; i++) {
        sorted[i] = &header->entries[i];
    }
    qsort(sorted, (size_t)header->count, sizeof *sorted, by_place);
    int64_t reached = 0;
    for (int i = 0; i < header->count; i++) {
        format_entry *e = sorted[i];
        char shown[256];
        snas_printable(shown, sizeof shown, e->tensor.name);
        if (e->begin != reached || e->end < e->begin) {
            return format_header_fail(
                path, "tensor '%s' is at %" PRId64 "..%" PRId64 " where %" PRId64 " must begin: a hole or an overlap",
                shown, e->begin, e->end, reached);
        }
        int64_t bytes;
        if (!tensor_measure(&e->tensor, &bytes) || bytes != e->end - e->begin) {
            return format_header_fail(path, "tensor '%s' has %" PRId64 " bytes, which do not match its shape", shown,
                                      e->end - e->begin);
        }
        reached = e->end;
    }
    if (reached != buffer_size) {
        return format_header_fail(path, "the tensors fill %" PRId64 " bytes, the file has %" PRId64 " for them",
                                  reached, buffer_size);
    }
    return SNAS_OK;
}
