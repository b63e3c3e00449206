/* comm.c -- what ranks tell each other, all of it by swaps of two.
 *
 * In round k rank r swaps with rank r XOR 2^k, so after it every aligned group of 2^(k+1) ranks knows the same:
 *
 *      round 0   (0 1) (2 3) (4 5) (6 7)
 *      round 1   (0 2) (1 3) (4 6) (5 7)
 *      round 2   (0 4) (1 5) (2 6) (3 7)
 */
#include "snas/comm/comm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind.h"
#include "snas/base/clock.h"
#include "snas/comm/share.h"

/* A rank that computes answers soon: all have the same work. One that reads or writes files may take long. */
static const double SOON_SECONDS = 25.0, LONG_SECONDS = 900.0;

static struct {
    const comm_kind *kind;
    int rank, ranks;
    snas_status agreed; /* the last fault that all agreed on */
    snas_comm_traffic traffic;
    snas_comm_lost lost;
    void *context;
} comm = {.kind = &comm_kind_linked, .ranks = 1};

/* --- coming and going --------------------------------------------------------------------------------------------- */

static bool is_allowed(int ranks)
{
    return ranks >= 1 && ranks <= SNAS_RANKS_MAX && (ranks & (ranks - 1)) == 0;
}

snas_status comm_use(const comm_kind *kind, snas_comm_lost lost, void *context)
{
    int rank, ranks;
    comm.kind = kind;
    comm.lost = lost;
    comm.context = context;
    SNAS_TRY(kind->open(&rank, &ranks));
    comm.rank = rank;
    comm.ranks = ranks;
    if (is_allowed(ranks)) {
        return SNAS_OK;
    }
    comm.agreed = SNAS_E_USAGE;
    return snas_fail(SNAS_E_USAGE, "%d processes for one run, allowed are 1, 2, 4, 8 and %d", ranks, SNAS_RANKS_MAX);
}

snas_status snas_comm_open(snas_comm_lost lost, void *context)
{
    return comm_use(&comm_kind_linked, lost, context);
}

bool snas_comm_is_agreed(snas_status status)
{
    return status == SNAS_OK || status == comm.agreed;
}

int snas_comm_close(snas_status status, int code)
{
    if (comm.ranks == 1 || snas_comm_is_agreed(status)) {
        comm.kind->close();
    } else {
        comm.kind->abandon(code);
    }
    return code;
}

int snas_comm_rank(void)
{
    return comm.rank;
}

int snas_comm_ranks(void)
{
    return comm.ranks;
}

const char *snas_comm_kind_name(void)
{
    return comm.kind->name;
}

snas_comm_traffic snas_comm_traffic_now(void)
{
    return comm.traffic;
}

/* --- swaps -------------------------------------------------------------------------------------------------------- */

static void swap(const comm_exchange *what)
{
    if (what->out_bytes == 0 && what->in_bytes == 0) {
        return;
    }
    const double started = snas_clock_seconds();
    if (!comm.kind->swap(what)) {
        if (comm.lost != NULL) {
            comm.lost(comm.context, snas_error());
        }
        comm.kind->abandon(EXIT_FAILURE);
        abort();
    }
    comm.traffic.messages++;
    comm.traffic.bytes += (int64_t)what->out_bytes;
    comm.traffic.seconds += snas_clock_seconds() - started;
}

void snas_comm_swap(int peer, const void *out, size_t out_bytes, void *in, size_t in_bytes)
{
    const comm_exchange what = {
        .peer = peer, .out = out, .in = in, .out_bytes = out_bytes, .in_bytes = in_bytes, .patience = SOON_SECONDS};
    swap(&what);
}

static void gather(void *all, const size_t *first, double patience)
{
    char *bytes = all;
    for (int span = 1; span < comm.ranks; span *= 2) {
        const int peer = comm.rank ^ span, mine = comm.rank / span * span, theirs = peer / span * span;
        const comm_exchange what = {.peer = peer,
                                    .out = bytes + first[mine],
                                    .in = bytes + first[theirs],
                                    .out_bytes = first[mine + span] - first[mine],
                                    .in_bytes = first[theirs + span] - first[theirs],
                                    .patience = patience};
        swap(&what);
    }
}

void snas_comm_gather(void *all, const size_t *first)
{
    gather(all, first, SOON_SECONDS);
}

/* The bytes of one rank become everybody's. */
static void spread_from(int from, void *bytes, size_t size)
{
    size_t first[SNAS_RANKS_MAX + 1] = {0};
    for (int rank = 0; rank <= comm.ranks; rank++) {
        first[rank] = rank > from ? size : 0;
    }
    gather(bytes, first, LONG_SECONDS);
}

void snas_comm_spread(void *bytes, size_t size)
{
    spread_from(0, bytes, size);
}

/* --- what all know ------------------------------------------------------------------------------------------------ */

/* One number of every rank, in everybody's `all`. */
static void gather_numbers(uint32_t mine, uint32_t all[SNAS_RANKS_MAX], double patience)
{
    size_t first[SNAS_RANKS_MAX + 1] = {0};
    for (int rank = 0; rank <= comm.ranks; rank++) {
        first[rank] = (size_t)rank * sizeof *all;
    }
    all[comm.rank] = mine;
    gather(all, first, patience);
}

void snas_comm_most(int *values, int count)
{
    int theirs[8];
    const size_t bytes = (size_t)count * sizeof *values;
    for (int span = 1; span < comm.ranks; span *= 2) {
        snas_comm_swap(comm.rank ^ span, values, bytes, theirs, bytes);
        for (int i = 0; i < count; i++) {
            values[i] = theirs[i] > values[i] ? theirs[i] : values[i];
        }
    }
}

snas_status snas_comm_agree(snas_status mine)
{
    uint32_t all[SNAS_RANKS_MAX] = {0};
    static char sentence[SNAS_SENTENCE_BYTES];
    int from = 0;
    if (comm.ranks == 1) {
        return mine;
    }
    gather_numbers((uint32_t)mine, all, LONG_SECONDS);
    while (from < comm.ranks && all[from] == SNAS_OK) {
        from++;
    }
    if (from == comm.ranks) {
        return SNAS_OK;
    }
    if (from == comm.rank) {
        (void)snprintf(sentence, sizeof sentence, "%s", snas_error());
    }
    spread_from(from, sentence, sizeof sentence);
    comm.agreed = (snas_status)all[from];
    if (from == 0) {
        return snas_fail(all[from], "%s", sentence);
    }
    return snas_fail(all[from], "rank %d: %s", from, sentence);
}

/* How many ranks have the number of `rank`. */
static int likes_of(const uint32_t *all, int rank)
{
    int count = 0;
    for (int i = 0; i < comm.ranks; i++) {
        count += all[i] == all[rank];
    }
    return count;
}

snas_status snas_comm_same(uint32_t number, const char *what)
{
    uint32_t all[SNAS_RANKS_MAX] = {0};
    int most = 0;
    if (comm.ranks == 1) {
        return SNAS_OK;
    }
    gather_numbers(number, all, LONG_SECONDS);
    for (int rank = 1; rank < comm.ranks; rank++) {
        most = likes_of(all, rank) > likes_of(all, most) ? rank : most;
    }
    for (int rank = 0; rank < comm.ranks; rank++) {
        if (all[rank] != all[most]) {
            comm.agreed = SNAS_E_FAILED;
            return snas_fail(SNAS_E_FAILED, "rank %d has %s with the checksum %08x, where rank %d has %08x", rank, what,
                             (unsigned)all[rank], most, (unsigned)all[most]);
        }
    }
    return SNAS_OK;
}

snas_status snas_comm_fits(const char *key, int batch)
{
    return batch >= comm.ranks ? SNAS_OK
                               : snas_fail(SNAS_E_USAGE, "'%s' is %d, allowed with %d processes is %d and more", key,
                                           batch, comm.ranks, comm.ranks);
}

/* --- shares ------------------------------------------------------------------------------------------------------- */

bool snas_share_owns(int count, int most, int shards, int i)
{
    const int parts = snas_part_count(count, most);
    const int from = snas_rank_first(shards, comm.ranks, comm.rank), to = from + shards / comm.ranks;
    for (int p = 0; p < parts; p++) {
        const int first = snas_part_first(count, parts, p), pictures = snas_part_first(count, parts, p + 1) - first;
        const int place = i - first;
        if (place >= 0 && place < pictures) {
            return place >= snas_shard_first(pictures, shards, from) && place < snas_shard_first(pictures, shards, to);
        }
    }
    return false;
}
