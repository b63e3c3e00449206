/* folder.c -- pictures in folders, a folder a class: root/train/CLASS/FILE and root/val/CLASS/FILE, or root/CLASS/FILE.
 *
 * Classes are numbered in the order of their names' bytes, pictures too. What is no folder where classes are wanted,
 * and what is hidden, is passed over. A root without `train` is divided: of every class a share of its pictures, drawn
 * by a seed of its own, is the test set. Files are read when they are wanted, and told by their first bytes; nothing
 * but names is kept.
 */
#include "folder.h"

#include <string.h>

#include "parts.h"
#include "photo.h"
#include "snas/base/text.h"
#include "snas/format/safetensors.h"

static const char *const TEST_NAMES[] = {"val", "valid", "validation", "test"};
enum { TEST_NAME_COUNT = sizeof TEST_NAMES / sizeof *TEST_NAMES, VAL_NAME_COUNT = TEST_NAME_COUNT - 1 };
enum { CLASSES_LEAST = 2 };

const char *const snas_layout_names[SNAS_LAYOUT_COUNT] = {"auto", "parts", "classes"};

/* A root that is being opened. */
typedef struct {
    snas_arena *mem;
    const snas_dataset_request *request;
    const snas_fault_sink *sink;
    const char *root;
    data_listing top;
    const char *const *class_names;
    int classes;
    data_folder_part train, test;
    const char *folders[2]; /* of both in the root */
    snas_dataset *out;      /* note and division are filled on the way */
} opening;

static const char *join(snas_arena *mem, const char *folder, const char *name)
{
    return snas_format(mem, "%s/%s", folder, name);
}

/* --- reading a picture -------------------------------------------------------------------------------------------- */

static snas_status name_file(const data_folder_part *p, int i, snas_arena *mem, const char **out)
{
    *out = snas_format(mem, "%s/%s/%s", p->path, p->class_names[p->labels[i]], p->names[i]);
    return snas_taken(*out);
}

static snas_status file_of(const snas_pictures *pictures, int i, snas_arena *mem, const char **out)
{
    const data_photo_set *set = pictures->source;
    return name_file(set->files, i, mem, out);
}

static snas_status open_picture(const data_photo_set *set, int i, bool measure, snas_arena *scratch, data_photo *out)
{
    SNAS_TRY(name_file(set->files, i, scratch, &out->name));
    out->upright = set->options.orient;
    return data_photo_open_file(out, measure, scratch);
}

static snas_status make_pictures(snas_arena *mem, const snas_photo_options *options, const data_folder_part *files,
                                 snas_pictures *out)
{
    data_photo_set *set;
    data_folder_part *kept;
    SNAS_NEW(mem, set, 1);
    SNAS_NEW(mem, kept, 1);
    *kept = *files;
    *set = (data_photo_set){.options = *options,
                            .files = kept,
                            .gone = kept->gone,
                            .open = open_picture,
                            .decode = data_photo_decode_file,
                            .file = file_of};
    return data_photo_pictures(mem, set, files->count, files->labels, out);
}

/* --- a root with parts -------------------------------------------------------------------------------------------- */

static bool has(const opening *o, const char *folder)
{
    return data_listing_find(&o->top, folder) >= 0;
}

/* Of the first `count` test names the first that is there; NULL: none is. */
static const char *first_of(const opening *o, int count)
{
    for (int i = 0; i < count; i++) {
        if (has(o, TEST_NAMES[i])) {
            return TEST_NAMES[i];
        }
    }
    return NULL;
}

/* The folder that the asked for part is; *name NULL: it is not there. */
static snas_status find_part(const opening *o, const char **name)
{
    const char *part = o->request->part;
    if (part == NULL) {
        *name = first_of(o, TEST_NAME_COUNT);
        return SNAS_OK;
    }
    const bool own = strcmp(part, "train") == 0 || strcmp(part, "test") == 0;
    *name = strcmp(part, "val") == 0 ? first_of(o, VAL_NAME_COUNT) : own && has(o, part) ? part : NULL;
    if (*name != NULL) {
        return SNAS_OK;
    }
    const char *val = first_of(o, VAL_NAME_COUNT);
    return snas_fail(SNAS_E_USAGE, "'%s' has no part '%s', it has 'train'%s%s", o->root, part,
                     val != NULL ? " and 'val'" : "", has(o, "test") ? " and 'test'" : "");
}

/* A folder for tests that nobody reads is worth a word. */
static snas_status note_unread(opening *o, const char *read)
{
    for (int i = 0; i < TEST_NAME_COUNT && o->request->part == NULL; i++) {
        if (strcmp(TEST_NAMES[i], read) != 0 && has(o, TEST_NAMES[i])) {
            o->out->note = snas_format(o->mem,
                                       "'%s/%s' is not read: the test pictures are those of '%s/%s'; 'snas eval --part "
                                       "test' tests on those of a folder 'test'",
                                       o->root, TEST_NAMES[i], o->root, read);
            return snas_taken(o->out->note);
        }
    }
    return SNAS_OK;
}

/* The same classes in both parts, or a sentence about each that is missing in one. */
static snas_status compare_classes(const opening *o, const data_listing *a, const char *a_path, const data_listing *b,
                                   const char *b_path)
{
    for (int k = 0; k < a->folder_count; k++) {
        if (data_listing_find(b, a->folders[k]) < 0) {
            SNAS_TRY(DATA_FAULT(o->sink, SNAS_E_DATA, "the class '%s' of '%s' is missing in '%s'", a->folders[k],
                                a_path, b_path));
        }
    }
    return SNAS_OK;
}

/* The classes of either part, by name. Both lists are sorted. */
static snas_status join_classes(opening *o, const data_listing *a, const data_listing *b)
{
    const char **names;
    int i = 0, j = 0;
    SNAS_NEW(o->mem, names, a->folder_count + b->folder_count + 1);
    while (i < a->folder_count || j < b->folder_count) {
        const int order = i == a->folder_count ? 1 : j == b->folder_count ? -1 : strcmp(a->folders[i], b->folders[j]);
        names[o->classes++] = order <= 0 ? a->folders[i] : b->folders[j];
        i += order <= 0;
        j += order >= 0;
    }
    o->class_names = names;
    return SNAS_OK;
}

static snas_status open_parts(opening *o)
{
    data_listing classes = {0}, tests = {0};
    const char *name;
    SNAS_TRY(find_part(o, &name));
    if (!has(o, "train")) {
        return snas_fail(SNAS_E_DATA, "'%s' has no folder 'train', which data.photos.layout 'parts' wants", o->root);
    }
    if (name == NULL) {
        SNAS_TRY(DATA_FAULT(o->sink, SNAS_E_DATA,
                            "'%s' has a folder 'train' and none for the test pictures: 'val', 'valid', 'validation' or "
                            "'test'; if 'train' is a class, set data.photos.layout=classes",
                            o->root));
    }
    o->folders[0] = "train";
    o->folders[1] = name == NULL ? "val" : name;
    o->train.path = join(o->mem, o->root, o->folders[0]);
    o->test.path = join(o->mem, o->root, o->folders[1]);
    SNAS_TRY(snas_taken(o->train.path));
    SNAS_TRY(snas_taken(o->test.path));
    SNAS_TRY(data_folder_classes(o->mem, o->sink, o->train.path, CLASSES_LEAST, &classes));
    if (name != NULL) {
        SNAS_TRY(note_unread(o, name));
        SNAS_TRY(data_folder_classes(o->mem, o->sink, o->test.path, 1, &tests)); /* which is missing is told below */
    }
    if (classes.folder_count > 0 && tests.folder_count > 0) {
        SNAS_TRY(compare_classes(o, &classes, o->train.path, &tests, o->test.path));
        SNAS_TRY(compare_classes(o, &tests, o->test.path, &classes, o->train.path));
    }
    SNAS_TRY(join_classes(o, &classes, &tests));
    o->train.class_names = o->test.class_names = o->class_names;
    SNAS_TRY(data_folder_fill(o->mem, o->sink, o->classes, &classes, &o->train));
    return data_folder_fill(o->mem, o->sink, o->classes, &tests, &o->test);
}

/* --- a root of classes -------------------------------------------------------------------------------------------- */

/* CRC-32C over class and name of every picture in order, each with its final 0; goes on from `crc`. */
static uint32_t identify(uint32_t crc, const data_folder_part *files)
{
    for (int i = 0; i < files->count; i++) {
        const char *class_name = files->class_names[files->labels[i]];
        crc = snas_crc32c(crc, class_name, strlen(class_name) + 1);
        crc = snas_crc32c(crc, files->names[i], strlen(files->names[i]) + 1);
    }
    return snas_crc32c(crc, "", 1); /* where the part ends */
}

/* What is tested of the divided pictures `all`. */
static snas_status take_part(opening *o, const data_folder_part *all)
{
    const struct {
        const char *name;
        const data_folder_part *files;
    } PARTS[] = {{"test", &o->test}, {"train", &o->train}, {"all", all}};
    if (o->request->part == NULL) {
        return SNAS_OK;
    }
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        if (strcmp(PARTS[i].name, o->request->part) == 0) {
            o->test = *PARTS[i].files;
            return SNAS_OK;
        }
    }
    return snas_fail(SNAS_E_USAGE,
                     "'%s' has no part '%s': it is a folder of classes, of which data.photos.test_share makes 'train' "
                     "and 'test'; 'all' is all of it",
                     o->root, o->request->part);
}

static snas_status open_classes(opening *o)
{
    const snas_photo_options *options = &o->request->photo;
    data_listing classes;
    data_folder_part all = {.path = o->root};
    SNAS_TRY(data_folder_classes(o->mem, o->sink, o->root, CLASSES_LEAST, &classes));
    o->class_names = all.class_names = (const char *const *)classes.folders;
    o->classes = classes.folder_count;
    o->folders[0] = o->folders[1] = ".";
    SNAS_TRY(data_folder_fill(o->mem, o->sink, o->classes, &classes, &all));
    SNAS_TRY(data_folder_divide(o->mem, o->sink, options, &all, &o->train, &o->test));
    o->out->division = data_division_format(o->mem, options, identify(0, &all));
    SNAS_TRY(snas_taken(o->out->division));
    return take_part(o, &all);
}

/* --- the pictures of another time --------------------------------------------------------------------------------- */

static snas_status open_inventory(opening *o)
{
    struct snas_inventory inventory;
    SNAS_TRY(data_inventory_load(o->mem, o->request->pictures, &inventory));
    for (int p = 0; p < 2; p++) {
        const char *folder = inventory.folders[p];
        inventory.parts[p].path = strcmp(folder, ".") == 0 ? o->root : join(o->mem, o->root, folder);
        SNAS_TRY(snas_taken(inventory.parts[p].path));
        o->folders[p] = folder;
    }
    SNAS_TRY(data_inventory_compare(o->mem, &inventory, &o->out->changed));
    o->train = inventory.parts[0];
    o->test = inventory.parts[1];
    o->class_names = o->train.class_names;
    o->classes = inventory.classes;
    o->out->division = inventory.division;
    return SNAS_OK;
}

static snas_status keep_inventory(const opening *o)
{
    struct snas_inventory *kept;
    SNAS_NEW(o->mem, kept, 1);
    *kept = (struct snas_inventory){.parts = {o->train, o->test},
                                    .folders = {o->folders[0], o->folders[1]},
                                    .division = o->out->division,
                                    .classes = o->classes};
    o->out->inventory = kept;
    return SNAS_OK;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static snas_status check_path(const char *path)
{
    if (path == NULL) {
        return snas_fail(SNAS_E_USAGE, "the data set 'folder' wants 'data.path', the folder of the pictures");
    }
    if (snas_file_is(path)) {
        return snas_fail(SNAS_E_DATA,
                         "'%s' is a file, where a folder of pictures is wanted; for a file of "
                         "'snas data pack' the data set is 'packed'",
                         path);
    }
    return snas_folder_is(path) ? SNAS_OK : snas_fail(SNAS_E_DATA, "no folder '%s' to read pictures from", path);
}

/* What the pictures of a part are called. */
static const char *title_of(const char *part)
{
    static const struct {
        const char *part, *title;
    } TITLES[] = {{"train", "training"}, {"val", "validation"}, {"all", "tested"}};
    for (size_t i = 0; part != NULL && i < sizeof TITLES / sizeof TITLES[0]; i++) {
        if (strcmp(TITLES[i].part, part) == 0) {
            return TITLES[i].title;
        }
    }
    return "test";
}

static snas_status open_root(opening *o)
{
    const snas_layout layout = o->request->photo.layout;
    if (o->request->pictures != NULL) {
        return open_inventory(o);
    }
    SNAS_TRY(data_list(o->mem, o->sink, o->root, &o->top));
    return layout == SNAS_LAYOUT_PARTS || (layout == SNAS_LAYOUT_AUTO && has(o, "train")) ? open_parts(o)
                                                                                          : open_classes(o);
}

snas_status data_folder_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out)
{
    opening o = {.mem = mem, .request = request, .sink = request->sink, .out = out};
    *out = (snas_dataset){.name = "folder"};
    SNAS_TRY(check_path(request->path));
    o.root = snas_format(mem, "%s", request->path);
    SNAS_TRY(snas_taken(o.root));
    SNAS_TRY(open_root(&o));
    SNAS_TRY(keep_inventory(&o));
    out->classes = o.classes;
    out->class_names = o.class_names;
    out->identity = identify(identify(0, &o.train), &o.test);
    memcpy(out->mean, data_photo_mean, sizeof out->mean);
    memcpy(out->deviation, data_photo_deviation, sizeof out->deviation);
    SNAS_TRY(make_pictures(mem, &request->photo, &o.train, &out->train));
    SNAS_TRY(make_pictures(mem, &request->photo, &o.test, &out->test));
    out->train.title = "training";
    out->test.title = title_of(request->part);
    out->source = snas_format(mem, "pictures of %d classes in '%s'%s: %d training and %d test", out->classes, o.root,
                              out->division != NULL ? ", divided" : "", o.train.count, o.test.count);
    return snas_taken(out->source);
}
