/* ranks.c -- what the ranks of a run exchange in a pass: rows of sums, and what is known of pictures. */
#include "ranks.h"

#include <string.h>

#include "bind.h"
#include "snas/comm/share.h"

void graph_ranks_raise(graph_ranks *ranks, const shard_row *row)
{
    ranks->row_most = row->reduced > ranks->row_most ? row->reduced : ranks->row_most;
    ranks->segments_most = row->segment_count > ranks->segments_most ? row->segment_count : ranks->segments_most;
}

/* ---- rows of sums ------------------------------------------------------------------------------------------------ */

/** Pictures of the ranks `first` to first + span - 1. */
static int pictures_of(const graph_ranks *ranks, int first, int span)
{
    return (int)(ranks->first_picture[first + span] - ranks->first_picture[first]);
}

void graph_ranks_meet(snas_executor *ex, const int *pictures)
{
    graph_ranks *ranks = &ex->others;
    size_t first = 0;
    for (int shard = 0; shard < ex->shards; shard++) {
        if (shard % ex->own == 0) {
            ranks->first_picture[shard / ex->own] = first;
        }
        first += (size_t)pictures[shard];
    }
    ranks->first_picture[ex->ranks] = first;
    ranks->level_count = 0;
    for (int span = 1; span < ex->ranks; span *= 2) {
        const int peer = ex->rank ^ span;
        ranks->levels[ranks->level_count++] =
            (graph_level){.peer = peer,
                          .pictures = pictures_of(ranks, peer / span * span, span),
                          .own_pictures = pictures_of(ranks, ex->rank / span * span, span)};
    }
}

typedef struct {
    const shard_rows *rows;
    shard_packet packet;
} merging;

static void merge_unit(void *context, int unit, int thread)
{
    const merging *m = context;
    (void)thread;
    shard_merge_packet(m->rows, &m->packet, unit);
}

void graph_ranks_reduce(snas_executor *ex, const shard_rows *rows)
{
    graph_ranks *ranks = &ex->others;
    for (int i = 0; i < ranks->level_count; i++) {
        const graph_level *level = &ranks->levels[i];
        const size_t bytes = shard_pack(rows, ranks->at, ranks->out);
        merging m = {.rows = rows,
                     .packet = {.at = ranks->at,
                                .packet = ranks->in,
                                .pictures = level->pictures,
                                .own_pictures = level->own_pictures,
                                .is_left = level->peer < ex->rank}};
        snas_comm_swap(level->peer, ranks->out, level->own_pictures > 0 ? bytes : 0, ranks->in,
                       level->pictures > 0 ? bytes : 0);
        if (level->pictures > 0) {
            snas_team_run(ex->team, rows->row->unit_count, merge_unit, &m);
        }
    }
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/** What is known of a picture: where it lies in the feed's vectors and how long it is. */
typedef struct {
    void *vector; /* NULL: not wanted */
    size_t bytes; /* of one picture */
} known;

enum { KNOWN_COUNT = 5 };

static int classes_of(const snas_program *p)
{
    for (int i = p->op_count - 1; i >= 0; i--) {
        if (p->ops[i].kind == SNAS_OP_LOSS && !(p->ops[i].auxiliary > 0.0)) {
            return p->values[p->ops[i].inputs[0]].shape.c;
        }
    }
    return 0;
}

size_t graph_ranks_picture_bytes(const snas_executor *ex)
{
    return 2 * sizeof(double) + sizeof(int) + sizeof(bool) + (size_t)classes_of(ex->program) * ex->element;
}

/** Logits are wanted of an evaluation only. Returns the bytes of a picture. */
static size_t list_known(const snas_executor *ex, const snas_feed *feed, known list[KNOWN_COUNT])
{
    const bool evaluating = feed->mode == SNAS_PASS_EVALUATE;
    const known all[KNOWN_COUNT] = {{feed->losses, sizeof(double)},
                                    {evaluating ? NULL : feed->auxiliary_losses, sizeof(double)},
                                    {feed->ranks, sizeof(int)},
                                    {feed->overflows, sizeof(bool)},
                                    {evaluating ? feed->logits : NULL, (size_t)classes_of(ex->program) * ex->element}};
    size_t bytes = 0;
    for (int i = 0; i < KNOWN_COUNT; i++) {
        list[i] = all[i];
        bytes += all[i].vector == NULL ? 0 : all[i].bytes;
    }
    return bytes;
}

void graph_ranks_gather(snas_executor *ex, const snas_feed *feed)
{
    graph_ranks *ranks = &ex->others;
    known list[KNOWN_COUNT];
    size_t first[SNAS_RANKS_MAX + 1] = {0};
    const size_t record = list_known(ex, feed, list);
    const size_t from = ranks->first_picture[ex->rank], to = ranks->first_picture[ex->rank + 1];
    size_t at = 0;
    for (int i = 0; i < KNOWN_COUNT; i++) {
        for (size_t image = from; image < to && list[i].vector != NULL; image++) {
            memcpy(ranks->pictures + image * record + at, (char *)list[i].vector + image * list[i].bytes,
                   list[i].bytes);
        }
        at += list[i].vector == NULL ? 0 : list[i].bytes;
    }
    for (int rank = 0; rank <= ex->ranks; rank++) {
        first[rank] = ranks->first_picture[rank] * record;
    }
    snas_comm_gather(ranks->pictures, first);
    at = 0;
    for (int i = 0; i < KNOWN_COUNT; i++) {
        for (size_t image = 0; image < (size_t)feed->count && list[i].vector != NULL; image++) {
            memcpy((char *)list[i].vector + image * list[i].bytes, ranks->pictures + image * record + at,
                   list[i].bytes);
        }
        at += list[i].vector == NULL ? 0 : list[i].bytes;
    }
}
