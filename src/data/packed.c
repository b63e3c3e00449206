/* packed.c -- a data set in one file: decoded pictures, their labels and what the set is called (pack_writer.c, or a
 * script).
 *
 *     equal squares    read whole: pictures in memory, augmented like CIFAR's
 *     photographs      read from the open file one by one when they are wanted, augmented like those of a folder
 *
 *     place of photograph i in P.pixels = 3 sum_{j<i} height_j width_j
 *
 * Nothing is mapped into memory: a file that becomes shorter under a run is a sentence and no signal.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pack.h"
#include "parts.h"
#include "photo.h"
#include "snas/base/checked.h"
#include "snas/base/text.h"
#include "snas/format/image.h"
#include "snas/format/json.h"
#include "snas/format/tensor_pieces.h"

enum { CLASSES_LEAST = 2, CLASSES_MOST = 1000000, SIDE_MOST = 4096 };
static const char *const PART_TITLES[DATA_PACK_PARTS] = {"training", "test"};

/* The photographs of one part. */
typedef struct {
    const snas_held *file;
    const char *title;     /* "training" */
    const int64_t *shapes; /* [count][2] */
    int64_t *place;        /* [count] first byte in the file */
} photographs;

static void record(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void record(const char *path, const char *format, ...)
{
    char why[2048], shown[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    snas_record("'%s' is not a good packed data set: %s", snas_printable(shown, sizeof shown, path), why);
}

/* SNAS_E_DATA, with the reason; a macro, so that who reads sees that it is not SNAS_OK. */
#define REFUSE(path, ...) (record(path, __VA_ARGS__), (snas_status)SNAS_E_DATA)

/* --- what the file says about itself ------------------------------------------------------------------------------ */

static snas_status take_colours(const char *path, const snas_json *about, const char *key, float to[3])
{
    const snas_json *list = snas_json_find(about, key);
    const bool above_zero = strcmp(key, "deviation") == 0;
    int count = 0;
    if (list != NULL && list->kind == SNAS_JSON_ARRAY && list->count == 3) {
        for (const snas_json *item = list->first; item != NULL; item = item->next) {
            const float value = (float)item->number;
            const bool good =
                item->kind == SNAS_JSON_NUMBER && value <= 1.0f && (above_zero ? value > 0.0f : value >= 0.0f);
            to[count] = value;
            count += good;
        }
    }
    return count == 3 ? SNAS_OK
                      : REFUSE(path, "'%s' in its '%s' wants three numbers, each %s 0 to 1", key, DATA_PACK_KEY,
                               above_zero ? "above" : "from");
}

static snas_status take_classes(snas_arena *mem, const char *path, const snas_json *about, snas_dataset *out)
{
    const snas_json *list = snas_json_find(about, "classes");
    const bool is_list = list != NULL && list->kind == SNAS_JSON_ARRAY;
    if (!is_list || list->count < CLASSES_LEAST || list->count > CLASSES_MOST) {
        return REFUSE(path, "it names %d classes, allowed are %d to %d", is_list ? list->count : 0, CLASSES_LEAST,
                      CLASSES_MOST);
    }
    const char **names;
    SNAS_NEW(mem, names, list->count);
    for (const snas_json *item = list->first; item != NULL; item = item->next) {
        if (item->kind != SNAS_JSON_STRING) {
            return REFUSE(path, "the name of class %d is %s, where a text is wanted", out->classes,
                          snas_json_kind_name(item->kind));
        }
        names[out->classes++] = item->string;
    }
    out->class_names = names;
    return SNAS_OK;
}

static snas_status take_description(snas_arena *mem, const char *path, const snas_tensor_file *head, snas_dataset *out)
{
    const snas_json *about;
    const char *text = snas_metadata_find(head, DATA_PACK_KEY);
    if (text == NULL) {
        return REFUSE(path, "its metadata has no '%s', which 'snas data pack' writes", DATA_PACK_KEY);
    }
    const snas_status status = snas_json_parse(mem, DATA_PACK_KEY, (snas_bytes){text, strlen(text)}, &about);
    if (status != SNAS_OK) {
        return status == SNAS_E_MEMORY ? status : REFUSE(path, "%s", snas_error());
    }
    const snas_json *version = snas_json_find(about, "version");
    if (version == NULL || version->kind != SNAS_JSON_NUMBER || version->number != DATA_PACK_VERSION) {
        return REFUSE(path, "it is of version %g, allowed is %d", version == NULL ? 0.0 : version->number,
                      DATA_PACK_VERSION);
    }
    SNAS_TRY(take_classes(mem, path, about, out));
    SNAS_TRY(take_colours(path, about, "mean", out->mean));
    return take_colours(path, about, "deviation", out->deviation);
}

/* --- labels and sizes --------------------------------------------------------------------------------------------- */

/* Tensor `t` of part `p`, of the type and with the dimensions that it is to have. */
static snas_status find_tensor(const char *path, const snas_tensor_file *head, int p, int t,
                               const snas_named_tensor **out)
{
    static const struct {
        snas_dtype dtype;
        const char *form;
        bool dims[SNAS_TENSOR_DIMS_MAX]; /* how many it may have */
    } WANTED[DATA_PACK_TENSORS] = {
        [DATA_PACK_PIXELS] = {SNAS_U8, "U8 [N, S, S, 3] or U8 [bytes]", {[1] = true, [4] = true}},
        [DATA_PACK_LABELS] = {SNAS_I64, "I64 [N]", {[1] = true}},
        [DATA_PACK_SHAPES] = {SNAS_I64, "I64 [N, 2]", {[2] = true}},
    };
    const char *name = data_pack_names[p][t];
    const snas_named_tensor *tensor = snas_tensor_find(head, name);
    if (tensor == NULL) {
        return REFUSE(path, "it has no tensor '%s'", name);
    }
    if (tensor->dtype != WANTED[t].dtype || tensor->dims >= SNAS_TENSOR_DIMS_MAX || !WANTED[t].dims[tensor->dims]) {
        return REFUSE(path, "its tensor '%s' is %s with %d dimensions, allowed is %s", name,
                      snas_dtype_name(tensor->dtype), tensor->dims, WANTED[t].form);
    }
    *out = tensor;
    return SNAS_OK;
}

/* Labels of part p as the file has them. */
typedef struct {
    int part, classes;
    int64_t count;
    const int64_t *labels;
} raw_labels;

/* Labels of the file as labels of a set, each in range. */
static snas_status take_labels(snas_arena *mem, const char *path, const raw_labels *raw, const int **out)
{
    int *labels;
    SNAS_NEW(mem, labels, (size_t)raw->count);
    for (int64_t i = 0; i < raw->count; i++) {
        if (raw->labels[i] < 0 || raw->labels[i] >= raw->classes) {
            return REFUSE(path, "%s picture %" PRId64 " (from 0) has the label %" PRId64 ", allowed is 0 to %d",
                          PART_TITLES[raw->part], i, raw->labels[i], raw->classes - 1);
        }
        labels[i] = (int)raw->labels[i];
    }
    *out = labels;
    return SNAS_OK;
}

static snas_status check_count(const char *path, int p, int64_t count)
{
    return count >= 1 && count <= INT_MAX
               ? SNAS_OK
               : REFUSE(path, "it has %" PRId64 " %s pictures, allowed are 1 to %d", count, PART_TITLES[p], INT_MAX);
}

/* --- photographs -------------------------------------------------------------------------------------------------- */

static snas_status open_photograph(const data_photo_set *set, int i, bool measure, snas_arena *scratch, data_photo *out)
{
    const photographs *all = set->files;
    const int64_t height = all->shapes[2 * (int64_t)i], width = all->shapes[2 * (int64_t)i + 1];
    const size_t bytes = (size_t)height * (size_t)width * 3;
    uint8_t *pixels;
    (void)measure; /* the size is known, and pixels cost no decoding */
    SNAS_NEW(scratch, pixels, bytes);
    SNAS_TRY(snas_held_read(all->file, all->place[i], bytes, pixels));
    out->name = all->title;
    out->width = (int)width;
    out->height = (int)height;
    out->view = (data_view){.width = out->width, .height = out->height, .stride = 3 * (size_t)width, .pixels = pixels};
    return SNAS_OK;
}

/* Where each photograph begins; sizes in range, and together as many bytes as there are. */
static snas_status plan_places(const snas_tensor_map *map, int p, int64_t count, const snas_named_tensor *pixels,
                               photographs *out)
{
    const char *path = map->file->path;
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        const int64_t height = out->shapes[2 * i], width = out->shapes[2 * i + 1];
        const bool fits = height >= 1 && height <= SNAS_IMAGE_SIDE_MAX && width >= 1 && width <= SNAS_IMAGE_SIDE_MAX &&
                          height * width <= SNAS_IMAGE_PIXELS_MAX;
        if (!fits) {
            return REFUSE(path,
                          "%s picture %" PRId64 " (from 0) is %" PRId64 " x %" PRId64
                          " pixels, allowed are sides of 1 to %d and %d pixels",
                          PART_TITLES[p], i, width, height, SNAS_IMAGE_SIDE_MAX, SNAS_IMAGE_PIXELS_MAX);
        }
        out->place[i] = sum;
        if (!snas_int64_add(sum, 3 * height * width, &sum)) {
            return REFUSE(path, "the sizes of its %s pictures add up to more than any file holds", PART_TITLES[p]);
        }
    }
    return sum == pixels->count
               ? SNAS_OK
               : REFUSE(path, "its %s pictures have %" PRId64 " bytes by their sizes, '%s' has %" PRId64,
                        PART_TITLES[p], sum, data_pack_names[p][DATA_PACK_PIXELS], pixels->count);
}

static snas_status open_photographs(snas_arena *mem, const snas_tensor_map *map, int p,
                                    const snas_photo_options *options, int classes, snas_pictures *out)
{
    const char *path = map->file->path;
    const snas_named_tensor *pixels, *labels, *shapes;
    SNAS_TRY(find_tensor(path, &map->head, p, DATA_PACK_PIXELS, &pixels));
    SNAS_TRY(find_tensor(path, &map->head, p, DATA_PACK_LABELS, &labels));
    SNAS_TRY(find_tensor(path, &map->head, p, DATA_PACK_SHAPES, &shapes));
    const int64_t count = labels->count;
    SNAS_TRY(check_count(path, p, count));
    if (pixels->dims != 1 || shapes->shape[0] != count || shapes->shape[1] != 2) {
        return REFUSE(path, "its %s pictures have %" PRId64 " labels and %" PRId64 " sizes, allowed is one each",
                      PART_TITLES[p], count, shapes->count / 2);
    }
    photographs *all;
    data_photo_set *set;
    int64_t *raw, *sizes;
    const int *taken;
    SNAS_NEW(mem, all, 1);
    SNAS_NEW(mem, set, 1);
    SNAS_NEW(mem, raw, (size_t)count);
    SNAS_NEW(mem, sizes, 2 * (size_t)count);
    SNAS_TRY(snas_tensor_map_read(map, (int)(labels - map->head.tensors), raw));
    SNAS_TRY(snas_tensor_map_read(map, (int)(shapes - map->head.tensors), sizes));
    SNAS_TRY(take_labels(mem, path, &(raw_labels){p, classes, count, raw}, &taken));
    *all = (photographs){.file = map->file, .title = PART_TITLES[p], .shapes = sizes, .place = raw};
    SNAS_TRY(plan_places(map, p, count, pixels, all));
    const int64_t first = map->place[pixels - map->head.tensors];
    for (int64_t i = 0; i < count; i++) {
        all->place[i] += first;
    }
    *set = (data_photo_set){.options = *options, .files = all, .open = open_photograph};
    return data_photo_pictures(mem, set, (int)count, taken, out);
}

/* --- equal squares ------------------------------------------------------------------------------------------------ */

static snas_status take_squares(snas_arena *mem, const char *path, const snas_tensor_file *file, int p, int classes,
                                snas_pictures *out)
{
    const snas_named_tensor *pixels, *labels;
    const int *taken;
    SNAS_TRY(find_tensor(path, file, p, DATA_PACK_PIXELS, &pixels));
    SNAS_TRY(find_tensor(path, file, p, DATA_PACK_LABELS, &labels));
    const int64_t count = labels->count, side = pixels->dims == 4 ? pixels->shape[1] : 0;
    SNAS_TRY(check_count(path, p, count));
    if (pixels->dims != 4 || pixels->shape[0] != count || side < 1 || side > SIDE_MOST || pixels->shape[2] != side ||
        pixels->shape[3] != 3) {
        return REFUSE(path,
                      "'%s' has to be [%" PRId64 ", S, S, 3] with S from 1 to %d, as there "
                      "are %" PRId64 " labels",
                      data_pack_names[p][DATA_PACK_PIXELS], count, SIDE_MOST, count);
    }
    SNAS_TRY(take_labels(mem, path, &(raw_labels){p, classes, count, labels->data}, &taken));
    *out = data_pictures_in_memory((int)count, (int)side, pixels->data, taken);
    return SNAS_OK;
}

static snas_status open_squares(snas_arena *mem, const char *path, snas_dataset *out)
{
    snas_tensor_file file;
    SNAS_TRY(snas_safetensors_load(mem, path, &file));
    SNAS_TRY(take_squares(mem, path, &file, 0, out->classes, &out->train));
    SNAS_TRY(take_squares(mem, path, &file, 1, out->classes, &out->test));
    return out->train.side == out->test.side
               ? SNAS_OK
               : REFUSE(path, "its training pictures have the side %d, its test pictures %d", out->train.side,
                        out->test.side);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static snas_status check_request(const snas_dataset_request *request)
{
    const char *path = request->path;
    if (path == NULL) {
        return snas_fail(SNAS_E_USAGE, "the data set 'packed' wants 'data.path', a file of 'snas data pack'");
    }
    if (request->labels != SNAS_LABELS_FINE) {
        return snas_fail(SNAS_E_USAGE, "packed pictures have no %s labels, allowed is 'fine'",
                         snas_labels_names[request->labels]);
    }
    if (snas_folder_is(path)) {
        return snas_fail(SNAS_E_DATA,
                         "'%s' is a folder, where a file of 'snas data pack' is wanted; for a "
                         "folder of pictures the data set is 'folder'",
                         path);
    }
    return snas_file_is(path) ? SNAS_OK : snas_fail(SNAS_E_DATA, "no file '%s' to read pictures from", path);
}

/* Pixels, labels and classes, but not what the file tells about where they came from; 0 without checksums. */
static uint32_t identify(const snas_tensor_map *map, const snas_dataset *set)
{
    if (map->buffer_said == NULL) {
        return 0;
    }
    uint32_t crc = snas_crc32c(0, map->buffer_said, strlen(map->buffer_said));
    for (int k = 0; k < set->classes; k++) {
        crc = snas_crc32c(crc, set->class_names[k], strlen(set->class_names[k]) + 1);
    }
    return crc;
}

/* Both parts are in the one file. */
static snas_status take_sources(snas_arena *mem, const char *path, snas_dataset *out)
{
    static const char *const units[DATA_PACK_PARTS] = {"training picture", "test picture"};
    snas_pictures *const parts[DATA_PACK_PARTS] = {&out->train, &out->test};
    const char *copy = snas_format(mem, "%s", path);
    SNAS_TRY(snas_taken(copy));
    for (int p = 0; p < DATA_PACK_PARTS; p++) {
        snas_picture_source *sources;
        SNAS_NEW(mem, sources, 2);
        sources[0] = (snas_picture_source){.path = copy, .unit = units[p]};
        parts[p]->sources = sources;
    }
    return SNAS_OK;
}

int data_packed_side(const char *path)
{
    snas_arena *scratch;
    snas_tensor_map map;
    const snas_named_tensor *pixels;
    int side = -1;
    if (!snas_file_is(path) || snas_arena_create("the header of the packed pictures", 0, &scratch) != SNAS_OK) {
        return -1;
    }
    if (snas_tensor_map_open(scratch, path, &map) == SNAS_OK &&
        find_tensor(path, &map.head, 0, DATA_PACK_PIXELS, &pixels) == SNAS_OK) {
        const bool fits = pixels->shape[1] >= 1 && pixels->shape[1] <= SIDE_MOST;
        side = pixels->dims != 4 ? 0 : fits ? (int)pixels->shape[1] : -1;
    }
    snas_error_clear();
    snas_arena_destroy(scratch);
    return side;
}

snas_status data_packed_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out)
{
    snas_tensor_map map;
    const snas_named_tensor *pixels;
    SNAS_TRY(check_request(request));
    const char *path = request->path;
    SNAS_TRY(snas_tensor_map_open(mem, path, &map));
    *out = (snas_dataset){.name = "packed"};
    SNAS_TRY(take_description(mem, path, &map.head, out));
    out->identity = identify(&map, out);
    SNAS_TRY(find_tensor(path, &map.head, 0, DATA_PACK_PIXELS, &pixels));
    if (pixels->dims == 4) {
        SNAS_TRY(open_squares(mem, path, out));
    } else {
        SNAS_TRY(open_photographs(mem, &map, 0, &request->photo, out->classes, &out->train));
        SNAS_TRY(open_photographs(mem, &map, 1, &request->photo, out->classes, &out->test));
    }
    SNAS_TRY(take_sources(mem, path, out));
    out->source = snas_format(mem, "packed pictures of %d classes in '%s': %d training and %d test", out->classes, path,
                              out->train.count, out->test.count);
    return snas_taken(out->source);
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

static snas_status check_buffer(snas_arena *mem, const char *path)
{
    snas_tensor_map map;
    SNAS_TRY(snas_tensor_map_open(mem, path, &map));
    return snas_tensor_map_check(mem, &map);
}

snas_status data_packed_check(const snas_dataset_request *request, const snas_fault_sink *sink)
{
    snas_arena *scratch;
    SNAS_TRY(snas_arena_create("the packed pictures", 0, &scratch));
    snas_status status = check_request(request);
    status = status == SNAS_OK ? check_buffer(scratch, request->path) : status;
    snas_arena_destroy(scratch);
    if (status != SNAS_E_DATA && status != SNAS_E_IO) {
        return status;
    }
    sink->fault(sink->context, snas_error());
    return SNAS_OK;
}
