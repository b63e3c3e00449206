/* cmd_draw.c -- `snas draw`: the cells of an architecture as one picture, the curves of a run as one each. */
#include <string.h>

#include "command.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/page/page.h"
#include "snas/report/drawing.h"

typedef struct {
    const char *what, *out, *cell;
    bool curves;
} values;

static const cli_option OPTIONS[] = {
    ARG("GENOTYPE|RUN", values, what,
        "file, built-in name, or line of a cell of NAS-Bench-201; or a run folder, for its genotype"),
    TEXT("out", "FILE", values, out, "write there, SVG or PNG by its ending; - is stdout, SVG; else NAME.svg here"),
    TEXT("cell", "TYPE", values, cell, "this cell alone, such as normal or reduce; else all, one below the other"),
    FLAG("curves", 0, values, curves, "of a run: its figures over the epochs, a file a chart: NAME-loss.svg and so on"),
    OPTIONS_END,
};

/* The genotype of a run's folder, or of whatever else names one. A folder hides no built-in architecture. */
static snas_status load(snas_arena *mem, const char *what, snas_genotype *out)
{
    const char *file = snas_format(mem, "%s%sgenotype.json", what, snas_ends(what, "/") ? "" : "/");
    SNAS_TRY(snas_taken(file));
    for (const snas_known_genotype *known = snas_known_genotypes; known->name != NULL; known++) {
        if (strcmp(known->name, what) == 0) {
            return snas_genotype_load(mem, what, out);
        }
    }
    return snas_genotype_load(mem, snas_folder_is(what) && snas_file_is(file) ? file : what, out);
}

static bool is_line(const char *what)
{
    return strchr(what, '|') != NULL && !snas_file_is(what);
}

/* What the architecture is called: the last part of its path, without .json or .txt; "cell" where that says nothing. */
static const char *name_of(snas_arena *mem, const char *what)
{
    const char *name = snas_path_name(mem, what);
    if (name == NULL) {
        return NULL;
    }
    const size_t size = strlen(name);
    const size_t ending = snas_ends(name, ".json") ? 5 : snas_ends(name, ".txt") ? 4 : 0;
    const bool nameless = strspn(name, "./") == size;
    return nameless                      ? "cell"
           : ending > 0 && ending < size ? snas_format(mem, "%.*s", (int)(size - ending), name)
                                         : name;
}

static const char *type_name(const void *context, int i)
{
    const snas_space *space = context;
    return space->type_names[i];
}

static snas_status find_cell(snas_arena *mem, const snas_space *space, const char *wanted, int *type)
{
    *type = SNAS_ALL_CELLS;
    for (int i = 0; wanted != NULL && i < space->cell_types; i++) {
        if (strcmp(space->type_names[i], wanted) == 0) {
            *type = i;
        }
    }
    return wanted == NULL || *type >= 0 ? SNAS_OK
                                        : snas_fail(SNAS_E_USAGE, "no cell '%s' in space '%s'%s", wanted, space->name,
                                                    cli_allowed(mem, wanted, type_name, space, space->cell_types));
}

static snas_status check_out(const char *out)
{
    return out == NULL || strcmp(out, "-") == 0 || snas_ends(out, ".svg") || snas_ends(out, ".png")
               ? SNAS_OK
               : snas_fail(SNAS_E_USAGE, "--out '%s' has no ending of a picture, allowed .svg, .png", out);
}

static snas_status draw_curves(cli_session *session, const values *v)
{
    snas_arena *mem = session->mem;
    const char *out = v->out, *name = name_of(mem, v->what);
    int count;
    if (v->cell != NULL || (out != NULL && strcmp(out, "-") == 0)) {
        return snas_fail(SNAS_E_USAGE, "--curves writes files, a chart each, and takes neither --cell nor --out -");
    }
    const char *ending = out == NULL ? ".svg" : out + strlen(out) - strlen(".svg");
    const char *stem = out == NULL ? name : snas_format(mem, "%.*s", (int)(ending - out), out);
    SNAS_TRY(snas_taken(stem));
    SNAS_TRY(snas_page_curves_save(mem, v->what, stem, ending, &count));
    cli_say(session, "%d picture%s written to %s-*%s", count, count == 1 ? "" : "s", stem, ending);
    return SNAS_OK;
}

static snas_status draw(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    snas_arena *mem = session->mem;
    snas_genotype genotype;
    if (v->what == NULL) {
        return snas_fail(SNAS_E_USAGE, "no GENOTYPE or RUN given\nsee 'snas help draw'");
    }
    SNAS_TRY(check_out(v->out));
    if (v->curves) {
        return draw_curves(session, v);
    }
    SNAS_TRY(load(mem, v->what, &genotype));
    const char *name = is_line(v->what) ? "cell" : name_of(mem, v->what);
    SNAS_TRY(snas_taken(name));
    snas_cell_view view = {.genotype = &genotype, .name = name};
    if (is_line(v->what)) {
        view.name = NULL;
        view.note = v->what;
    }
    SNAS_TRY(find_cell(mem, genotype.space, v->cell, &view.type));
    if (v->out != NULL && strcmp(v->out, "-") == 0) {
        snas_text text = snas_text_make(mem);
        SNAS_TRY(snas_drawing_svg(snas_cell_drawing(&view), &text));
        return cli_print_text(session, &text);
    }
    const char *path = v->out != NULL ? v->out : snas_format(mem, "%s.svg", name);
    SNAS_TRY(snas_taken(path));
    SNAS_TRY(snas_drawing_save(mem, snas_cell_drawing(&view), path));
    cli_say(session, "picture written to %s", path);
    return SNAS_OK;
}

const cli_command cli_draw = {
    .name = "draw",
    .brief = "draw the cells of an architecture or the curves of a run",
    .examples = "  snas draw DARTS_V2\n"
                "  snas draw runs/first --out first.png\n"
                "  snas draw runs/first --curves\n"
                "  snas draw mine.json --cell normal --out normal.svg\n"
                "  snas draw '|none~0|+|skip_connect~0|none~1|+|none~0|nor_conv_3x3~1|none~2|'\n",
    .more =
        "Of a run its genotype.json is drawn. In a search that is the genotype of rule edge after the last epoch; for\n"
        "another rule see snas derive --save. NAME is the last part of the path, without .json or .txt; a line is\n"
        "called cell. A file that is there is replaced.\n\n"
        "An SVG has its text as text and follows the reader's choice of light or dark; a PNG is on white. States\n"
        "are numbered as everywhere: the inputs from 0 on, then the nodes. An operation none is dashed.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = draw,
};
