/* inventory.c -- the pictures of a folder by name, in a file: so that a run goes on with those that it began with.
 *
 *     snas pictures 1
 *     division <tab> split_seed 1, ...         of a folder of classes only
 *     train <tab> train                        a part, and its folder in the root; . is the root itself
 *     <tab> ant                                a class
 *     <tab> <tab> 0.png                        a picture of it
 *
 * In names a backslash stands as \\, a newline as \n, a tab as \t.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "snas/base/file.h"
#include "snas/base/text.h"

static const char HEAD[] = "snas pictures 1";
static const size_t FILE_MAX = (size_t)1 << 30; /* bytes */
enum { BUFFER_BYTES = 1 << 16, PARTS = 2, NAME_BYTES_MAX = 4096 };
static const char *const PART_NAMES[PARTS] = {"train", "test"};

/* What becomes of a letter in a name: after a backslash stands `written`. */
static const struct {
    char letter, written;
} ESCAPES[] = {{'\\', '\\'}, {'\n', 'n'}, {'\t', 't'}};
enum { ESCAPE_COUNT = sizeof ESCAPES / sizeof ESCAPES[0] };

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Bytes on their way into the file. */
typedef struct {
    snas_draft draft;
    size_t used;
    char buffer[BUFFER_BYTES];
} writer;

static snas_status flush(writer *w)
{
    const size_t size = w->used;
    w->used = 0;
    return size == 0 ? SNAS_OK : snas_draft_write(&w->draft, w->buffer, size);
}

static snas_status put(writer *w, char letter)
{
    w->buffer[w->used++] = letter;
    return w->used == sizeof w->buffer ? flush(w) : SNAS_OK;
}

static snas_status put_text(writer *w, const char *text)
{
    for (; *text != '\0'; text++) {
        int e = 0;
        while (e < ESCAPE_COUNT && ESCAPES[e].letter != *text) {
            e++;
        }
        if (e < ESCAPE_COUNT) {
            SNAS_TRY(put(w, '\\'));
        }
        SNAS_TRY(put(w, e < ESCAPE_COUNT ? ESCAPES[e].written : *text));
    }
    return SNAS_OK;
}

/* A line of one text after `tabs` tabs, or of two with a tab between them. */
static snas_status put_line(writer *w, int tabs, const char *text, const char *second)
{
    for (int i = 0; i < tabs; i++) {
        SNAS_TRY(put(w, '\t'));
    }
    SNAS_TRY(put_text(w, text));
    if (second != NULL) {
        SNAS_TRY(put(w, '\t'));
        SNAS_TRY(put_text(w, second));
    }
    return put(w, '\n');
}

static snas_status put_part(writer *w, const struct snas_inventory *from, int p)
{
    const data_folder_part *part = &from->parts[p];
    int k = 0, i = 0;
    SNAS_TRY(put_line(w, 0, PART_NAMES[p], from->folders[p]));
    for (; k < from->classes; k++) {
        SNAS_TRY(put_line(w, 1, part->class_names[k], NULL));
        for (; i < part->count && part->labels[i] == k; i++) {
            SNAS_TRY(put_line(w, 2, part->names[i], NULL));
        }
    }
    return SNAS_OK;
}

static snas_status put_all(writer *w, const struct snas_inventory *from)
{
    SNAS_TRY(put_line(w, 0, HEAD, NULL));
    if (from->division != NULL) {
        SNAS_TRY(put_line(w, 0, "division", from->division));
    }
    for (int p = 0; p < PARTS; p++) {
        SNAS_TRY(put_part(w, from, p));
    }
    return flush(w);
}

snas_status snas_dataset_save_pictures(snas_arena *scratch, const snas_dataset *set, const char *path)
{
    writer *w;
    if (set->inventory == NULL) {
        return SNAS_OK;
    }
    SNAS_NEW(scratch, w, 1);
    SNAS_TRY(snas_draft_open_nofollow(&w->draft, path));
    const snas_status status = put_all(w, set->inventory);
    if (status != SNAS_OK) {
        snas_draft_discard(&w->draft);
        return status;
    }
    return snas_draft_commit(&w->draft);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *path;
    char *at, *end;
    int line;
    int tabs;            /* of the line at hand */
    char *text, *second; /* of the line at hand; second NULL: none */
} reader;

static snas_status malformed(const reader *r, const char *problem)
{
    char shown[1024];
    return snas_fail(SNAS_E_IO, "'%s' is not a good list of pictures: line %d %s",
                     snas_printable(shown, sizeof shown, r->path), r->line, problem);
}

/* Names in place as they were before they were escaped; false: not so written. */
static bool unescape(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++, to++) {
        *to = *text;
        if (*text != '\\') {
            continue;
        }
        int e = 0;
        text++;
        while (e < ESCAPE_COUNT && ESCAPES[e].written != *text) {
            e++;
        }
        if (e == ESCAPE_COUNT) {
            return false;
        }
        *to = ESCAPES[e].letter;
    }
    *to = '\0';
    return true;
}

/* A name of a file or a folder, of this folder and not hidden. */
static bool is_name(const char *text)
{
    return text[0] != '\0' && text[0] != '.' && strchr(text, '/') == NULL && strlen(text) <= NAME_BYTES_MAX;
}

/* The next line; *more false at the end. */
static snas_status next_line(reader *r, bool *more)
{
    *more = r->at < r->end;
    if (!*more) {
        return SNAS_OK;
    }
    char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    r->line++;
    if (newline == NULL || memchr(r->at, '\0', (size_t)(newline - r->at)) != NULL) {
        return malformed(r, "is cut off");
    }
    *newline = '\0';
    r->tabs = (int)strspn(r->at, "\t");
    r->text = r->at + r->tabs;
    r->second = strchr(r->text, '\t');
    if (r->second != NULL) {
        *r->second++ = '\0';
    }
    r->at = newline + 1;
    return unescape(r->text) && (r->second == NULL || unescape(r->second)) ? SNAS_OK
                                                                           : malformed(r, "has an unknown escape");
}

/* What has been read so far. */
typedef struct {
    snas_arena *mem;
    const char **class_names;
    int class_count, class_room;
    int part, label; /* at hand, -1 none */
    struct snas_inventory *out;
} filling;

static snas_status take_part(reader *r, filling *f)
{
    const bool is_division = strcmp(r->text, "division") == 0;
    if (r->second == NULL) {
        return malformed(r, "has no second text");
    }
    if (is_division && f->part < 0) {
        f->out->division = r->second;
        return SNAS_OK;
    }
    f->part++;
    f->label = -1;
    if (f->part >= PARTS || strcmp(r->text, PART_NAMES[f->part]) != 0) {
        return malformed(r, "is no part 'train', then 'test'");
    }
    f->out->folders[f->part] = r->second;
    return strcmp(r->second, ".") == 0 || is_name(r->second) ? SNAS_OK : malformed(r, "names no folder of the root");
}

/* The classes of the training part, and in the same order those of the test part. */
static snas_status take_class(reader *r, filling *f)
{
    f->label++;
    if (f->part < 0 || !is_name(r->text)) {
        return malformed(r, "names no class");
    }
    if (f->part == 0) {
        SNAS_GROW(f->mem, f->class_names, f->class_count, f->class_room);
        f->class_names[f->class_count++] = r->text;
        return SNAS_OK;
    }
    return f->label < f->class_count && strcmp(f->class_names[f->label], r->text) == 0
               ? SNAS_OK
               : malformed(r, "names another class than the part before");
}

static snas_status take_line(reader *r, filling *f)
{
    if (r->tabs == 0) {
        return take_part(r, f);
    }
    if (r->second != NULL || r->tabs > 2) {
        return malformed(r, "has too many tabs");
    }
    if (r->tabs == 1) {
        return take_class(r, f);
    }
    return f->label >= 0 && is_name(r->text) ? data_folder_add(f->mem, &f->out->parts[f->part], f->label, r->text)
                                             : malformed(r, "names no picture of a class");
}

snas_status data_inventory_load(snas_arena *mem, const char *path, struct snas_inventory *out)
{
    snas_bytes file;
    char *copy;
    bool more = false;
    filling f = {.mem = mem, .part = -1, .label = -1, .out = out};
    *out = (struct snas_inventory){0};
    SNAS_TRY(snas_file_read(mem, path, FILE_MAX, &file));
    SNAS_NEW(mem, copy, file.size + 1);
    memcpy(copy, file.data, file.size);
    reader r = {.path = path, .at = copy, .end = copy + file.size};
    SNAS_TRY(next_line(&r, &more));
    if (!more || r.tabs != 0 || strcmp(r.text, HEAD) != 0) {
        return malformed(&r, "is not 'snas pictures 1'");
    }
    for (;;) {
        SNAS_TRY(next_line(&r, &more));
        if (!more) {
            break;
        }
        SNAS_TRY(take_line(&r, &f));
    }
    if (f.part != PARTS - 1 || f.label != f.class_count - 1 || f.class_count == 0) {
        return malformed(&r, "is the last one, and parts or classes are missing");
    }
    out->classes = f.class_count;
    for (int p = 0; p < PARTS; p++) {
        out->parts[p].class_names = f.class_names;
    }
    return SNAS_OK;
}
