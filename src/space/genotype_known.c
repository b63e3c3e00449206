/* genotype_known.c -- the published architectures, one row each, and the genotype that a user names.
 *
 * Sources: DARTS (Liu et al., ICLR 2019; V1 first order, V2 second order), SNAS (Xie et al., ICLR 2019; its three
 * constraints), PC-DARTS (Xu et al., ICLR 2020, the cells of
 * CIFAR-10 and ImageNet).
 */
#include <string.h>

#include "genotype_forms.h"

enum { GENOTYPE_BYTES_MAX = 1 << 20 };

/* Two operations a node, a node a line. */
/* clang-format off */
const snas_known_genotype snas_known_genotypes[] = {
    {.name = "DARTS_V1",
     .origin = "DARTS, first order (ICLR 2019)",
     .text =
         "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0),"
         "                 ('skip_connect', 0), ('sep_conv_3x3', 1),"
         "                 ('skip_connect', 0), ('sep_conv_3x3', 1),"
         "                 ('sep_conv_3x3', 0), ('skip_connect', 2)], normal_concat=range(2, 6),"
         "         reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1),"
         "                 ('skip_connect', 2), ('max_pool_3x3', 0),"
         "                 ('max_pool_3x3', 0), ('skip_connect', 2),"
         "                 ('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=range(2, 6))"},
    {.name = "DARTS_V2",
     .origin = "DARTS, second order (ICLR 2019)",
     .text =
         "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1),"
         "                 ('sep_conv_3x3', 0), ('sep_conv_3x3', 1),"
         "                 ('sep_conv_3x3', 1), ('skip_connect', 0),"
         "                 ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6),"
         "         reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1),"
         "                 ('skip_connect', 2), ('max_pool_3x3', 1),"
         "                 ('max_pool_3x3', 0), ('skip_connect', 2),"
         "                 ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))"},
    {.name = "PC_DARTS_cifar",
     .origin = "PC-DARTS, searched on CIFAR-10 (ICLR 2020)",
     .text =
         "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0),"
         "                 ('sep_conv_3x3', 0), ('dil_conv_3x3', 1),"
         "                 ('sep_conv_5x5', 0), ('sep_conv_3x3', 1),"
         "                 ('avg_pool_3x3', 0), ('dil_conv_3x3', 1)], normal_concat=range(2, 6),"
         "         reduce=[('sep_conv_5x5', 1), ('max_pool_3x3', 0),"
         "                 ('sep_conv_5x5', 1), ('sep_conv_5x5', 2),"
         "                 ('sep_conv_3x3', 0), ('sep_conv_3x3', 3),"
         "                 ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)], reduce_concat=range(2, 6))"},
    {.name = "PC_DARTS_image",
     .origin = "PC-DARTS, searched on ImageNet (ICLR 2020)",
     .text =
         "Genotype(normal=[('skip_connect', 1), ('sep_conv_3x3', 0),"
         "                 ('sep_conv_3x3', 0), ('skip_connect', 1),"
         "                 ('sep_conv_3x3', 1), ('sep_conv_3x3', 3),"
         "                 ('sep_conv_3x3', 1), ('dil_conv_5x5', 4)], normal_concat=range(2, 6),"
         "         reduce=[('sep_conv_3x3', 0), ('skip_connect', 1),"
         "                 ('dil_conv_5x5', 2), ('max_pool_3x3', 1),"
         "                 ('sep_conv_3x3', 2), ('sep_conv_3x3', 1),"
         "                 ('sep_conv_5x5', 0), ('sep_conv_3x3', 3)], reduce_concat=range(2, 6))"},
    {.name = "SNAS_mild",
     .pool_bn = true,
     .origin = "SNAS, mild constraint (ICLR 2019)",
     .text =
         "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1),"
         "                 ('skip_connect', 0), ('dil_conv_3x3', 1),"
         "                 ('skip_connect', 0), ('skip_connect', 1),"
         "                 ('skip_connect', 0), ('sep_conv_3x3', 1)], normal_concat=range(2, 6),"
         "         reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1),"
         "                 ('max_pool_3x3', 1), ('skip_connect', 2),"
         "                 ('max_pool_3x3', 1), ('skip_connect', 2),"
         "                 ('max_pool_3x3', 0), ('dil_conv_5x5', 2)], reduce_concat=range(2, 6))"},
    {.name = "SNAS_moderate",
     .pool_bn = true,
     .origin = "SNAS, moderate constraint (ICLR 2019)",
     .text =
         "Genotype(normal=[('dil_conv_5x5', 0), ('skip_connect', 1),"
         "                 ('sep_conv_3x3', 0), ('skip_connect', 1),"
         "                 ('skip_connect', 0), ('skip_connect', 1),"
         "                 ('sep_conv_3x3', 0), ('dil_conv_5x5', 1)], normal_concat=range(2, 6),"
         "         reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1),"
         "                 ('sep_conv_5x5', 0), ('dil_conv_5x5', 1),"
         "                 ('sep_conv_5x5', 0), ('sep_conv_5x5', 1),"
         "                 ('sep_conv_5x5', 0), ('sep_conv_5x5', 1)], reduce_concat=range(2, 6))"},
    {.name = "SNAS_aggressive",
     .pool_bn = true,
     .origin = "SNAS, aggressive constraint (ICLR 2019)",
     .text =
         "Genotype(normal=[('sep_conv_5x5', 0), ('skip_connect', 1),"
         "                 ('skip_connect', 0), ('skip_connect', 1),"
         "                 ('dil_conv_5x5', 1), ('skip_connect', 0),"
         "                 ('skip_connect', 0), ('dil_conv_5x5', 1)], normal_concat=range(2, 6),"
         "         reduce=[('sep_conv_5x5', 0), ('none', 1),"
         "                 ('sep_conv_5x5', 0), ('none', 1),"
         "                 ('none', 0), ('none', 1),"
         "                 ('none', 0), ('none', 1)], reduce_concat=range(2, 6))"},
    {0                                                                         }
};
/* clang-format on */

/* Architectures that stand beside these in the published file, and why no space here holds them. */
static const struct {
    const char *name, *reason;
} ELSEWHERE[] = {
    {"NASNet", "5 nodes a cell, operation 'sep_conv_7x7', reduction output [4, 5, 6]"},
    {"AmoebaNet", "5 nodes a cell, operations 'sep_conv_7x7' and 'conv_7x1_1x7', outputs [4, 5, 6] and [3, 4, 6]"},
};

static const char *known_name(const void *context, int i)
{
    (void)context;
    return snas_known_genotypes[i].name;
}

static snas_status load_file(snas_arena *mem, const char *path, snas_genotype *out)
{
    snas_bytes text;
    char shown[1024];
    SNAS_TRY(snas_file_read(mem, path, GENOTYPE_BYTES_MAX, &text));
    return snas_genotype_parse(mem, snas_printable(shown, sizeof shown, path), text, out);
}

/* A wrong line is a fault of whoever typed it, not of a file. */
static snas_status parse_line(snas_arena *mem, const char *line, snas_genotype *out)
{
    const snas_bytes text = {.data = line, .size = strlen(line)};
    const snas_status status = space_genotype_read_201(mem, "genotype", text, out);
    return status == SNAS_E_DATA ? SNAS_E_USAGE : status;
}

/* A run's folder, most likely. */
static snas_status refuse_folder(snas_arena *mem, const char *folder)
{
    const char *path = snas_format(mem, "%s%sgenotype.json", folder, snas_ends(folder, "/") ? "" : "/");
    SNAS_TRY(snas_taken(path));
    return snas_file_is(path) ? snas_fail(SNAS_E_USAGE, "'%s' is a folder, its genotype is '%s'", folder, path)
                              : snas_fail(SNAS_E_USAGE, "'%s' is a folder, and no genotype is in it", folder);
}

snas_status snas_genotype_load(snas_arena *mem, const char *named, snas_genotype *out)
{
    int count = 0;
    if (strchr(named, '|') != NULL && !snas_file_is(named)) {
        return parse_line(mem, named, out);
    }
    for (const snas_known_genotype *known = snas_known_genotypes; known->name != NULL; known++, count++) {
        if (strcmp(known->name, named) == 0) {
            const snas_bytes text = {.data = known->text, .size = strlen(known->text)};
            SNAS_TRY(snas_genotype_parse(mem, known->name, text, out));
            out->pool_bn = known->pool_bn;
            out->origin = known->origin;
            return SNAS_OK;
        }
    }
    if (snas_folder_is(named)) {
        return refuse_folder(mem, named);
    }
    if (strpbrk(named, "/.") != NULL || snas_file_is(named)) {
        return load_file(mem, named, out);
    }
    for (size_t i = 0; i < sizeof ELSEWHERE / sizeof ELSEWHERE[0]; i++) {
        if (strcmp(ELSEWHERE[i].name, named) == 0) {
            return snas_fail(SNAS_E_USAGE, "no space here holds the architecture '%s': %s", named, ELSEWHERE[i].reason);
        }
    }
    char shown[64];
    snas_printable(shown, sizeof shown, named);
    const char *near = snas_nearest(named, known_name, NULL, count);
    return snas_fail(SNAS_E_USAGE, "no architecture '%s': neither built in nor a file%s%s%s", shown,
                     near != NULL ? ", did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}
