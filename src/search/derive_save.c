/* derive_save.c -- a derived genotype in the run's folder: genotype-RULE.json and the pictures of its cells.
 *
 * The files of a rule are of one cell at any moment, also when the process is killed or a write fails: old pictures go
 * first, then comes the genotype, then come its pictures.
 */
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/report/drawing.h"
#include "snas/search/derive.h"

static const char *picture_stem(snas_arena *mem, const char *folder, const snas_space *space, int type, snas_rule rule)
{
    return snas_format(mem, "%s/cell_%s-%s", folder, space->type_names[type], snas_rule_names[rule]);
}

static snas_status remove_pictures(snas_arena *mem, const char *folder, const snas_space *space, snas_rule rule)
{
    for (int type = 0; type < space->cell_types; type++) {
        const char *stem = picture_stem(mem, folder, space, type, rule);
        SNAS_TRY(snas_taken(stem));
        SNAS_TRY(snas_drawing_remove_both(mem, stem));
    }
    return SNAS_OK;
}

snas_status snas_derive_save(snas_arena *mem, const snas_genotype *genotype, snas_rule rule, const char *folder,
                             const char **genotype_path)
{
    const snas_space *space = genotype->space;
    const char *json;
    *genotype_path = snas_format(mem, "%s/genotype-%s.json", folder, snas_rule_names[rule]);
    SNAS_TRY(snas_taken(*genotype_path));
    SNAS_TRY(snas_genotype_write(mem, genotype, SNAS_GENOTYPE_JSON, &json));
    SNAS_TRY(remove_pictures(mem, folder, space, rule));
    SNAS_TRY(snas_file_replace_text_nofollow(*genotype_path, json));
    for (int type = 0; type < space->cell_types; type++) {
        const snas_cell_view view = {.genotype = genotype, .type = type};
        const char *stem = picture_stem(mem, folder, space, type, rule);
        SNAS_TRY(snas_taken(stem));
        SNAS_TRY(snas_drawing_save_both(mem, snas_cell_drawing(&view), stem));
    }
    return SNAS_OK;
}
