/* latency_file.c -- a table of measured times as a JSON file. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/space/latency_table.h"

enum { VERSION = 1, CELLS_MAX = 1000 };
static const int64_t TIME_MAX = 1000000000000000; /* nanoseconds */

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_places(snas_text *text, const snas_latency *t)
{
    const snas_space *space = t->child.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    for (int i = 0; i < t->child.cells * E; i++) {
        int source, node;
        snas_space_edge(space, i % E, &source, &node);
        snas_text_next(text, ",");
        snas_text_add(text, "\n    {\"cell\": %d, \"source\": %d, \"target\": %d, \"ns\": [", i / E, source,
                      node + space->inputs);
        for (int k = 0; k < K; k++) {
            snas_text_add(text, "%s%" PRId64, k == 0 ? "" : ", ", t->cost[(size_t)i * (size_t)K + (size_t)k]);
        }
        snas_text_add(text, "]}");
    }
}

static void add_name(snas_text *text, const char *key, const char *value)
{
    snas_text_add(text, "  \"%s\": ", key);
    snas_text_add_json(text, value);
    snas_text_add(text, ",\n");
}

snas_status snas_latency_write(snas_arena *mem, const snas_latency *t, const char **out)
{
    snas_text text = snas_text_make(mem);
    const snas_latency_child *child = &t->child;
    snas_text_add(&text, "{\n  \"version\": %d,\n", VERSION);
    add_name(&text, "unit", "nanoseconds");
    add_name(&text, "processor", t->processor);
    add_name(&text, "kernels", t->kernels);
    snas_text_add(&text, "  \"batch\": %d,\n  \"threads\": %d,\n  \"rounds\": %d,\n", t->batch, t->threads, t->rounds);
    add_name(&text, "space", child->space->name);
    snas_text_add(&text, "  \"channels\": %d,\n  \"cells\": %d,\n", child->channels, child->cells);
    add_name(&text, "stem", child->stem);
    snas_text_add(&text, "  \"classes\": %d,\n  \"side\": %d,\n  \"spread\": ", child->classes, child->side);
    snas_text_add_real(&text, t->spread);
    snas_text_add(&text, ",\n  \"fit_error\": ");
    snas_text_add_real(&text, t->fit);
    snas_text_add(&text, ",\n  \"candidates\": [");
    for (int k = 0; k < child->space->candidate_count; k++) {
        snas_text_next(&text, ", ");
        snas_text_add_json(&text, child->space->candidates[k]->name);
    }
    snas_text_add(&text, "],\n  \"fixed\": {\"stem\": %" PRId64 ", \"cells\": [", t->stem);
    for (int cell = 0; cell < child->cells; cell++) {
        snas_text_next(&text, ", ");
        snas_text_add(&text, "%" PRId64, t->cell_fixed[cell]);
    }
    snas_text_add(&text, "], \"classifier\": %" PRId64 "},\n  \"places\": [", t->classifier);
    add_places(&text, t);
    snas_text_add(&text, "\n  ]\n}\n");
    *out = text.data;
    return snas_text_done(&text);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* The file, and the first fault that was met. */
typedef struct {
    const char *path;
    const snas_json *root;
    snas_status status;
} reader;

static void fault(reader *r, const snas_json *where, const char *key, const char *allowed)
{
    if (r->status == SNAS_OK) {
        const int line = where == NULL ? 1 : where->line, column = where == NULL ? 1 : where->column;
        r->status = snas_fail(SNAS_E_DATA, "%s:%d:%d: '%s' of a latency table has to be %s", r->path, line, column, key,
                              allowed);
    }
}

static const char *read_name(reader *r, const char *key)
{
    const snas_json *value = snas_json_find(r->root, key);
    if (value == NULL || value->kind != SNAS_JSON_STRING) {
        fault(r, value, key, "a string");
        return "";
    }
    return value->string;
}

static bool is_number(const snas_json *value, double least, double most)
{
    return value != NULL && value->kind == SNAS_JSON_NUMBER && value->number >= least && value->number <= most;
}

static double read_share(reader *r, const char *key)
{
    const snas_json *value = snas_json_find(r->root, key);
    if (!is_number(value, 0.0, 1.0)) {
        fault(r, value, key, "a share, 0 to 1");
        return 0.0;
    }
    return value->number;
}

static int64_t read_whole(reader *r, const snas_json *value, const char *key, int64_t least, int64_t most)
{
    char allowed[80];
    if (!is_number(value, (double)least, (double)most) || !value->is_integer) {
        snprintf(allowed, sizeof allowed, "a whole number, %" PRId64 " to %" PRId64, least, most);
        fault(r, value, key, allowed);
        return least;
    }
    return (int64_t)value->number;
}

static int read_count(reader *r, const char *key, int least, int most)
{
    return (int)read_whole(r, snas_json_find(r->root, key), key, least, most);
}

static int64_t read_time(reader *r, const snas_json *value, const char *key)
{
    return read_whole(r, value, key, 0, TIME_MAX);
}

/* The `count` children of a list; NULL when it has others. */
static const snas_json *read_list(reader *r, const snas_json *list, const char *key, int count)
{
    if (list == NULL || list->kind != SNAS_JSON_ARRAY || list->count != count) {
        fault(r, list, key, "a list with an entry for each of the table's");
        return NULL;
    }
    return list->first;
}

static void read_candidates(reader *r, const snas_space *space)
{
    const snas_json *name = read_list(r, snas_json_find(r->root, "candidates"), "candidates", space->candidate_count);
    for (int k = 0; name != NULL && k < space->candidate_count; k++, name = name->next) {
        if (name->kind != SNAS_JSON_STRING || strcmp(name->string, space->candidates[k]->name) != 0) {
            fault(r, name, "candidates", "the space's candidates in their order");
        }
    }
}

static void read_fixed(reader *r, snas_latency *out)
{
    const snas_json *fixed = snas_json_find(r->root, "fixed");
    const snas_json *cell = read_list(r, snas_json_find(fixed, "cells"), "fixed.cells", out->child.cells);
    out->stem = read_time(r, snas_json_find(fixed, "stem"), "fixed.stem");
    out->classifier = read_time(r, snas_json_find(fixed, "classifier"), "fixed.classifier");
    for (int c = 0; cell != NULL && c < out->child.cells; c++, cell = cell->next) {
        out->cell_fixed[c] = read_time(r, cell, "fixed.cells");
    }
}

static void read_place(reader *r, const snas_json *place, int i, snas_latency *out)
{
    const snas_space *space = out->child.space;
    const int E = snas_space_edge_count(space), K = space->candidate_count;
    int source, node;
    snas_space_edge(space, i % E, &source, &node);
    const int wanted[] = {i / E, source, node + space->inputs};
    static const char *const keys[] = {"cell", "source", "target"};
    for (int n = 0; n < 3; n++) {
        const snas_json *value = snas_json_find(place, keys[n]);
        if (value == NULL || value->kind != SNAS_JSON_NUMBER || value->number != wanted[n]) {
            fault(r, value == NULL ? place : value, keys[n], "that of the place: cell by cell, edge by edge");
        }
    }
    const snas_json *time = read_list(r, snas_json_find(place, "ns"), "ns", K);
    for (int k = 0; time != NULL && k < K; k++, time = time->next) {
        out->cost[(size_t)i * (size_t)K + (size_t)k] = read_time(r, time, "ns");
    }
}

static void read_child(reader *r, snas_latency_child *child)
{
    if (read_count(r, "version", VERSION, VERSION) == VERSION) {
        child->space = snas_space_find(read_name(r, "space"));
    }
    if (child->space == NULL) {
        fault(r, snas_json_find(r->root, "space"), "space", "a search space of this program");
    }
    child->channels = read_count(r, "channels", 2, 1 << 16);
    child->cells = read_count(r, "cells", 3, CELLS_MAX);
    child->classes = read_count(r, "classes", 2, 1 << 24);
    child->side = read_count(r, "side", 1, 1 << 16);
    child->stem = read_name(r, "stem");
}

snas_status snas_latency_load(snas_arena *mem, const char *path, snas_latency *out)
{
    reader r = {.path = path, .status = SNAS_OK};
    snas_latency_child child = {0};
    SNAS_TRY(snas_json_load(mem, path, &r.root));
    read_child(&r, &child);
    SNAS_TRY(r.status);
    assert(child.space != NULL);
    SNAS_TRY(snas_latency_create(mem, &child, out));
    out->processor = read_name(&r, "processor");
    out->kernels = read_name(&r, "kernels");
    out->batch = read_count(&r, "batch", 1, 1 << 16);
    out->threads = read_count(&r, "threads", 1, 1 << 16);
    out->rounds = read_count(&r, "rounds", 1, 1 << 30);
    out->spread = read_share(&r, "spread");
    out->fit = read_share(&r, "fit_error");
    read_candidates(&r, child.space);
    read_fixed(&r, out);
    const int count = child.cells * snas_space_edge_count(child.space);
    const snas_json *place = read_list(&r, snas_json_find(r.root, "places"), "places", count);
    for (int i = 0; place != NULL && i < count; i++, place = place->next) {
        read_place(&r, place, i, out);
    }
    return r.status;
}
