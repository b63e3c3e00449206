/* tally_text.c -- a tally as JSON, as it stands in the metadata of trained weights: written and read.
 *
 * Ranks are not kept: of those that are read, the pictures of rank 0 are known and nothing else.
 */
#include <inttypes.h>
#include <string.h>

#include "snas/format/json.h"
#include "snas/learn/tally.h"

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_numbers(snas_text *to, const int64_t *numbers, int count)
{
    snas_text_add(to, "[");
    for (int i = 0; i < count; i++) {
        snas_text_next(to, ", ");
        snas_text_add(to, "%" PRId64, numbers[i]);
    }
    snas_text_add(to, "]");
}

void snas_tally_write(snas_text *to, const snas_tally *tally)
{
    snas_text_add(to, "{\"images\": ");
    add_numbers(to, tally->of_class, tally->classes);
    snas_text_add(to, ", \"correct\": ");
    add_numbers(to, tally->correct, tally->classes);
    snas_text_add(to, ", \"confusion\": ");
    if (tally->confusion == NULL || tally->classes > SNAS_TALLY_CONFUSION_MAX) {
        snas_text_add(to, "null}");
        return;
    }
    snas_text_add(to, "[");
    for (int c = 0; c < tally->classes; c++) {
        snas_text_next(to, ", ");
        add_numbers(to, tally->confusion + (int64_t)c * tally->classes, tally->classes);
    }
    snas_text_add(to, "]}");
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static snas_status broken(const char *source)
{
    return snas_fail(SNAS_E_DATA, "what '%s' says of the classes is not complete", source);
}

static snas_status read_numbers(const char *source, const snas_json *list, int count, int64_t *to)
{
    if (list == NULL || list->kind != SNAS_JSON_ARRAY || list->count != count) {
        return broken(source);
    }
    int i = 0;
    for (const snas_json *m = list->first; m != NULL; m = m->next) {
        if (m->kind != SNAS_JSON_NUMBER || !m->is_integer || m->number < 0) {
            return broken(source);
        }
        to[i++] = (int64_t)m->number;
    }
    return SNAS_OK;
}

static snas_status read_confusion(const char *source, const snas_json *rows, snas_tally *tally)
{
    if (rows->count != tally->classes) {
        return broken(source);
    }
    int64_t *to = tally->confusion;
    for (const snas_json *row = rows->first; row != NULL; row = row->next, to += tally->classes) {
        SNAS_TRY(read_numbers(source, row, tally->classes, to));
    }
    return SNAS_OK;
}

snas_status snas_tally_read(snas_arena *mem, const char *source, const char *text, snas_tally **out)
{
    const snas_json *root;
    *out = NULL;
    if (text == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_json_parse(mem, source, (snas_bytes){text, strlen(text)}, &root));
    const snas_json *images = snas_json_find(root, "images"), *confusion = snas_json_find(root, "confusion");
    if (images == NULL || images->kind != SNAS_JSON_ARRAY || images->count < 1) {
        return broken(source);
    }
    snas_tally *tally;
    const bool has_matrix = confusion != NULL && confusion->kind == SNAS_JSON_ARRAY;
    SNAS_TRY(snas_tally_create(mem, images->count, has_matrix, &tally));
    SNAS_TRY(read_numbers(source, images, tally->classes, tally->of_class));
    SNAS_TRY(read_numbers(source, snas_json_find(root, "correct"), tally->classes, tally->correct));
    if (has_matrix) {
        SNAS_TRY(read_confusion(source, confusion, tally));
    }
    for (int c = 0; c < tally->classes; c++) {
        tally->images += tally->of_class[c];
        tally->ranks[0] += tally->correct[c];
    }
    *out = tally;
    return SNAS_OK;
}
