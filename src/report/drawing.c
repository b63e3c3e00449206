/* drawing.c -- a picture written: to a file, into a page, as pixels. */
#include "snas/report/drawing.h"

#include "pen.h"
#include "snas/base/file.h"

static snas_status write_svg(snas_drawing drawing, bool in_page, const char *prefix, snas_text *to)
{
    report_pen pen = {.kind = &report_svg, .mem = to->mem, .in_page = in_page, .markup = snas_markup_make(to, prefix)};
    SNAS_TRY(drawing.paint(&pen, drawing.shown));
    snas_markup_end(&pen.markup); /* of <svg> */
    snas_text_add(to, "\n");
    return snas_text_done(to);
}

snas_status snas_drawing_inline(snas_drawing drawing, const char *prefix, snas_text *to)
{
    return write_svg(drawing, true, prefix, to);
}

snas_status snas_drawing_svg(snas_drawing drawing, snas_text *to)
{
    return write_svg(drawing, false, "", to);
}

snas_status snas_drawing_raster(snas_arena *mem, snas_drawing drawing, snas_raster *out)
{
    report_pen pen = {.kind = &report_pixels, .mem = mem};
    SNAS_TRY(drawing.paint(&pen, drawing.shown));
    *out = pen.raster;
    return SNAS_OK;
}

static snas_status save(snas_arena *mem, snas_drawing drawing, const char *path)
{
    if (snas_ends(path, ".svg")) {
        snas_text text = snas_text_make(mem);
        SNAS_TRY(snas_drawing_svg(drawing, &text));
        return snas_file_replace_text_nofollow(path, text.data);
    }
    snas_raster raster;
    SNAS_TRY(snas_drawing_raster(mem, drawing, &raster));
    return snas_png_save(mem, path, &raster);
}

snas_status snas_drawing_save(snas_arena *mem, snas_drawing drawing, const char *path)
{
    const snas_mark mark = snas_arena_mark(mem);
    const snas_status status = save(mem, drawing, path);
    snas_arena_release(mem, mark);
    return status;
}

static const char *const ENDINGS[] = {".png", ".svg"};

snas_status snas_drawing_save_both(snas_arena *mem, snas_drawing drawing, const char *stem)
{
    const snas_mark mark = snas_arena_mark(mem);
    snas_fault first = {0};
    for (size_t i = 0; i < sizeof ENDINGS / sizeof ENDINGS[0]; i++) {
        const char *path = snas_format(mem, "%s%s", stem, ENDINGS[i]);
        snas_fault_first(&first, path == NULL ? SNAS_E_MEMORY : save(mem, drawing, path));
    }
    snas_arena_release(mem, mark);
    return snas_fault_again(&first);
}

snas_status snas_drawing_remove_both(snas_arena *mem, const char *stem)
{
    for (size_t i = 0; i < sizeof ENDINGS / sizeof ENDINGS[0]; i++) {
        const char *path = snas_format(mem, "%s%s", stem, ENDINGS[i]);
        SNAS_TRY(snas_taken(path));
        SNAS_TRY(snas_file_remove(path));
    }
    return SNAS_OK;
}
