/* flaw_report.c -- telling of pictures that turned out broken or damaged while they were read. */
#include "snas/learn/flaw_report.h"

#include <stdio.h>

#include "snas/base/log.h"

/* How they are called, and what became of one of them and of several. */
static const struct {
    const char *kind, *one, *several;
} FLAWS[SNAS_FLAW_COUNT] = {
    [SNAS_FLAW_BROKEN] = {"broken", "is replaced by the next of its class", "are replaced by the next of their class"},
    [SNAS_FLAW_DAMAGED] = {"damaged", "is decoded all the same, in part guessed",
                           "are decoded all the same, in part guessed"},
};

void snas_flaws_tell(const snas_pictures *pictures, snas_flaws_told *told,
                     void (*say)(void *context, const char *sentence), void *context)
{
    for (int flaw = 0; flaw < SNAS_FLAW_COUNT; flaw++) {
        snas_flawed flawed;
        char sentence[1536];
        snas_pictures_flawed(pictures, (snas_flaw)flaw, &flawed);
        if (flawed.count <= told->count[flaw]) {
            continue;
        }
        told->count[flaw] = flawed.count;
        snprintf(sentence, sizeof sentence, "%d %s %s picture%s %s; the first: %s", flawed.count, FLAWS[flaw].kind,
                 pictures->title, flawed.count == 1 ? "" : "s",
                 flawed.count == 1 ? FLAWS[flaw].one : FLAWS[flaw].several, flawed.first);
        say(context, sentence);
    }
}

static void warn(void *context, const char *sentence)
{
    (void)context;
    snas_log(SNAS_LOG_WARNING, "%s", sentence);
}

void snas_flaws_warn(const snas_pictures *pictures)
{
    snas_flaws_told nothing = {{0}};
    snas_flaws_tell(pictures, &nothing, warn, NULL);
}
