/* image.c -- the kinds of pictures, one row each, told apart by their first bytes. */
#include "snas/format/image.h"

#include <assert.h>
#include <string.h>

#include "image_kinds.h"
#include "snas/base/text.h"
#include "snas/format/foreign.h"

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
    snas_image image = {.orientation = 1};
    *out = image;
    if (kind == NULL) {
        char shown[1024];
        snas_printable(shown, sizeof shown, task->name);
        const char *foreign = snas_foreign(task->file);
        return task->file.size == 0
                   ? snas_fail(SNAS_E_DATA, "'%s' is empty, where a picture is wanted", shown)
                   : snas_fail(SNAS_E_DATA, "'%s' is neither a JPEG nor a PNG by its first bytes%s%s", shown,
                               foreign == NULL ? "" : ": it is ", foreign == NULL ? "" : foreign);
    }
    image.kind = kind->name;
    SNAS_TRY(kind->decode(task, &image));
    if (image.damage != NULL) {
        char shown[1024];
        image.damage = snas_format(task->mem, "'%s' is a damaged %s: %s",
                                   snas_printable(shown, sizeof shown, task->name), kind->name, image.damage);
        SNAS_TRY(snas_taken(image.damage));
    }
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

/* Where an orientation's pixel (x, y) lies: in row y or, sideways, row x, each counted from the other end or not. */
static const struct {
    bool sideways, columns_back, rows_back;
} HELD[] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true}, [5] = {true, false, false},
    [6] = {true, false, true},  [7] = {true, true, true},  [8] = {true, true, false},
};

static void exchange(int *a, int *b)
{
    const int kept = *a;
    *a = *b;
    *b = kept;
}

/* The pixels as the orientation wants them, [rows][columns] of the stored ones. */
static void turn(const snas_image *image, uint8_t *to)
{
    const int columns = image->columns, rows = image->rows;
    const bool sideways = HELD[image->orientation].sideways;
    for (int row = 0; row < rows; row++) {
        const uint8_t *from = image->pixels + (size_t)row * (size_t)columns * 3;
        const int y = HELD[image->orientation].rows_back ? rows - 1 - row : row;
        for (int column = 0; column < columns; column++, from += 3) {
            const int x = HELD[image->orientation].columns_back ? columns - 1 - column : column;
            memcpy(to + (sideways ? (size_t)x * (size_t)rows + (size_t)y : (size_t)y * (size_t)columns + (size_t)x) * 3,
                   from, 3);
        }
    }
}

snas_status snas_image_upright(snas_arena *mem, snas_image *image)
{
    if (image->orientation == 1) {
        return SNAS_OK;
    }
    if (image->pixels != NULL) {
        uint8_t *pixels;
        SNAS_NEW(mem, pixels, (size_t)image->rows * (size_t)image->columns * 3);
        turn(image, pixels);
        image->pixels = pixels;
    }
    if (HELD[image->orientation].sideways) {
        exchange(&image->width, &image->height);
        exchange(&image->columns, &image->rows);
    }
    image->orientation = 1;
    return SNAS_OK;
}
