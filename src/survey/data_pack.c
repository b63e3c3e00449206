/* data_pack.c -- `snas data pack`: a window of pictures decoded by all threads, then written in their order; the next
 * one.
 *
 * A picture has an arena of its own, from its decoding to its writing: so memory holds one window, and no more.
 */
#include "snas/survey/data_pack.h"

#include <stdio.h>

#include "snas/base/text.h"
#include "snas/learn/flaw_report.h"
#include "snas/learn/streams.h"

enum { WINDOW_A_THREAD = 8 };

/* A picture of the window. */
typedef struct {
    snas_arena *mem;
    snas_fault fault; /* why it could not be read */
    snas_picture picture;
} slot;

typedef struct {
    const snas_pack_request *request;
    bool skip;
    snas_dataset set;
    snas_pack_writer *writer;
    slot *slots; /* [window] */
    int window;
    int64_t done;
    int packed[2]; /* a part */
    snas_packed *out;
    snas_arena *mem; /* of what is told */
} packing;

/* --- a window ----------------------------------------------------------------------------------------------------- */

typedef struct {
    const packing *all;
    const snas_pictures *pictures;
    int first;
} window;

static snas_status decode(const window *w, int i, slot *to)
{
    snas_picture whole;
    SNAS_TRY(snas_arena_create("a picture", 0, &to->mem));
    SNAS_TRY(w->pictures->read(w->pictures, i, to->mem, &whole));
    return snas_pack_fitted(&w->all->request->fit, &whole, to->mem, &to->picture);
}

static void decode_unit(void *context, int unit, int thread)
{
    const window *w = context;
    slot *to = &w->all->slots[unit];
    (void)thread;
    to->mem = NULL;
    snas_fault_keep(&to->fault, decode(w, w->first + unit, to));
}

static snas_status leave_out(packing *p, const slot *from)
{
    if (p->out->broken++ == 0) {
        p->out->sentence = snas_format(p->mem, "%s", from->fault.sentence);
        return snas_taken(p->out->sentence);
    }
    return SNAS_OK;
}

static snas_status write_slot(packing *p, int part, int label, const slot *from)
{
    if (from->fault.status == SNAS_OK) {
        p->packed[part]++;
        return snas_pack_add(p->writer, label, &from->picture);
    }
    if (from->fault.status == SNAS_E_DATA && p->skip) {
        return leave_out(p, from);
    }
    return snas_fault_again(&from->fault);
}

/* Pictures first .. first + count - 1 of a part. */
static snas_status pack_window(packing *p, int part, const snas_pictures *pictures, int first, int count)
{
    window w = {.all = p, .pictures = pictures, .first = first};
    snas_status status = SNAS_OK;
    snas_team_run(&p->request->team, count, decode_unit, &w);
    for (int i = 0; i < count; i++) {
        if (status == SNAS_OK) {
            status = write_slot(p, part, pictures->labels[first + i], &p->slots[i]);
        }
        snas_arena_destroy(p->slots[i].mem);
    }
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static snas_status check_stop(const packing *p)
{
    const snas_pack_request *request = p->request;
    if (request->progress != NULL) {
        request->progress(request->context, p->done, (int64_t)p->set.train.count + p->set.test.count);
    }
    return request->stop != NULL && *request->stop != 0
               ? snas_fail(SNAS_E_INTERRUPTED, "stopped; '%s' is not written", request->path)
               : SNAS_OK;
}

static snas_status pack_part(packing *p, int part, const snas_pictures *pictures)
{
    for (int first = 0; first < pictures->count; first += p->window) {
        const int left = pictures->count - first;
        const int count = left < p->window ? left : p->window;
        SNAS_TRY(check_stop(p));
        SNAS_TRY(pack_window(p, part, pictures, first, count));
        p->done += count;
    }
    if (p->packed[part] == 0) {
        return snas_fail(SNAS_E_DATA, "no %s picture can be read%s%s", part == 0 ? "training" : "test",
                         p->out->broken > 0 ? ", the first: " : "", p->out->sentence);
    }
    return snas_pack_close_part(p->writer);
}

static snas_status pack(snas_arena *scratch, const snas_config *config, packing *p)
{
    const snas_pack_request *request = p->request;
    SNAS_TRY(snas_streams_open(scratch, config, config->search.side, &p->set));
    p->window = WINDOW_A_THREAD * request->team.threads;
    SNAS_NEW(scratch, p->slots, p->window);
    if (request->listens != NULL) {
        *request->listens = 1; /* before there is a file to remove */
    }
    SNAS_TRY(snas_pack_begin(scratch, request->path, &p->set, &request->fit, &p->writer));
    SNAS_TRY(pack_part(p, 0, &p->set.train));
    SNAS_TRY(pack_part(p, 1, &p->set.test));
    SNAS_TRY(check_stop(p));
    SNAS_TRY(snas_pack_finish(p->writer, &p->out->bytes));
    snas_flaws_warn(&p->set.train);
    snas_flaws_warn(&p->set.test);
    p->out->train = p->packed[0];
    p->out->test = p->packed[1];
    p->out->classes = p->set.classes;
    p->out->side = snas_pack_side(&request->fit, &p->set.train);
    p->out->source = snas_format(p->mem, "%s", p->set.source);
    return snas_taken(p->out->source);
}

snas_status snas_data_pack(snas_arena *mem, const snas_config *config, const snas_pack_request *request,
                           snas_packed *out)
{
    snas_arena *scratch;
    *out = (snas_packed){.sentence = ""};
    packing p = {.request = request, .skip = config->data.broken == SNAS_BROKEN_SKIP, .out = out, .mem = mem};
    SNAS_TRY(snas_arena_create("the packing", 0, &scratch));
    const snas_status status = pack(scratch, config, &p);
    snas_arena_destroy(scratch);
    return status;
}
