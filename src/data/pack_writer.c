/* pack_writer.c -- decoded pictures into one safetensors file, part by part: pixels as they come, then labels and
 * sizes.
 *
 *     P.pixels   U8 [N, S, S, 3], equal squares; U8 [bytes], photographs one after the other     P: train, test
 *     P.labels   I64 [N]
 *     P.shapes   I64 [N, 2], height and width; of photographs only
 */
#include "snas/data/pack_writer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "pack.h"
#include "photo.h"
#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/format/tensor_pieces.h"

const char *const data_pack_names[DATA_PACK_PARTS][DATA_PACK_TENSORS] = {
    {"train.pixels", "train.labels", "train.shapes"},
    {"test.pixels", "test.labels", "test.shapes"},
};

struct snas_pack_writer {
    snas_tensor_writer *file;
    int side;        /* of equal squares; 0: photographs */
    int part;        /* at hand */
    int count, room; /* pictures of it */
    int64_t bytes;   /* of its pixels */
    int64_t *labels; /* [room], room for the larger part */
    int64_t *shapes; /* [room][2] */
    int classes;
};

/* --- a picture ---------------------------------------------------------------------------------------------------- */

int snas_pack_side(const snas_pack_fit *fit, const snas_pictures *pictures)
{
    if (fit->side > 0) {
        return fit->side;
    }
    if (pictures->pixels == NULL) {
        return 0;
    }
    return fit->shorter > 0 && fit->shorter < pictures->side ? fit->shorter : pictures->side;
}

snas_status snas_pack_fitted(const snas_pack_fit *fit, const snas_picture *picture, snas_arena *scratch,
                             snas_picture *out)
{
    const int shorter = picture->height < picture->width ? picture->height : picture->width;
    const bool square = fit->side > 0;
    const int least = square ? fit->side : fit->shorter;
    *out = *picture;
    if (least == 0 || (!square && shorter <= least)) {
        return SNAS_OK;
    }
    const data_view view = {.width = picture->width,
                            .height = picture->height,
                            .stride = 3 * (size_t)picture->width,
                            .pixels = picture->pixels};
    const data_centred at = data_centre(picture->width, picture->height, least, least);
    const data_box window = square ? at.window : (data_box){.width = at.width, .height = at.height};
    uint8_t *pixels;
    SNAS_NEW(scratch, pixels, (size_t)window.width * (size_t)window.height * 3);
    SNAS_TRY(data_resize(scratch, &view, at.width, at.height, window, pixels));
    *out = (snas_picture){.height = window.height, .width = window.width, .pixels = pixels};
    return SNAS_OK;
}

/* --- what the file says about itself ------------------------------------------------------------------------------ */

/* A float as the decimal number with the fewest digits that is read as the same float. */
static void add_float(snas_text *text, float value)
{
    char digits[32];
    int places = 6;
    do {
        snprintf(digits, sizeof digits, "%.*g", places, (double)value);
    } while (strtof(digits, NULL) != value && ++places <= 9);
    snas_text_add(text, "%s", digits);
}

static void add_colours(snas_text *text, const char *key, const float colours[3])
{
    snas_text_add(text, ", \"%s\": [", key);
    for (int c = 0; c < 3; c++) {
        snas_text_next(text, ", ");
        add_float(text, colours[c]);
    }
    snas_text_add(text, "]");
}

static snas_status describe(snas_arena *mem, const snas_dataset *dataset, const char **out)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "{\"version\": %d, \"classes\": [", DATA_PACK_VERSION);
    for (int k = 0; k < dataset->classes; k++) {
        snas_text_next(&text, ", ");
        snas_text_add_json(&text, dataset->class_names[k]);
    }
    snas_text_add(&text, "]");
    add_colours(&text, "mean", dataset->mean);
    add_colours(&text, "deviation", dataset->deviation);
    snas_text_add(&text, ", \"source\": ");
    snas_text_add_json(&text, dataset->source);
    snas_text_add(&text, "}");
    SNAS_TRY(snas_text_done(&text));
    *out = text.data;
    return text.size <= SNAS_JSON_BYTES_MAX
               ? SNAS_OK
               : snas_fail(SNAS_E_DATA,
                           "the names of the %d classes take %zu bytes in a packed file, allowed "
                           "are %d",
                           dataset->classes, text.size, SNAS_JSON_BYTES_MAX);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static snas_status open_file(snas_arena *mem, const char *path, const char *description, snas_pack_writer *writer)
{
    const int tensors = writer->side > 0 ? DATA_PACK_TENSORS - 1 : DATA_PACK_TENSORS;
    snas_named_tensor rows[DATA_PACK_PARTS * DATA_PACK_TENSORS];
    snas_metadata *about;
    SNAS_NEW(mem, about, 1);
    *about = (snas_metadata){DATA_PACK_KEY, description};
    for (int p = 0; p < DATA_PACK_PARTS; p++) {
        snas_named_tensor *row = rows + p * tensors;
        for (int t = 0; t < tensors; t++) {
            row[t] = (snas_named_tensor){.name = data_pack_names[p][t], .dtype = SNAS_I64, .dims = 1};
        }
        row[DATA_PACK_PIXELS].dtype = SNAS_U8;
        row[DATA_PACK_PIXELS].dims = writer->side > 0 ? 4 : 1;
        if (writer->side == 0) {
            row[DATA_PACK_SHAPES].dims = 2;
        }
    }
    const snas_tensor_file plan = {
        .tensors = rows, .count = DATA_PACK_PARTS * tensors, .metadata = about, .metadata_count = 1};
    return snas_tensor_writer_open(mem, path, &plan, &writer->file);
}

snas_status snas_pack_begin(snas_arena *mem, const char *path, const snas_dataset *dataset, const snas_pack_fit *fit,
                            snas_pack_writer **out)
{
    snas_pack_writer *writer;
    const char *description;
    SNAS_NEW(mem, writer, 1);
    writer->side = snas_pack_side(fit, &dataset->train);
    writer->classes = dataset->classes;
    writer->room = dataset->train.count > dataset->test.count ? dataset->train.count : dataset->test.count;
    SNAS_NEW(mem, writer->labels, writer->room);
    SNAS_NEW(mem, writer->shapes, 2 * (size_t)writer->room);
    SNAS_TRY(describe(mem, dataset, &description));
    SNAS_TRY(open_file(mem, path, description, writer));
    *out = writer;
    return SNAS_OK;
}

snas_status snas_pack_add(snas_pack_writer *writer, int label, const snas_picture *picture)
{
    const int i = writer->count++;
    const size_t bytes = (size_t)picture->height * (size_t)picture->width * 3;
    assert(i < writer->room && label >= 0 && label < writer->classes);
    assert(writer->side == 0 || (picture->height == writer->side && picture->width == writer->side));
    writer->labels[i] = label;
    writer->shapes[2 * i] = picture->height;
    writer->shapes[2 * i + 1] = picture->width;
    writer->bytes += (int64_t)bytes;
    return snas_tensor_writer_add(writer->file, picture->pixels, bytes);
}

snas_status snas_pack_close_part(snas_pack_writer *writer)
{
    const int64_t count = writer->count, side = writer->side;
    const size_t each = sizeof(int64_t);
    snas_tensor_writer_close(writer->file, side > 0 ? (int64_t[]){count, side, side, 3} : (int64_t[]){writer->bytes});
    SNAS_TRY(snas_tensor_writer_add(writer->file, writer->labels, (size_t)count * each));
    snas_tensor_writer_close(writer->file, (int64_t[]){count});
    if (side == 0) {
        SNAS_TRY(snas_tensor_writer_add(writer->file, writer->shapes, 2 * (size_t)count * each));
        snas_tensor_writer_close(writer->file, (int64_t[]){count, 2});
    }
    writer->part++;
    writer->count = 0;
    writer->bytes = 0;
    return SNAS_OK;
}

snas_status snas_pack_finish(snas_pack_writer *writer, int64_t *bytes)
{
    assert(writer->part == DATA_PACK_PARTS);
    return snas_tensor_writer_commit(writer->file, bytes);
}
