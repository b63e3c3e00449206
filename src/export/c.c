/* c.c -- C99: one file and a header, without a library, for where there is no operating system.
 *
 *     numbers as constants; one static buffer of the planned bytes; a call a layer; no allocation, no recursion
 *
 * Batch norms go into convolutions and pools. Plain loops: the file is to be read, and every compiler takes it. In
 * single precision, or in whole numbers of 8 bits whose scales are calibrated on training pictures.
 */
#include <string.h>

#include "c_source.h"
#include "calibrate.h"
#include "formats.h"
#include "snas/base/version.h"

/* Of a file's name: what an #include can have. */
static bool is_plain_name(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+") == strlen(name);
}

/* Names after those of the file; *header_path: NAME.h beside it. */
static snas_status name_files(snas_arena *mem, const char *out, c_names *names, const char **header_path)
{
    const char *file = snas_path_name(mem, out);
    SNAS_TRY(snas_taken(file));
    if (!is_plain_name(file)) {
        return snas_fail(SNAS_E_USAGE, "--out '%s': the name of a file in C is of letters, digits and ._-+", out);
    }
    const int bare = (int)(strlen(file) - strlen(".c")), whole = (int)(strlen(out) - strlen(".c"));
    const char *stem = snas_format(mem, "%.*s", bare, file);
    SNAS_TRY(snas_taken(stem));
    names->name = snas_export_identifier(mem, stem);
    names->header = snas_format(mem, "%s.h", stem);
    *header_path = snas_format(mem, "%.*s.h", whole, out);
    SNAS_TRY(names->name == NULL || names->header == NULL ? SNAS_E_MEMORY : snas_taken(*header_path));
    char *upper = snas_format(mem, "%s", names->name);
    for (char *c = upper; c != NULL && *c != 0; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    names->upper = upper;
    return snas_taken(upper);
}

static void add_top(const c_writer *w, snas_text *to)
{
    const snas_export_request *request = w->subject->request;
    snas_text_add(to, "/* A network that snas %s has trained, of ", SNAS_VERSION);
    c_add_comment(to, request->weights);
    snas_text_add(to, ". Its functions are explained in %s.\n *\n", w->names->header);
    snas_text_add(to, " * C99, without allocation, recursion or a library beyond memset%s. */\n",
                  request->probabilities ? " and expf" : "");
    snas_text_add(to, "#include \"%s\"\n\n%s#include <string.h>\n\n", w->names->header,
                  request->probabilities ? "#include <math.h>\n" : "");
}

/* --- kinds of numbers --------------------------------------------------------------------------------------------- */

static snas_status prepare_nothing(c_writer *w)
{
    (void)w;
    return SNAS_OK;
}

static snas_status quantise(c_writer *w)
{
    const c_range *ranges;
    SNAS_TRY(export_calibrate(w->mem, w->subject, w->layers, w->plan, &ranges, &w->pictures));
    return c_int8_make(w->mem, w->subject, w->layers, w->plan, ranges, &w->int8);
}

/* How a file of such numbers is written. */
typedef struct {
    const char *type; /* of a number */
    snas_status (*prepare)(c_writer *w);
    snas_status (*add_constants)(c_writer *w, snas_text *to);
    void (*add_calls)(const c_writer *w, snas_text *to);
    snas_status (*add_helpers)(c_writer *w, snas_text *to);
    void (*add_header)(const c_writer *w, snas_text *to);
} number_row;

static const number_row NUMBERS[] = {
    [SNAS_C_FLOAT] = {"float", prepare_nothing, c_add_constants, c_add_calls, c_add_helpers, c_add_header},
    [SNAS_C_INT8] = {"int8_t", quantise, c_int8_add_constants, c_int8_add_calls, c_int8_add_helpers, c_int8_add_header},
};

/* --- the files ---------------------------------------------------------------------------------------------------- */

static snas_status add_source(c_writer *w, const number_row *row, snas_text *to)
{
    const c_names *n = w->names;
    add_top(w, to);
    SNAS_TRY(row->add_constants(w, to));
    snas_text_add(to, "\nstatic %s activations[%s_ACTIVATION_BYTES / sizeof(%s)];\n", row->type, n->upper, row->type);
    snas_text_add(to, "\nvoid %s_predict(const %s *pixels, %s *logits)\n{\n", n->name, row->type, row->type);
    row->add_calls(w, to);
    snas_text_add(to, "}\n");
    return row->add_helpers(w, to);
}

static snas_status form(snas_arena *mem, const export_subject *subject, export_formed *out)
{
    const snas_c_numbers numbers = subject->request->int8 != NULL ? SNAS_C_INT8 : SNAS_C_FLOAT;
    export_layers net;
    snas_c_plan plan;
    c_names names;
    const char *header_path;
    SNAS_TRY(name_files(mem, subject->request->out, &names, &header_path));
    SNAS_TRY(export_layers_make(mem, subject, SNAS_NORMS_INTO_POOLS_TOO, &net));
    SNAS_TRY(snas_c_plan_make(mem, &net.outline, numbers, &plan));
    c_writer w = {.mem = mem, .subject = subject, .names = &names, .plan = &plan, .layers = &net};
    snas_text source = snas_text_make(mem), header = snas_text_make(mem);
    SNAS_TRY(NUMBERS[numbers].prepare(&w));
    SNAS_TRY(add_source(&w, &NUMBERS[numbers], &source));
    NUMBERS[numbers].add_header(&w, &header);
    out->flash_bytes = w.constant_bytes;
    out->ram_bytes = plan.bytes;
    out->pictures = w.pictures;
    SNAS_TRY(export_add_text(mem, header_path, &header, out));
    return export_add_text(mem, subject->request->out, &source, out);
}

const export_format export_c = {
    .brief = "a file of C99 and its header", .ending = ".c", .takes = EXPORT_PROBABILITIES | EXPORT_INT8, .form = form};
