/* jpeg.c -- JPEG through libjpeg-turbo: baseline, progressive and arithmetic; grey, YCbCr, RGB, CMYK, YCCK.
 *
 *     CMYK -> RGB    R = (255 - C) (255 - K) / 255, rounded;  from an Adobe file, which stores 255 - C: R = C K / 255
 *
 * libjpeg leaves through longjmp, so the function between setjmp and a fault holds nothing that needs giving back:
 * pixels and rows lie in the task's arena, and libjpeg's own memory is given back by jpeg_destroy_decompress in every
 * case. Decoding is what every program does by default: the slow, exact inverse DCT, smooth upsampling.
 *
 * Bounds: sides and pixels before any memory; a picture must have a byte for every PIXELS_PER_BYTE pixels (a Huffman
 * code has a bit at least, so no true picture comes near it); libjpeg's memory; scans, which a progressive picture
 * could have without end. The file's end before the picture's is a fault; other corruption is repaired by libjpeg and
 * counted.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h> /* before jerror.h */

#include <jerror.h>

#include "image_kinds.h"
#include "snas/base/text.h"

enum { SCANS_MAX = 200, PIXELS_PER_BYTE = 2048, MEMORY_MAX = 512 << 20 /* bytes */ };

/* One file being read. libjpeg hands back pointers to its parts: `cinfo` must stand first. */
typedef struct {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    const format_image_task *task;
    snas_status status; /* of the fault, when there was one */
    int warnings;
    char warning[JMSG_LENGTH_MAX + 48]; /* the first */
    int orientation;                    /* of the first EXIF data; 0: none yet */
} codec;

static codec *codec_of(j_common_ptr cinfo)
{
    return (codec *)(void *)cinfo;
}

/* Record the sentence and leave. */
static _Noreturn void fault(codec *c, const char *problem)
{
    char shown[1024];
    c->status = snas_fail(SNAS_E_DATA, "'%s' is not a good JPEG: %s",
                          snas_printable(shown, sizeof shown, c->task->name), problem);
    longjmp(c->out, 1);
}

static void on_error(j_common_ptr cinfo)
{
    char problem[JMSG_LENGTH_MAX];
    if (cinfo->err->msg_code == JERR_NO_BACKING_STORE) {
        fault(codec_of(cinfo), "it wants more than 512 MiB of memory");
    }
    if (cinfo->err->msg_code == JERR_OUT_OF_MEMORY) {
        codec *c = codec_of(cinfo);
        char shown[1024];
        c->status = snas_fail(SNAS_E_MEMORY, "out of memory: libjpeg cannot read '%s'",
                              snas_printable(shown, sizeof shown, c->task->name));
        longjmp(c->out, 1);
    }
    cinfo->err->format_message(cinfo, problem);
    fault(codec_of(cinfo), problem);
}

/* The rows above the first fault are whole where the file holds the picture from top to bottom. */
static void on_message(j_common_ptr cinfo, int level)
{
    codec *c = codec_of(cinfo);
    if (level >= 0 || c->warnings++ > 0) {
        return;
    }
    char problem[JMSG_LENGTH_MAX];
    cinfo->err->format_message(cinfo, problem);
    const unsigned row = c->cinfo.output_scanline, rows = c->cinfo.output_height;
    if (row > 0 && row < rows && !c->cinfo.progressive_mode) {
        snprintf(c->warning, sizeof c->warning, "%s, from row %u of %u on", problem, row + 1, rows);
    } else {
        snprintf(c->warning, sizeof c->warning, "%s", problem);
    }
}

static void on_output(j_common_ptr cinfo)
{
    (void)cinfo; /* only cli prints */
}

static void on_start(j_decompress_ptr cinfo)
{
    (void)cinfo; /* the whole file is there from the start */
}

static boolean on_empty(j_decompress_ptr cinfo)
{
    fault(codec_of((j_common_ptr)cinfo), "it is cut off");
}

static void on_skip(j_decompress_ptr cinfo, long bytes)
{
    struct jpeg_source_mgr *source = cinfo->src;
    if (bytes <= 0) {
        return;
    }
    if ((size_t)bytes > source->bytes_in_buffer) {
        fault(codec_of((j_common_ptr)cinfo), "it is cut off");
    }
    source->next_input_byte += bytes;
    source->bytes_in_buffer -= (size_t)bytes;
}

/* A marker with EXIF data, perhaps: the length counts itself and what follows. The whole file is there. */
static boolean on_app1(j_decompress_ptr cinfo)
{
    static const char name[] = "Exif\0";
    codec *c = codec_of((j_common_ptr)cinfo);
    const JOCTET *at = cinfo->src->next_input_byte;
    const size_t left = cinfo->src->bytes_in_buffer;
    const size_t length = left < 2 ? 2 : (size_t)at[0] << 8 | at[1];
    if (c->orientation == 0 && length <= left && length >= 2 + sizeof name && memcmp(at + 2, name, sizeof name) == 0) {
        c->orientation = format_exif_orientation(at + 2 + sizeof name, length - 2 - sizeof name);
    }
    on_skip(cinfo, length < 2 ? 2 : (long)length);
    return TRUE;
}

static void on_progress(j_common_ptr cinfo)
{
    codec *c = codec_of(cinfo);
    if (c->cinfo.input_scan_number > SCANS_MAX) {
        fault(c, "more than 200 scans");
    }
}

static void check_size(codec *c)
{
    const int64_t width = c->cinfo.image_width, height = c->cinfo.image_height;
    char problem[128];
    if (width > SNAS_IMAGE_SIDE_MAX || height > SNAS_IMAGE_SIDE_MAX || width * height > SNAS_IMAGE_PIXELS_MAX) {
        snprintf(problem, sizeof problem, "%lld x %lld pixels, allowed are sides of %d and 64 million pixels",
                 (long long)width, (long long)height, SNAS_IMAGE_SIDE_MAX);
        fault(c, problem);
    }
    if (width * height / PIXELS_PER_BYTE > (int64_t)c->task->file.size) {
        snprintf(problem, sizeof problem, "%lld x %lld pixels cannot come from %zu bytes", (long long)width,
                 (long long)height, c->task->file.size);
        fault(c, problem);
    }
}

/* The colours that libjpeg shall deliver. */
static void ask_for_colours(codec *c)
{
    switch (c->cinfo.jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_YCbCr:
    case JCS_RGB:
        c->cinfo.out_color_space = JCS_RGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        c->cinfo.out_color_space = JCS_CMYK;
        break;
    default:
        fault(c, "its colours are none of grey, YCbCr, RGB, CMYK and YCCK");
    }
}

/* a b / 255, rounded. */
static uint8_t product(unsigned a, unsigned b)
{
    return (uint8_t)((a * b + 127u) / 255u);
}

static void row_from_cmyk(const JSAMPLE *from, int columns, bool inverted, uint8_t *to)
{
    const unsigned turn = inverted ? 0u : 255u; /* 255 - x is x ^ 255 */
    for (int x = 0; x < columns; x++, from += 4, to += 3) {
        const unsigned light = from[3] ^ turn;
        for (int channel = 0; channel < 3; channel++) {
            to[channel] = product(from[channel] ^ turn, light);
        }
    }
}

/* A block of the task's arena, or leave. */
static void *take(codec *c, size_t count, size_t size)
{
    void *memory = snas_arena_take(c->task->mem, count, size);
    if (memory == NULL) {
        c->status = SNAS_E_MEMORY;
        longjmp(c->out, 1);
    }
    return memory;
}

static void read_rows(codec *c, snas_image *out)
{
    const int columns = (int)c->cinfo.output_width, rows = (int)c->cinfo.output_height;
    const bool cmyk = c->cinfo.out_color_space == JCS_CMYK;
    uint8_t *pixels = take(c, (size_t)columns * 3, (size_t)rows);
    JSAMPLE *row = cmyk ? take(c, (size_t)columns, 4) : NULL;
    for (int y = 0; y < rows; y++) {
        uint8_t *to = pixels + (size_t)columns * 3 * (size_t)y;
        JSAMPROW line = cmyk ? row : to;
        if (jpeg_read_scanlines(&c->cinfo, &line, 1) != 1) {
            fault(c, "it gives no more rows");
        }
        if (cmyk) {
            row_from_cmyk(row, columns, c->cinfo.saw_Adobe_marker, to);
        }
    }
    out->columns = columns;
    out->rows = rows;
    out->pixels = pixels;
}

/* All that may leave through longjmp. */
static void decode(codec *c, snas_image *out)
{
    if (setjmp(c->out) != 0) {
        return;
    }
    jpeg_create_decompress(&c->cinfo);
    c->cinfo.mem->max_memory_to_use = MEMORY_MAX;
    c->cinfo.src = &c->source;
    c->cinfo.progress = &c->progress;
    jpeg_set_marker_processor(&c->cinfo, JPEG_APP0 + 1, on_app1);
    (void)jpeg_read_header(&c->cinfo, TRUE);
    check_size(c);
    out->width = out->columns = (int)c->cinfo.image_width;
    out->height = out->rows = (int)c->cinfo.image_height;
    ask_for_colours(c);
    if (c->task->measure) {
        return;
    }
    c->cinfo.scale_num = 1;
    c->cinfo.scale_denom = (unsigned)c->task->shrink;
    c->cinfo.dct_method = JDCT_ISLOW;
    (void)jpeg_start_decompress(&c->cinfo);
    read_rows(c, out);
    (void)jpeg_finish_decompress(&c->cinfo);
}

bool snas_jpeg_is_there(void)
{
    return true;
}

snas_status format_jpeg_decode(const format_image_task *task, snas_image *out)
{
    codec c = {.task = task};
    c.cinfo.err = jpeg_std_error(&c.errors);
    c.errors.error_exit = on_error;
    c.errors.emit_message = on_message;
    c.errors.output_message = on_output;
    c.progress.progress_monitor = on_progress;
    c.source = (struct jpeg_source_mgr){.next_input_byte = task->file.data,
                                        .bytes_in_buffer = task->file.size,
                                        .init_source = on_start,
                                        .fill_input_buffer = on_empty,
                                        .skip_input_data = on_skip,
                                        .resync_to_restart = jpeg_resync_to_restart,
                                        .term_source = on_start};
    decode(&c, out);
    jpeg_destroy_decompress(&c.cinfo);
    out->orientation = c.orientation == 0 ? 1 : c.orientation;
    out->warnings = c.warnings;
    if (c.status == SNAS_OK && c.warnings > 0) {
        out->damage = snas_format(task->mem, "%s", c.warning);
        return snas_taken(out->damage);
    }
    return c.status;
}
