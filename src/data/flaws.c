/* flaws.c -- pictures that are not as they should be, noted by whichever thread meets them: each once, however often it
 * is read, and the first of them by their order, whatever the threads'.
 */
#include <pthread.h>
#include <stdio.h>

#include "parts.h"
#include "snas/base/text.h"

struct snas_flaws {
    pthread_mutex_t lock;
    bool *met[SNAS_FLAW_COUNT]; /* [count] */
    int first[SNAS_FLAW_COUNT]; /* by number */
    snas_flawed flawed[SNAS_FLAW_COUNT];
};

snas_status data_flaws_create(snas_arena *mem, int count, struct snas_flaws **out)
{
    struct snas_flaws *flaws;
    SNAS_NEW(mem, flaws, 1);
    for (int flaw = 0; flaw < SNAS_FLAW_COUNT; flaw++) {
        SNAS_NEW(mem, flaws->met[flaw], count);
    }
    pthread_mutex_init(&flaws->lock, NULL);
    *out = flaws;
    return SNAS_OK;
}

void data_flaws_note(const snas_pictures *pictures, snas_flaw flaw, int i, const char *sentence)
{
    struct snas_flaws *flaws = pictures->flaws;
    snas_flawed *to = &flaws->flawed[flaw];
    pthread_mutex_lock(&flaws->lock);
    if (!flaws->met[flaw][i]) {
        flaws->met[flaw][i] = true;
        if (to->count++ == 0 || i < flaws->first[flaw]) {
            flaws->first[flaw] = i;
            snprintf(to->first, sizeof to->first, "%s", sentence);
        }
    }
    pthread_mutex_unlock(&flaws->lock);
}

void snas_pictures_flawed(const snas_pictures *pictures, snas_flaw flaw, snas_flawed *out)
{
    struct snas_flaws *flaws = pictures->flaws;
    *out = (snas_flawed){0};
    if (flaws != NULL) {
        pthread_mutex_lock(&flaws->lock);
        *out = flaws->flawed[flaw];
        pthread_mutex_unlock(&flaws->lock);
    }
}

/* The file that holds picture i among others; NULL: none is known. */
static const snas_picture_source *source_of(const snas_pictures *pictures, int i)
{
    const snas_picture_source *at = pictures->sources;
    while (at != NULL && at[1].path != NULL && at[1].first <= i) {
        at++;
    }
    return at;
}

snas_status snas_pictures_name(const snas_pictures *pictures, int i, snas_arena *mem, const char **out)
{
    char shown[1024];
    const char *file;
    if (pictures->file == NULL) {
        const snas_picture_source *in = source_of(pictures, i);
        *out = in == NULL ? snas_format(mem, "%s picture %d (from 0)", pictures->title, i)
                          : snas_format(mem, "%s %d (from 0) of '%s'", in->unit, i - in->first, in->path);
        return snas_taken(*out);
    }
    SNAS_TRY(pictures->file(pictures, i, mem, &file));
    *out = snas_format(mem, "'%s'", snas_printable(shown, sizeof shown, file));
    return snas_taken(*out);
}
