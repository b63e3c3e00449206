/* photo.c -- a photograph's way into a batch: opened, a part resized to size, in training mirrored and its colours
 * moved.
 *
 *     training     crop drawn -> resized to side x side -> colours -> mirrored -> normalised -> cutout
 *     evaluation   shorter side resized to `shorter` -> the middle, side x side -> normalised
 *
 * Draws stand in this order: crop, colours, mirror, cutout. A broken picture is the end, or is replaced by the next one
 * of its class with the same draws: which one that is depends on the pictures alone.
 *
 * Where a scaled decode is allowed, a JPEG is decoded at 1/2, 1/4 or 1/8 as long as what is wanted of it does not get
 * smaller than it shall become.
 */
#include "photo.h"

#include <assert.h>
#include <stdio.h>

#include "parts.h"
#include "snas/format/image.h"

const float data_photo_mean[3] = {0.485f, 0.456f, 0.406f};
const float data_photo_deviation[3] = {0.229f, 0.224f, 0.225f};
static const size_t SCRATCH_BYTES = (size_t)4 << 20; /* a photograph of 800 x 600 and its file, with room to work */

/* --- size and place ----------------------------------------------------------------------------------------------- */

/* How much smaller a picture may be decoded when `from` pixels shall become `to`, both ways. */
static int shrink_for(int from_width, int from_height, int to_width, int to_height)
{
    int shrink = 1;
    while (2 * shrink <= SNAS_IMAGE_SHRINK_MAX && from_width / (2 * shrink) >= to_width &&
           from_height / (2 * shrink) >= to_height) {
        shrink *= 2;
    }
    return shrink;
}

static snas_status decode(const data_photo_set *set, data_photo *photo, int shrink, snas_arena *scratch)
{
    if (photo->view.pixels != NULL) {
        return SNAS_OK;
    }
    return set->decode(photo, set->options.scaled_decode ? shrink : 1, scratch);
}

/* A part of the whole picture in the pixels that it was decoded to. */
static data_box on_view(const data_photo *photo, data_box box)
{
    const data_view *view = &photo->view;
    const int x = (int)((int64_t)box.x * view->width / photo->width);
    const int y = (int)((int64_t)box.y * view->height / photo->height);
    const int right = (int)(((int64_t)box.x + box.width) * view->width / photo->width);
    const int bottom = (int)(((int64_t)box.y + box.height) * view->height / photo->height);
    return (data_box){.x = x, .y = y, .width = right > x ? right - x : 1, .height = bottom > y ? bottom - y : 1};
}

static snas_status random_part(const data_photo_set *set, data_photo *photo, snas_rng *rng, snas_arena *scratch,
                               uint8_t *to)
{
    const int side = set->options.side;
    const data_box box = data_crop_draw(rng, photo->width, photo->height, set->options.least_area);
    SNAS_TRY(decode(set, photo, shrink_for(box.width, box.height, side, side), scratch));
    const data_view part = data_view_part(&photo->view, on_view(photo, box));
    return data_resize(scratch, &part, side, side, (data_box){0, 0, side, side}, to);
}

static snas_status middle_part(const data_photo_set *set, data_photo *photo, snas_arena *scratch, uint8_t *to)
{
    const data_centred at = data_centre(photo->width, photo->height, set->options.shorter, set->options.side);
    SNAS_TRY(decode(set, photo, shrink_for(photo->width, photo->height, at.width, at.height), scratch));
    return data_resize(scratch, &photo->view, at.width, at.height, at.window, to);
}

/* --- a picture of a batch ----------------------------------------------------------------------------------------- */

static snas_status prepare_one(const snas_pictures *pictures, const data_task *task, int index, snas_arena *scratch,
                               float *to)
{
    const data_photo_set *set = pictures->source;
    const snas_photo_options *options = &set->options;
    const int side = options->side;
    snas_rng rng = task->rng;
    data_photo photo = {0};
    uint8_t *pixels;
    SNAS_NEW(scratch, pixels, (size_t)side * (size_t)side * 3);
    SNAS_TRY(set->open(set, index, options->scaled_decode, scratch, &photo));
    snas_augment augment = *task->augment;
    augment.crop_pad = 0;
    if (augment.photo) {
        const data_jitter jitter = {options->brightness, options->contrast, options->saturation, options->hue};
        SNAS_TRY(random_part(set, &photo, &rng, scratch, pixels));
        const data_moves moves = data_jitter_draw(&jitter, &rng);
        data_jitter_apply(&moves, side * side, pixels);
    } else {
        SNAS_TRY(middle_part(set, &photo, scratch, pixels));
    }
    if (photo.damage != NULL) {
        data_flaws_note(pictures, SNAS_FLAW_DAMAGED, index, photo.damage);
    }
    data_augment(&augment, task->normal, rng, side, pixels, to);
    return SNAS_OK;
}

static int next_of_class(const snas_pictures *pictures, int i)
{
    int next = i;
    do {
        next = next + 1 < pictures->count ? next + 1 : 0;
    } while (pictures->labels[next] != pictures->labels[i]);
    return next;
}

static snas_status tell_gone(const snas_pictures *pictures, int i, snas_arena *scratch)
{
    const char *name;
    SNAS_TRY(snas_pictures_name(pictures, i, scratch, &name));
    return snas_fail(SNAS_E_DATA, "%s is gone", name);
}

static snas_status prepare(const snas_pictures *pictures, const data_task *task, snas_arena *scratch, float *to)
{
    const data_photo_set *set = pictures->source;
    int index = task->index;
    for (;;) {
        const snas_mark mark = snas_arena_mark(scratch);
        const bool gone = set->gone != NULL && set->gone[index];
        const snas_status status =
            gone ? tell_gone(pictures, index, scratch) : prepare_one(pictures, task, index, scratch, to);
        if (status != SNAS_E_DATA || !(gone || set->options.skip_broken)) {
            return status;
        }
        data_flaws_note(pictures, SNAS_FLAW_BROKEN, index, snas_error());
        snas_arena_release(scratch, mark);
        index = next_of_class(pictures, index);
        if (index == task->index) {
            return snas_fail(SNAS_E_DATA, "no picture of class %d can be read, the last one: %s",
                             pictures->labels[index], snas_error());
        }
    }
}

static snas_status read(const snas_pictures *pictures, int i, snas_arena *scratch, snas_picture *out)
{
    const data_photo_set *set = pictures->source;
    data_photo photo = {0};
    SNAS_TRY(set->open(set, i, false, scratch, &photo));
    assert(photo.view.stride == 3 * (size_t)photo.view.width);
    *out = (snas_picture){.height = photo.view.height,
                          .width = photo.view.width,
                          .pixels = photo.view.pixels,
                          .orientation = photo.orientation,
                          .damage = photo.damage};
    if (photo.damage != NULL) {
        data_flaws_note(pictures, SNAS_FLAW_DAMAGED, i, photo.damage);
    }
    return SNAS_OK;
}

/* --- a set -------------------------------------------------------------------------------------------------------- */

static snas_status check(const snas_photo_options *o)
{
    const struct {
        const char *name;
        double value, least, most;
    } ranges[] = {
        {"side", o->side, 1.0, 4096.0},
        {"shorter side", o->shorter, o->side, SNAS_IMAGE_SIDE_MAX / 2.0},
        {"least area", o->least_area, 1e-6, 1.0},
        {"brightness change", o->brightness, 0.0, 1.0},
        {"contrast change", o->contrast, 0.0, 1.0},
        {"saturation change", o->saturation, 0.0, 1.0},
        {"hue change", o->hue, 0.0, 0.5},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (!(ranges[i].value >= ranges[i].least && ranges[i].value <= ranges[i].most)) {
            return snas_fail(SNAS_E_USAGE, "photographs with %s %g, allowed is %g to %g", ranges[i].name,
                             ranges[i].value, ranges[i].least, ranges[i].most);
        }
    }
    return SNAS_OK;
}

snas_status data_photo_pictures(snas_arena *mem, const data_photo_set *set, int count, const int *labels,
                                snas_pictures *out)
{
    SNAS_TRY(check(&set->options));
    *out = (snas_pictures){.count = count,
                           .side = set->options.side,
                           .channels = 3,
                           .labels = labels,
                           .source = set,
                           .scratch_bytes = SCRATCH_BYTES,
                           .read = read,
                           .prepare = prepare,
                           .file = set->file};
    return data_flaws_create(mem, count, &out->flaws);
}
