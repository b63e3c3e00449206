/* genotype_file.c -- the architecture in a run's folder: genotype.json, and genotype.txt as people paste it. */
#include "snas/learn/genotype_file.h"

#include "snas/base/file.h"
#include "snas/base/text.h"

/* One line a gene: for what has no published text form. */
static snas_status write_lines(snas_arena *mem, const snas_genotype *genotype, const char **out)
{
    const snas_space *space = genotype->space;
    snas_text text = snas_text_make(mem);
    for (int type = 0; type < space->cell_types; type++) {
        for (int node = 0; node < space->nodes; node++) {
            const snas_genes *genes = &genotype->nodes[type][node];
            for (int i = 0; i < genes->count; i++) {
                snas_text_add(&text, "%s node %d <- %d: %s\n", space->type_names[type], space->inputs + node,
                              genes->genes[i].source, space->candidates[genes->genes[i].candidate]->name);
            }
        }
    }
    *out = text.data;
    return snas_text_done(&text);
}

static snas_status write_text(snas_arena *mem, const snas_genotype *genotype, const char **out)
{
    static const snas_genotype_format forms[] = {SNAS_GENOTYPE_EDGE_ALL, SNAS_GENOTYPE_DARTS,
                                                 SNAS_GENOTYPE_NAS_BENCH_201};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const snas_status status = snas_genotype_write(mem, genotype, forms[i], out);
        if (status != SNAS_E_USAGE) {
            return status;
        }
    }
    snas_error_clear();
    return write_lines(mem, genotype, out);
}

snas_status snas_genotype_file_save(snas_arena *mem, const snas_genotype *genotype, const char *folder)
{
    const char *json, *text;
    SNAS_TRY(snas_genotype_write(mem, genotype, SNAS_GENOTYPE_JSON, &json));
    SNAS_TRY(write_text(mem, genotype, &text));
    const char *json_path = snas_format(mem, "%s/genotype.json", folder);
    const char *text_path = snas_format(mem, "%s/genotype.txt", folder);
    SNAS_TRY(snas_taken(json_path));
    SNAS_TRY(snas_taken(text_path));
    snas_fault first = {0};
    snas_fault_first(&first, snas_file_replace_text_nofollow(json_path, json));
    snas_fault_first(&first, snas_file_replace_text_nofollow(text_path, text));
    return snas_fault_again(&first);
}
