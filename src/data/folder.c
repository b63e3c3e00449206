/* folder.c -- pictures in folders, a folder a class: root/train/CLASS/FILE and root/val/CLASS/FILE, or root/CLASS/FILE.
 *
 * Classes are numbered in the order of their names' bytes, pictures too. What is no folder where classes are wanted,
 * and what is hidden, is passed over. A root without `train` is divided: of every class a share of its pictures, drawn
 * by the seed, is the test set. Files are read when they are wanted, and told by their first bytes; nothing but names
 * is kept.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "listing.h"
#include "parts.h"
#include "photo.h"
#include "snas/base/text.h"
#include "snas/format/image.h"
#include "snas/format/safetensors.h"

static const char *const TEST_NAMES[] = {"val", "valid", "validation", "test"};
enum { TEST_NAME_COUNT = sizeof TEST_NAMES / sizeof *TEST_NAMES };
enum { CLASSES_LEAST = 2, CLASSES_MOST = 1000000 };

/* The pictures of one part: picture i is path/class_names[labels[i]]/names[i]. */
typedef struct {
    const char *path;
    const char *const *class_names;
    const char **names;
    int *labels;
    int count, name_room, label_room;
} part;

static snas_status add(snas_arena *mem, part *to, int label, const char *name)
{
    SNAS_GROW(mem, to->names, to->count, to->name_room);
    SNAS_GROW(mem, to->labels, to->count, to->label_room);
    to->names[to->count] = name;
    to->labels[to->count++] = label;
    return SNAS_OK;
}

/* --- reading a picture -------------------------------------------------------------------------------------------- */

static snas_status open_picture(const data_photo_set *set, int i, bool measure, snas_arena *scratch, data_photo *out)
{
    const part *p = set->files;
    out->name = snas_format(scratch, "%s/%s/%s", p->path, p->class_names[p->labels[i]], p->names[i]);
    SNAS_TRY(snas_taken(out->name));
    return data_photo_open_file(out, measure, scratch);
}

/* --- listing ------------------------------------------------------------------------------------------------------ */

/* The files of a class. */
static snas_status list_class(snas_arena *mem, const char *path, const char *name, data_listing *out)
{
    const char *folder = snas_format(mem, "%s/%s", path, name);
    SNAS_TRY(snas_taken(folder));
    SNAS_TRY(data_list(mem, folder, out));
    if (out->folder_count > 0) {
        return snas_fail(SNAS_E_DATA,
                         "the class folder '%s' holds the folder '%s', allowed are "
                         "pictures",
                         folder, out->folders[0]);
    }
    if (out->file_count == 0) {
        return snas_fail(SNAS_E_DATA, "the class folder '%s' is empty, where pictures are wanted", folder);
    }
    return SNAS_OK;
}

/* The folders that stand for classes, `least` of them or more. */
static snas_status list_classes(snas_arena *mem, const char *path, int least, data_listing *out)
{
    SNAS_TRY(data_list(mem, path, out));
    if (out->folder_count == 0 && out->file_count > 0) {
        return snas_fail(SNAS_E_DATA,
                         "'%s' holds %d files and no folder a class: sort them into folders named "
                         "after their classes",
                         path, out->file_count);
    }
    if (out->folder_count < least || out->folder_count > CLASSES_MOST) {
        return snas_fail(SNAS_E_DATA, "'%s' holds %d folders of classes, allowed are %d to %d", path, out->folder_count,
                         least, CLASSES_MOST);
    }
    return SNAS_OK;
}

/* All pictures of all classes. */
static snas_status fill_part(snas_arena *mem, int classes, part *to)
{
    for (int k = 0; k < classes; k++) {
        data_listing files;
        SNAS_TRY(list_class(mem, to->path, to->class_names[k], &files));
        for (int i = 0; i < files.file_count; i++) {
            SNAS_TRY(add(mem, to, k, files.files[i]));
        }
    }
    return SNAS_OK;
}

/* The same classes in both parts, or a sentence about the first that is missing in one. */
static snas_status compare_classes(const data_listing *a, const char *a_path, const data_listing *b, const char *b_path)
{
    for (int k = 0; k < a->folder_count; k++) {
        if (data_listing_find(b, a->folders[k]) < 0) {
            return snas_fail(SNAS_E_DATA, "the class '%s' of '%s' is missing in '%s'", a->folders[k], a_path, b_path);
        }
    }
    return SNAS_OK;
}

/* Of every class: its test pictures, drawn by the seed, and the others, both in the order of their names. */
static snas_status divide(snas_arena *mem, const snas_photo_options *options, int classes, part *train, part *test)
{
    for (int k = 0; k < classes; k++) {
        data_listing files;
        SNAS_TRY(list_class(mem, train->path, train->class_names[k], &files));
        const int count = files.file_count;
        if (count < 2) {
            return snas_fail(SNAS_E_DATA,
                             "the class folder '%s/%s' holds 1 picture; to be divided into training "
                             "and test it needs 2",
                             train->path, train->class_names[k]);
        }
        int *order, *place;
        int tests = (int)rint(options->test_share * count);
        tests = tests < 1 ? 1 : tests > count - 1 ? count - 1 : tests;
        SNAS_NEW(mem, order, count);
        SNAS_NEW(mem, place, count);
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        snas_rng rng = snas_rng_at(options->seed, SNAS_STREAM_SPLIT, 1 + (uint64_t)k);
        data_shuffle(&rng, count, order);
        for (int i = 0; i < count; i++) {
            place[order[i]] = i;
        }
        for (int i = 0; i < count; i++) {
            SNAS_TRY(add(mem, place[i] < tests ? test : train, k, files.files[i]));
        }
    }
    return SNAS_OK;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* Both parts of a root that has them; *found false: it has no folder `train`. */
static snas_status open_divided(snas_arena *mem, const char *root, bool *found, data_listing *classes, part *train,
                                part *test)
{
    data_listing top, tests;
    SNAS_TRY(data_list(mem, root, &top));
    *found = data_listing_find(&top, "train") >= 0;
    if (!*found) {
        return SNAS_OK;
    }
    const char *name = NULL;
    for (int i = 0; i < TEST_NAME_COUNT && name == NULL; i++) {
        name = data_listing_find(&top, TEST_NAMES[i]) >= 0 ? TEST_NAMES[i] : NULL;
    }
    if (name == NULL) {
        return snas_fail(SNAS_E_DATA,
                         "'%s' has a folder 'train' and none for the test pictures: 'val', "
                         "'valid', 'validation' or 'test'",
                         root);
    }
    train->path = snas_format(mem, "%s/train", root);
    test->path = snas_format(mem, "%s/%s", root, name);
    SNAS_TRY(snas_taken(train->path));
    SNAS_TRY(snas_taken(test->path));
    SNAS_TRY(list_classes(mem, train->path, CLASSES_LEAST, classes));
    SNAS_TRY(list_classes(mem, test->path, 1, &tests)); /* which is missing is told below */
    SNAS_TRY(compare_classes(classes, train->path, &tests, test->path));
    SNAS_TRY(compare_classes(&tests, test->path, classes, train->path));
    train->class_names = test->class_names = (const char *const *)classes->folders;
    SNAS_TRY(fill_part(mem, classes->folder_count, train));
    return fill_part(mem, classes->folder_count, test);
}

static snas_status make_pictures(snas_arena *mem, const snas_photo_options *options, const part *files,
                                 snas_pictures *out)
{
    data_photo_set *set;
    part *kept;
    SNAS_NEW(mem, set, 1);
    SNAS_NEW(mem, kept, 1);
    *kept = *files;
    *set = (data_photo_set){.options = *options, .files = kept, .open = open_picture, .decode = data_photo_decode_file};
    return data_photo_pictures(mem, set, files->count, files->labels, out);
}

/* CRC-32C over class and name of every picture in order, each with its final 0; goes on from `crc`. */
static uint32_t identify(uint32_t crc, const part *files)
{
    for (int i = 0; i < files->count; i++) {
        const char *class_name = files->class_names[files->labels[i]];
        crc = snas_crc32c(crc, class_name, strlen(class_name) + 1);
        crc = snas_crc32c(crc, files->names[i], strlen(files->names[i]) + 1);
    }
    return snas_crc32c(crc, "", 1); /* where the part ends */
}

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

snas_status data_folder_open(snas_arena *mem, const snas_dataset_request *request, snas_dataset *out)
{
    const snas_photo_options *options = &request->photo;
    data_listing classes;
    part train = {0}, test = {0};
    bool divided;
    SNAS_TRY(check_path(request->path));
    const char *root = snas_format(mem, "%s", request->path);
    SNAS_TRY(snas_taken(root));
    SNAS_TRY(open_divided(mem, root, &divided, &classes, &train, &test));
    if (!divided) {
        SNAS_TRY(list_classes(mem, root, CLASSES_LEAST, &classes));
        train.path = test.path = root;
        train.class_names = test.class_names = (const char *const *)classes.folders;
        SNAS_TRY(divide(mem, options, classes.folder_count, &train, &test));
    }
    *out = (snas_dataset){.name = "folder",
                          .classes = classes.folder_count,
                          .class_names = train.class_names,
                          .identity = identify(identify(0, &train), &test)};
    memcpy(out->mean, data_photo_mean, sizeof out->mean);
    memcpy(out->deviation, data_photo_deviation, sizeof out->deviation);
    SNAS_TRY(make_pictures(mem, options, &train, &out->train));
    SNAS_TRY(make_pictures(mem, options, &test, &out->test));
    out->source = snas_format(mem, "pictures of %d classes in '%s'%s: %d training and %d test", out->classes, root,
                              divided ? "" : ", divided", train.count, test.count);
    return snas_taken(out->source);
}
