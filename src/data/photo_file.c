/* photo_file.c -- a photograph that is a file of its own: read whole, measured or decoded; and seen as an evaluation
 * sees it. */
#include <string.h>

#include "parts.h"
#include "photo.h"
#include "snas/format/image.h"

snas_status data_photo_decode_file(data_photo *photo, int shrink, snas_arena *scratch)
{
    snas_image image;
    SNAS_TRY(snas_image_decode(scratch, photo->name, photo->file, shrink, &image));
    photo->orientation = image.orientation;
    photo->damage = image.damage;
    SNAS_TRY(photo->upright ? snas_image_upright(scratch, &image) : SNAS_OK);
    photo->view = (data_view){
        .width = image.columns, .height = image.rows, .stride = 3 * (size_t)image.columns, .pixels = image.pixels};
    photo->width = image.width;
    photo->height = image.height;
    return SNAS_OK;
}

snas_status data_photo_open_file(data_photo *out, bool measure, snas_arena *scratch)
{
    SNAS_TRY(snas_file_read(scratch, out->name, SNAS_IMAGE_FILE_MAX, &out->file));
    if (!measure) {
        return data_photo_decode_file(out, 1, scratch);
    }
    snas_image image;
    SNAS_TRY(snas_image_measure(scratch, out->name, out->file, &image));
    SNAS_TRY(out->upright ? snas_image_upright(scratch, &image) : SNAS_OK);
    out->width = image.width;
    out->height = image.height;
    return SNAS_OK;
}

static snas_status open_one(const data_photo_set *set, int i, bool measure, snas_arena *scratch, data_photo *out)
{
    (void)i;
    out->name = set->files;
    out->upright = set->options.orient;
    return data_photo_open_file(out, measure, scratch);
}

snas_status snas_picture_file_prepare(const snas_picture_file *file, snas_arena *scratch, float *to,
                                      snas_flawed *flawed)
{
    const snas_augment none = {0};
    const int label = 0;
    const data_photo_set set = {
        .options = {.side = file->side, .shorter = file->shorter, .least_area = 1.0, .orient = file->orient},
        .files = file->path,
        .open = open_one,
        .decode = data_photo_decode_file};
    const data_normal normal = data_normal_make(file->mean, file->deviation);
    const data_task task = {.augment = &none, .normal = &normal};
    snas_pictures alone;
    SNAS_TRY(data_photo_pictures(scratch, &set, 1, &label, &alone));
    SNAS_TRY(alone.prepare(&alone, &task, scratch, to));
    snas_pictures_flawed(&alone, SNAS_FLAW_DAMAGED, flawed);
    return SNAS_OK;
}
