/* image.c -- the kinds of pictures, one row each, told apart by their first bytes. */
#include "snas/format/image.h"

#include <assert.h>
#include <string.h>

#include "image_kinds.h"
#include "snas/base/text.h"

static const format_image_kind KINDS[] = {
    {"JPEG", "\xff\xd8\xff", 3, format_jpeg_decode},
    {"PNG", "\x89PNG\r\n\x1a\n", 8, format_png_decode},
};

static const format_image_kind *kind_of(snas_bytes file)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (file.size >= KINDS[i].magic_size && memcmp(file.data, KINDS[i].magic, KINDS[i].magic_size) == 0) {
            return &KINDS[i];
        }
    }
    return NULL;
}

bool snas_image_is(snas_bytes file)
{
    return kind_of(file) != NULL;
}

static snas_status run(const format_image_task *task, snas_image *out)
{
    const format_image_kind *kind = kind_of(task->file);
    snas_image image = {0};
    *out = image;
    if (kind == NULL) {
        char shown[1024];
        snas_printable(shown, sizeof shown, task->name);
        return task->file.size == 0
                   ? snas_fail(SNAS_E_DATA, "'%s' is empty, where a picture is wanted", shown)
                   : snas_fail(SNAS_E_DATA, "'%s' is neither a JPEG nor a PNG by its first bytes", shown);
    }
    image.kind = kind->name;
    SNAS_TRY(kind->decode(task, &image));
    *out = image;
    return SNAS_OK;
}

snas_status snas_image_measure(snas_arena *mem, const char *name, snas_bytes file, snas_image *out)
{
    const format_image_task task = {.mem = mem, .name = name, .file = file, .measure = true, .shrink = 1};
    return run(&task, out);
}

snas_status snas_image_decode(snas_arena *mem, const char *name, snas_bytes file, int shrink, snas_image *out)
{
    assert(shrink == 1 || shrink == 2 || shrink == 4 || shrink == SNAS_IMAGE_SHRINK_MAX);
    const format_image_task task = {.mem = mem, .name = name, .file = file, .shrink = shrink};
    return run(&task, out);
}
