/* png.c -- 8-bit RGB pictures through libpng's row interface.
 *
 * Read is any kind of PNG; of its chunks only those that say what the pixels are, and how they are to be held. The
 * others (texts, profiles, times) would cost memory and could be broken: libpng passes over them.
 *
 * libpng leaves through longjmp, so the functions between setjmp and a fault hold nothing that needs giving back: the
 * file's bytes, libpng's own memory and the text being written live in a scratch arena that the public functions own.
 */
#include "snas/format/png.h"

#include <assert.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "image_kinds.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

enum { CHUNK_MAX = 8000000 /* bytes */, CHUNKS_MAX = 128 };

/* One file being read or written. */
typedef struct {
    snas_arena *scratch;
    const char *path;   /* for messages */
    snas_bytes file;    /* reading: the whole file, */
    size_t at;          /* and how far it is read */
    snas_text text;     /* writing: the bytes so far */
    snas_status status; /* of the fault, when there was one */
    png_structp png;
    png_infop info;
} codec;

static void on_error(png_structp png, png_const_charp problem)
{
    codec *c = png_get_error_ptr(png);
    char shown[512];
    if (c->status == SNAS_OK) {
        c->status =
            snas_fail(SNAS_E_DATA, "'%s' is not a good PNG: %s", snas_printable(shown, sizeof shown, c->path), problem);
    }
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp problem)
{
    (void)png;
    (void)problem; /* about decorations: text, colour profiles, times */
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t bytes)
{
    codec *c = png_get_mem_ptr(png);
    void *memory = snas_arena_take(c->scratch, bytes, 1);
    if (memory == NULL) {
        c->status = SNAS_E_MEMORY;
    }
    return memory;
}

static void on_free(png_structp png, png_voidp memory)
{
    (void)png;
    (void)memory;
}

static void on_read(png_structp png, png_bytep to, size_t bytes)
{
    codec *c = png_get_io_ptr(png);
    if (bytes > c->file.size - c->at) {
        png_error(png, "it is cut off");
    }
    memcpy(to, (const char *)c->file.data + c->at, bytes);
    c->at += bytes;
}

static void on_write(png_structp png, png_bytep from, size_t bytes)
{
    codec *c = png_get_io_ptr(png);
    snas_text_add_bytes(&c->text, from, bytes);
    if (c->text.failed) {
        c->status = snas_text_done(&c->text);
        png_error(png, "out of memory");
    }
}

static void on_flush(png_structp png)
{
    (void)png;
}

/* What stands before the pixels about how they are to be held. */
static int read_orientation(const codec *c)
{
    png_uint_32 size = 0;
    png_bytep data = NULL;
    return png_get_eXIf_1(c->png, c->info, &size, &data) != 0 ? format_exif_orientation(data, size) : 1;
}

/* Whatever the kind, deliver rows of 8-bit R, G, B: palettes and greys widened, 16 bits cut, alpha dropped. */
static void ask_for_rgb(const codec *c)
{
    png_set_expand(c->png);
    png_set_gray_to_rgb(c->png);
    png_set_strip_16(c->png);
    png_set_strip_alpha(c->png);
}

static void read_head(codec *c, snas_image *out)
{
    png_set_user_limits(c->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours say which size it was */
    png_set_chunk_cache_max(c->png, CHUNKS_MAX);
    png_set_chunk_malloc_max(c->png, CHUNK_MAX);
    png_set_keep_unknown_chunks(c->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(c->png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "eXIf", 1);
    png_set_read_fn(c->png, c, on_read);
    png_read_info(c->png, c->info);
    out->width = out->columns = (int)png_get_image_width(c->png, c->info);
    out->height = out->rows = (int)png_get_image_height(c->png, c->info);
    out->orientation = read_orientation(c);
    if (out->width > SNAS_IMAGE_SIDE_MAX || out->height > SNAS_IMAGE_SIDE_MAX ||
        (int64_t)out->width * out->height > SNAS_IMAGE_PIXELS_MAX) {
        char sentence[128];
        snprintf(sentence, sizeof sentence, "%d x %d pixels, allowed are sides of %d and 64 million pixels", out->width,
                 out->height, SNAS_IMAGE_SIDE_MAX);
        png_error(c->png, sentence);
    }
}

static void read_rows(codec *c, snas_arena *mem, snas_image *out)
{
    ask_for_rgb(c);
    const int passes = png_set_interlace_handling(c->png);
    png_read_update_info(c->png, c->info);
    const size_t row = (size_t)out->columns * 3;
    if (png_get_rowbytes(c->png, c->info) != row) {
        png_error(c->png, "its rows are not RGB");
    }
    uint8_t *pixels = snas_arena_take(mem, row, (size_t)out->rows);
    if (pixels == NULL) {
        c->status = SNAS_E_MEMORY;
        png_error(c->png, "out of memory");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (int y = 0; y < out->rows; y++) {
            png_read_row(c->png, pixels + row * (size_t)y, NULL);
        }
    }
    out->pixels = pixels;
}

/* Read into `out`, whose pixels are taken from `mem`; NULL: only measure. Faults are in c->status. */
static void decode(codec *c, snas_arena *mem, snas_image *out)
{
    if (setjmp(png_jmpbuf(c->png)) != 0) {
        return;
    }
    read_head(c, out);
    if (mem == NULL) {
        return;
    }
    read_rows(c, mem, out);
    png_read_end(c->png, NULL);
}

static void encode(codec *c, const snas_raster *picture)
{
    if (setjmp(png_jmpbuf(c->png)) != 0) {
        return;
    }
    png_set_write_fn(c->png, c, on_write, on_flush);
    png_set_IHDR(c->png, c->info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(c->png, 0, PNG_FILTER_NONE); /* flat colours: smaller and faster without */
    png_write_info(c->png, c->info);
    for (int y = 0; y < picture->height; y++) {
        png_write_row(c->png, picture->rgb + (size_t)picture->width * 3 * (size_t)y);
    }
    png_write_end(c->png, NULL);
}

static snas_status no_memory(codec *c)
{
    return c->status != SNAS_OK ? c->status : snas_fail(SNAS_E_MEMORY, "out of memory: cannot start libpng");
}

static snas_status load(codec *c, snas_arena *mem, snas_image *out)
{
    c->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, c, on_error, on_warning, c, on_alloc, on_free);
    c->info = c->png == NULL ? NULL : png_create_info_struct(c->png);
    if (c->info == NULL) {
        png_destroy_read_struct(&c->png, NULL, NULL);
        return no_memory(c);
    }
    decode(c, mem, out);
    png_destroy_read_struct(&c->png, &c->info, NULL);
    return c->status;
}

static snas_status save(codec *c, const snas_raster *picture)
{
    c->text = snas_text_make(c->scratch);
    c->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, c, on_error, on_warning, c, on_alloc, on_free);
    c->info = c->png == NULL ? NULL : png_create_info_struct(c->png);
    if (c->info == NULL) {
        png_destroy_write_struct(&c->png, NULL);
        return no_memory(c);
    }
    encode(c, picture);
    png_destroy_write_struct(&c->png, &c->info);
    SNAS_TRY(c->status);
    return snas_file_replace_nofollow(c->path, &(snas_bytes){.data = c->text.data, .size = c->text.size}, 1);
}

snas_status snas_raster_create(snas_arena *mem, int width, int height, snas_raster *out)
{
    assert(width > 0 && height > 0);
    const size_t bytes = (size_t)width * (size_t)height * 3;
    *out = (snas_raster){.width = width, .height = height};
    SNAS_NEW(mem, out->rgb, bytes);
    memset(out->rgb, 255, bytes);
    return SNAS_OK;
}

snas_status snas_png_save(snas_arena *mem, const char *path, const snas_raster *picture)
{
    codec c = {.scratch = mem, .path = path};
    const snas_mark start = snas_arena_mark(mem);
    const snas_status status = save(&c, picture);
    snas_arena_release(mem, start);
    return status;
}

snas_status format_png_decode(const format_image_task *task, snas_image *out)
{
    codec c = {.scratch = task->mem, .path = task->name, .file = task->file};
    return load(&c, task->measure ? NULL : task->mem, out);
}

snas_status snas_png_load(snas_arena *mem, const char *path, snas_raster *out)
{
    codec c = {.path = path};
    *out = (snas_raster){0};
    SNAS_TRY(snas_arena_create("a PNG", 0, &c.scratch));
    snas_image image = {0};
    snas_status status = snas_file_read(c.scratch, c.path, SNAS_IMAGE_FILE_MAX, &c.file);
    status = status == SNAS_OK ? load(&c, mem, &image) : status;
    snas_arena_destroy(c.scratch);
    if (status == SNAS_OK) {
        *out = (snas_raster){.width = image.columns, .height = image.rows, .rgb = image.pixels};
    }
    return status;
}
