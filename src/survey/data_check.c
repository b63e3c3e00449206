/* data_check.c -- `snas data check`: every fault of a data set, and what is odd about it.
 *
 *     1  the set's own check of its files        2  opening it        3  reading every picture
 *
 * The pictures are walked by all threads; what is found is told in their order. Two pictures are called equal when size
 * and 64-bit hash of their bytes are.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "picture_walk.h"
#include "snas/base/text.h"
#include "snas/learn/streams.h"
#include "snas/survey/survey.h"

/* --- sentences ---------------------------------------------------------------------------------------------------- */

/* A growing list; `failed` when memory ran out. */
typedef struct {
    snas_arena *mem;
    const char **items;
    int count, room;
    bool failed;
} list;

static void keep(list *to, const char *sentence)
{
    const char **items = snas_arena_grow(to->mem, to->items, sizeof *items, to->count, &to->room);
    const char *copy = snas_format(to->mem, "%s", sentence);
    to->failed = to->failed || items == NULL || copy == NULL;
    if (items != NULL && copy != NULL) {
        to->items = items;
        to->items[to->count++] = copy;
    }
}

static snas_sentences settle(const list *from)
{
    return (snas_sentences){.items = from->items, .count = from->count};
}

typedef struct {
    list faults, notes;
} findings;

static void hear_fault(void *context, const char *sentence)
{
    keep(&((findings *)context)->faults, sentence);
}

static void hear_note(void *context, const char *sentence)
{
    keep(&((findings *)context)->notes, sentence);
}

/* Form a note and keep it. */
static __attribute__((format(printf, 2, 3))) void note(findings *found, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const char *sentence = snas_format_list(found->notes.mem, format, values);
    va_end(values);
    found->notes.failed = found->notes.failed || sentence == NULL;
    if (sentence != NULL) {
        keep(&found->notes, sentence);
    }
}

/* --- the pictures ------------------------------------------------------------------------------------------------- */

/* What is known of a picture: training pictures first, then the test's. */
typedef struct {
    uint64_t hash;
    int place;               /* in that order */
    bool read, flat, turned; /* it could be; all its pixels are one colour; it is not to be held as it is stored */
} look;

typedef struct {
    look *looks;         /* of the part that is walked */
    const char **faults; /* [count] why a picture could not be read, else NULL */
    const char **damage; /* [count] why it is not whole, else NULL */
    snas_arena *mem;     /* of the sentences, under the lock */
    pthread_mutex_t *lock;
    bool failed;
} looking;

/* FNV-1a over size and bytes. */
static uint64_t hash_of(const snas_picture *picture)
{
    const uint64_t prime = UINT64_C(1099511628211);
    const size_t bytes = (size_t)picture->height * (size_t)picture->width * 3;
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)(unsigned)picture->width;
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ picture->pixels[i]) * prime;
    }
    return hash;
}

static bool is_flat(const snas_picture *picture)
{
    const int64_t pixels = (int64_t)picture->height * picture->width;
    int64_t i = 1;
    while (i < pixels && memcmp(picture->pixels, picture->pixels + 3 * i, 3) == 0) {
        i++;
    }
    return pixels > 0 && i == pixels;
}

static void look_at(void *context, int thread, int i, snas_status status, const snas_picture *picture)
{
    (void)thread;
    looking *l = context;
    if (status == SNAS_OK) {
        l->looks[i].read = true;
        l->looks[i].hash = hash_of(picture);
        l->looks[i].flat = is_flat(picture);
        l->looks[i].turned = picture->orientation > 1;
    }
    const char *sentence = status == SNAS_OK ? picture->damage : snas_error();
    if (sentence != NULL) {
        const char **to = status == SNAS_OK ? l->damage : l->faults;
        pthread_mutex_lock(l->lock);
        to[i] = snas_format(l->mem, "%s", sentence);
        l->failed = l->failed || to[i] == NULL;
        pthread_mutex_unlock(l->lock);
    }
}

/* Look at every picture of a part; tell which cannot be read, and which not wholly. */
static snas_status look_through(snas_arena *scratch, snas_team team, const snas_pictures *pictures, look *looks,
                                findings *found)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    looking l = {.looks = looks, .mem = scratch, .lock = &lock};
    SNAS_NEW(scratch, l.faults, pictures->count);
    SNAS_NEW(scratch, l.damage, pictures->count);
    const snas_status status = survey_picture_walk(scratch, team, pictures, look_at, &l);
    pthread_mutex_destroy(&lock);
    SNAS_TRY(status);
    for (int i = 0; i < pictures->count; i++) {
        if (l.faults[i] != NULL) {
            keep(&found->faults, l.faults[i]);
        }
        if (l.damage[i] != NULL) {
            keep(&found->notes, l.damage[i]);
        }
    }
    return l.failed ? SNAS_E_MEMORY : SNAS_OK;
}

/* --- what is odd -------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const look *x = a, *y = b;
    if (x->hash != y->hash) {
        return x->hash < y->hash ? -1 : 1;
    }
    return x->place - y->place;
}

static int label_at(const snas_dataset *set, int place)
{
    const int train = set->train.count;
    return place < train ? set->train.labels[place] : set->test.labels[place - train];
}

/* The name of a picture, training pictures first. */
static snas_status name_at(snas_arena *mem, const snas_dataset *set, int place, const char **out)
{
    const int train = set->train.count;
    return place < train ? snas_pictures_name(&set->train, place, mem, out)
                         : snas_pictures_name(&set->test, place - train, mem, out);
}

/* Pictures of one kind: how many, and the first of them with the one that it is the same as. */
typedef struct {
    int count, at, as;
} copies;

static void count_copy(copies *to, int at, int as)
{
    if (to->count++ == 0 || at < to->at) {
        to->at = at;
        to->as = as;
    }
}

static snas_status note_copy(snas_arena *scratch, const snas_dataset *set, const copies *what, const char *one,
                             const char *several, findings *found)
{
    const char *at, *as;
    if (what->count == 0) {
        return SNAS_OK;
    }
    SNAS_TRY(name_at(scratch, set, what->at, &at));
    SNAS_TRY(name_at(scratch, set, what->as, &as));
    note(found, "%d %s, the first is %s, which is %s", what->count, what->count == 1 ? one : several, at, as);
    return SNAS_OK;
}

/* Pictures that come again, under whatever label. Sorts the looks. */
static snas_status note_copies(snas_arena *scratch, const snas_dataset *set, look *looks, findings *found)
{
    const int train = set->train.count, all = train + set->test.count;
    copies within = {0}, leaks = {0}, other_label = {0};
    qsort(looks, (size_t)all, sizeof *looks, compare);
    for (int i = 1, first = 0; i < all; i++) {
        if (!looks[i].read || !looks[first].read || looks[i].hash != looks[first].hash) {
            first = i;
            continue;
        }
        const int as = looks[first].place, at = looks[i].place;
        count_copy(as < train && at >= train ? &leaks : &within, at, as);
        if (label_at(set, at) != label_at(set, as)) {
            count_copy(&other_label, at, as);
        }
    }
    SNAS_TRY(note_copy(scratch, set, &within, "picture is the same as another one of the same part",
                       "pictures are the same as another one of the same part", found));
    SNAS_TRY(note_copy(scratch, set, &leaks, "test picture is among the training pictures too",
                       "test pictures are among the training pictures too", found));
    return note_copy(scratch, set, &other_label, "of these equal pictures has another label",
                     "of these equal pictures have another label", found);
}

/* What a picture can be, and how that is told of one and of several. */
typedef struct {
    bool (*is)(const look *at);
    const char *one, *several;
} oddity;

static bool looks_flat(const look *at)
{
    return at->flat;
}

static bool looks_turned(const look *at)
{
    return at->turned;
}

/* How many pictures are so, and the first of them: "3 pictures are of one colour only, the first is 'a.jpg'". */
static snas_status note_looks(snas_arena *scratch, const snas_dataset *set, const look *looks, const oddity *what,
                              findings *found)
{
    int count = 0, first = 0;
    const char *name;
    for (int i = set->train.count + set->test.count - 1; i >= 0; i--) {
        if (what->is(&looks[i])) {
            count++;
            first = i;
        }
    }
    if (count > 0) {
        SNAS_TRY(name_at(scratch, set, first, &name));
        note(found, "%d picture%s, the first is %s", count, count == 1 ? what->one : what->several, name);
    }
    return SNAS_OK;
}

/* How many classes a part has no picture of, and the first of them. */
static snas_status count_missing(snas_arena *scratch, int classes, const snas_pictures *part, int *missing, int *first)
{
    bool *seen;
    SNAS_NEW(scratch, seen, classes);
    for (int i = 0; i < part->count; i++) {
        seen[part->labels[i]] = true;
    }
    *missing = *first = 0;
    for (int k = classes - 1; k >= 0; k--) {
        *missing += !seen[k];
        *first = seen[k] ? *first : k;
    }
    return SNAS_OK;
}

static snas_status note_empty(snas_arena *scratch, const snas_dataset *set, findings *found)
{
    const snas_pictures *const parts[2] = {&set->train, &set->test};
    static const char *const names[2] = {"training", "test"};
    for (int p = 0; p < 2; p++) {
        int missing, first;
        SNAS_TRY(count_missing(scratch, set->classes, parts[p], &missing, &first));
        if (missing > 0 && parts[p]->count > 0) {
            note(found, "%d of %d classes %s no %s picture, the first is '%s'", missing, set->classes,
                 missing == 1 ? "has" : "have", names[p], set->class_names[first]);
        }
    }
    return SNAS_OK;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static snas_status check_pictures(snas_arena *scratch, const snas_config *config, snas_team team,
                                  const snas_dataset *set, findings *found)
{
    look *looks;
    const int train = set->train.count, all = train + set->test.count;
    SNAS_NEW(scratch, looks, all);
    for (int i = 0; i < all; i++) {
        looks[i].place = i;
    }
    SNAS_TRY(look_through(scratch, team, &set->train, looks, found));
    SNAS_TRY(look_through(scratch, team, &set->test, looks + train, found));
    static const oddity flat = {looks_flat, " is of one colour only", "s are of one colour only"},
                        turned = {looks_turned, " has an EXIF orientation, which is applied",
                                  "s have an EXIF orientation, which is applied"},
                        ignored = {looks_turned, " has an EXIF orientation, which data.photos.orient=false ignores",
                                   "s have an EXIF orientation, which data.photos.orient=false ignores"};
    SNAS_TRY(note_looks(scratch, set, looks, config->data.orient ? &turned : &ignored, found));
    SNAS_TRY(note_looks(scratch, set, looks, &flat, found));
    SNAS_TRY(note_empty(scratch, set, found));
    return note_copies(scratch, set, looks, found);
}

/* The set's own check, then the set; false in *opened when its faults forbid it. */
static snas_status open_set(snas_arena *scratch, const snas_config *config, findings *found, snas_dataset *set,
                            bool *opened)
{
    const snas_fault_sink sink = {.fault = hear_fault, .note = hear_note, .context = found};
    snas_dataset_request request = snas_streams_dataset_request(config, config->search.side);
    if (config->data.dataset->check != NULL) {
        SNAS_TRY(config->data.dataset->check(&request, &sink));
    }
    request.sink = &sink;
    const snas_status status = snas_streams_open_request(scratch, config, &request, set);
    *opened = status == SNAS_OK;
    if (*opened && set->note != NULL) {
        hear_note(found, set->note);
    }
    if (status != SNAS_E_DATA && status != SNAS_E_IO) {
        return status;
    }
    if (found->faults.count == 0) {
        hear_fault(found, snas_error());
    }
    return SNAS_OK;
}

static snas_status check(snas_arena *mem, snas_arena *scratch, const snas_config *config, snas_team team,
                         snas_checked *out)
{
    findings found = {.faults = {.mem = mem}, .notes = {.mem = mem}};
    snas_dataset set;
    bool opened;
    *out = (snas_checked){0};
    SNAS_TRY(open_set(scratch, config, &found, &set, &opened));
    if (opened) {
        SNAS_TRY(check_pictures(scratch, config, team, &set, &found));
        out->train = set.train.count;
        out->test = set.test.count;
        out->classes = set.classes;
        out->source = snas_format(mem, "%s", set.source);
        SNAS_TRY(snas_taken(out->source));
    }
    out->faults = settle(&found.faults);
    out->notes = settle(&found.notes);
    return found.faults.failed || found.notes.failed ? SNAS_E_MEMORY : SNAS_OK;
}

snas_status snas_data_check(snas_arena *mem, const snas_config *config, snas_team team, snas_checked *out)
{
    snas_arena *scratch;
    SNAS_TRY(snas_arena_create("the check of the data", 0, &scratch));
    const snas_status status = check(mem, scratch, config, team, out);
    snas_arena_destroy(scratch);
    return status;
}
