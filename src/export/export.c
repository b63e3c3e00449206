/* export.c -- the weights' network is opened, the format's row forms its files, the files are written. */
#include "snas/export/export.h"

#include <string.h>
#include <sys/stat.h>

#include "formats.h"
#include "snas/base/text.h"
#include "snas/learn/run_network.h"

#define NAME(KIND, symbol) [SNAS_EXPORT_##KIND] = #symbol,
const char *const snas_export_format_names[SNAS_EXPORT_COUNT] = {SNAS_EXPORT_FORMATS(NAME)};
#define ENTRY(KIND, symbol) [SNAS_EXPORT_##KIND] = &export_##symbol,
static const export_format *const formats[SNAS_EXPORT_COUNT] = {SNAS_EXPORT_FORMATS(ENTRY)};

const char *snas_export_brief(snas_export_format format)
{
    return formats[format]->brief;
}

const char *snas_export_ending(snas_export_format format)
{
    return formats[format]->ending;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *snas_export_identifier(snas_arena *mem, const char *name)
{
    char *made = snas_format(mem, "%s%s", is_digit(name[0]) || name[0] == 0 ? "n" : "", name);
    for (char *c = made; c != NULL && *c != 0; c++) {
        *c = is_letter(*c) || is_digit(*c) ? *c : '_';
    }
    return made;
}

snas_status export_add_text(snas_arena *mem, const char *path, const snas_text *text, export_formed *to)
{
    snas_bytes *part;
    SNAS_TRY(snas_text_done(text));
    SNAS_NEW(mem, part, 1);
    *part = (snas_bytes){.data = text->data, .size = text->size};
    to->files[to->file_count++] = (export_file){.path = path, .parts = part, .count = 1};
    return SNAS_OK;
}

/* Are the two one file, by whatever names? */
static bool is_same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static snas_status check_out(const snas_export_request *request)
{
    const char *ending = snas_export_ending(request->format);
    if (!snas_ends(request->out, ending)) {
        return snas_fail(SNAS_E_USAGE, "--out '%s' has not the ending of the format '%s', allowed %s", request->out,
                         snas_export_format_names[request->format], ending);
    }
    if (snas_folder_is(request->out)) {
        return snas_fail(SNAS_E_USAGE, "--out '%s' is a folder, where a file is wanted", request->out);
    }
    return is_same_file(request->weights, request->out)
               ? snas_fail(SNAS_E_USAGE, "--out '%s' is the file of weights, which would be lost", request->out)
               : SNAS_OK;
}

static const char *name_at(const void *context, int i)
{
    return ((const char *const *)context)[i];
}

/* An option that the format does not take. */
static snas_status refuse_option(snas_arena *mem, const char *option, unsigned bit, snas_export_format format)
{
    const char *names[SNAS_EXPORT_COUNT] = {NULL};
    int count = 0;
    for (int f = 0; f < SNAS_EXPORT_COUNT; f++) {
        if ((formats[f]->takes & bit) != 0) {
            names[count++] = snas_export_format_names[f];
        }
    }
    snas_text allowed = snas_text_make(mem);
    snas_text_add_allowed(&allowed, "", name_at, names, count);
    SNAS_TRY(snas_text_done(&allowed));
    return snas_fail(SNAS_E_USAGE, "--%s is not for the format '%s'%s", option, snas_export_format_names[format],
                     allowed.data);
}

static snas_status check_options(snas_arena *mem, const snas_export_request *request)
{
    const struct {
        const char *name;
        bool wanted;
        unsigned bit;
    } options[] = {{"fold", request->fold, EXPORT_FOLD},
                   {"probabilities", request->probabilities, EXPORT_PROBABILITIES},
                   {"int8", request->int8 != NULL, EXPORT_INT8}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].wanted && (formats[request->format]->takes & options[i].bit) == 0) {
            return refuse_option(mem, options[i].name, options[i].bit, request->format);
        }
    }
    return request->int8 != NULL && request->probabilities
               ? snas_fail(SNAS_E_USAGE, "--probabilities is not for --int8: its file has whole numbers only")
               : SNAS_OK;
}

static snas_status open_subject(snas_arena *mem, const snas_export_request *request, export_subject *out)
{
    snas_network_options how = snas_run_network_options(1, 0, false, NULL);
    how.training = false;
    snas_tensor_file file;
    *out = (export_subject){.request = request, .team = snas_team_make(1)};
    SNAS_TRY(snas_safetensors_load(mem, request->weights, &file));
    const snas_child_request wanted = {.path = request->weights, .file = &file, .team = &out->team, .how = &how};
    SNAS_TRY(snas_child_load(mem, &wanted, &out->child, &out->genotype, &out->network));
    out->auxiliary = snas_tensor_find(&file, "auxiliary_head.classifier.weight") != NULL;
    return SNAS_OK;
}

static snas_status count(snas_arena *mem, const export_subject *subject, snas_exported *out)
{
    const snas_child_weights weights = {.child = &subject->child, .genotype = &subject->genotype};
    const snas_network_spec spec = snas_child_spec(&weights);
    snas_count size;
    SNAS_TRY(snas_network_count(mem, &spec, &size, NULL));
    out->parameters = size.parameters;
    out->macs = size.macs;
    return SNAS_OK;
}

snas_status snas_export(snas_arena *mem, const snas_export_request *request, snas_exported *out)
{
    export_subject subject;
    export_formed formed = {.file_count = 0};
    *out = (snas_exported){.file_count = 0};
    SNAS_TRY(check_options(mem, request));
    SNAS_TRY(check_out(request));
    SNAS_TRY(open_subject(mem, request, &subject));
    SNAS_TRY(count(mem, &subject, out));
    SNAS_TRY(formats[request->format]->form(mem, &subject, &formed));
    out->flash_bytes = formed.flash_bytes;
    out->ram_bytes = formed.ram_bytes;
    out->pictures = formed.pictures;
    for (int i = 0; i < formed.file_count; i++) {
        SNAS_TRY(snas_file_replace(formed.files[i].path, formed.files[i].parts, formed.files[i].count));
        out->files[out->file_count++] = formed.files[i].path;
    }
    return SNAS_OK;
}
