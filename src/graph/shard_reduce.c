/* shard_reduce.c -- sums over pictures: laid out as one row a shard, and reduced over the shards in one place. */
#include "shard_reduce.h"

#include <assert.h>
#include <string.h>

enum {
    LINE = 64,       /* bytes of a cache line */
    SPAN = 512,      /* numbers of a span at most: those of 16 shards stay in the cache until they are one */
    UNIT = 2 * SPAN, /* numbers of a unit, about */
};

/* ---- joins: what two shards' numbers of a span become, in a's place ---------------------------------------------- */

/** Both sides of a merge: the segment's numbers, and how many values a mean is of. */
typedef struct {
    void *a;
    const void *b;
    double n_a, n_b;
} join_sides;

typedef void (*join_function)(const shard_segment *segment, const shard_span *span, const join_sides *sides);

static void sum_f32(const shard_segment *segment, const shard_span *span, const join_sides *sides)
{
    (void)segment;
    float *restrict a = sides->a;
    const float *restrict b = sides->b;
    for (int64_t i = span->from; i < span->to; i++) {
        a[i] += b[i];
    }
}

static void sum_f64(const shard_segment *segment, const shard_span *span, const join_sides *sides)
{
    (void)segment;
    double *restrict a = sides->a;
    const double *restrict b = sides->b;
    for (int64_t i = span->from; i < span->to; i++) {
        a[i] += b[i];
    }
}

static void join_moments(const shard_segment *segment, const shard_span *span, const join_sides *sides)
{
    const double n = sides->n_a + sides->n_b;
    const double share = sides->n_b / n, weight = sides->n_a * share;
    double *restrict mean = sides->a, *restrict m2 = mean + segment->count;
    const double *restrict mean_b = sides->b, *restrict m2_b = mean_b + segment->count;
    for (int64_t c = span->from; c < span->to; c++) {
        const double gap = mean_b[c] - mean[c];
        mean[c] += gap * share;
        m2[c] += m2_b[c] + gap * gap * weight;
    }
}

static const struct {
    join_function join;
    size_t size; /* bytes of a number */
    int vectors; /* of `count` numbers each */
} JOINS[SHARD_JOIN_COUNT] = {
    [SHARD_SUM_F32] = {sum_f32, sizeof(float), 1},
    [SHARD_SUM_F64] = {sum_f64, sizeof(double), 1},
    [SHARD_MOMENTS] = {join_moments, sizeof(double), 2},
};

static size_t segment_bytes(const shard_segment *segment)
{
    return (size_t)(JOINS[segment->join].vectors * segment->count) * JOINS[segment->join].size;
}

/* ---- the layout -------------------------------------------------------------------------------------------------- */

static size_t whole_lines(size_t bytes)
{
    return (bytes + LINE - 1) / LINE * LINE;
}

/** Spans of a segment; written when there is a place for them. */
static int cut_segment(const shard_segment *segment, int index, shard_span *spans)
{
    int count = 0;
    for (int64_t from = 0; from < segment->count; from += SPAN, count++) {
        if (spans != NULL) {
            const int64_t to = from + SPAN < segment->count ? from + SPAN : segment->count;
            spans[count] = (shard_span){.segment = index, .from = from, .to = to};
        }
    }
    return count;
}

/** Neighbouring spans make a unit as soon as they hold enough numbers. */
static void gather_units(shard_row *row, int span_count)
{
    int64_t numbers = 0;
    for (int i = 0; i < span_count; i++) {
        const shard_span *span = &row->spans[i];
        numbers += JOINS[row->segments[span->segment].join].vectors * (span->to - span->from);
        if (numbers >= UNIT || i + 1 == span_count) {
            row->units[++row->unit_count] = i + 1;
            numbers = 0;
        }
    }
}

snas_status shard_row_make(snas_arena *mem, shard_segment *segments, int count, shard_row *out)
{
    int span_count = 0, span = 0;
    *out = (shard_row){.segments = segments, .segment_count = count};
    for (int i = 0; i < count; i++) {
        segments[i].first = out->reduced;
        out->reduced += whole_lines(segment_bytes(&segments[i]));
        span_count += cut_segment(&segments[i], i, NULL);
    }
    out->bytes = out->reduced;
    for (int i = 0; i < count; i++) {
        segments[i].kept = out->bytes;
        out->bytes += whole_lines(segments[i].cache_bytes);
    }
    /* An odd number of lines: the same numbers of all rows then lie in different sets of the cache. */
    out->bytes += out->bytes / LINE % 2 == 0 && out->bytes > 0 ? LINE : 0;
    SNAS_NEW(mem, out->spans, span_count);
    SNAS_NEW(mem, out->units, span_count + 1);
    for (int i = 0; i < count; i++) {
        span += cut_segment(&segments[i], i, out->spans + span);
    }
    gather_units(out, span_count);
    return SNAS_OK;
}

/* ---- the tree ---------------------------------------------------------------------------------------------------- */

/** The merges within shards first..first + span - 1, span a power of two, as far as there are shards. Returns their
 *  pictures. */
static int merges_within(const int *pictures, int shards, int first, int span, shard_tree *tree)
{
    if (span == 1) {
        return pictures[first];
    }
    const int half = span / 2;
    const int left = merges_within(pictures, shards, first, half, tree);
    if (first + half >= shards) {
        return left;
    }
    const int right = merges_within(pictures, shards, first + half, half, tree);
    if (right > 0) {
        tree->merges[tree->count++] =
            (shard_merge){.to = first, .from = first + half, .pictures_to = left, .pictures_from = right};
    }
    return left + right;
}

void shard_tree_make(const int *pictures, int shards, shard_tree *out)
{
    assert(shards >= 1 && shards <= SNAS_SHARDS_MAX);
    int span = 1;
    while (span < shards) {
        span *= 2;
    }
    *out = (shard_tree){.shards = shards};
    (void)merges_within(pictures, shards, 0, span, out);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static int rows_of_group(int group)
{
    int rows = 1;
    for (; group > 1; group /= 2) {
        rows++;
    }
    return rows;
}

int shard_row_count(int shards, int group)
{
    return (shards + group - 1) / group * rows_of_group(group);
}

int shard_row_of(int shard, int group)
{
    int row = shard / group * rows_of_group(group);
    for (int within = shard % group; within > 0; within /= 2) {
        row += within % 2;
    }
    return row;
}

/* ---- the work ---------------------------------------------------------------------------------------------------- */

static bool is_off(const shard_rows *rows, const shard_segment *segment)
{
    return rows->off != NULL && rows->off[segment->op];
}

static char *numbers_of(const shard_rows *rows, const shard_segment *segment, int shard)
{
    return rows->rows + (size_t)shard_row_of(shard, rows->group) * rows->row->bytes + segment->first;
}

void shard_clear(const shard_rows *rows, int shard)
{
    for (int i = 0; i < rows->row->segment_count; i++) {
        const shard_segment *segment = &rows->row->segments[i];
        if (!is_off(rows, segment)) {
            memset(numbers_of(rows, segment, shard), 0, segment_bytes(segment));
        }
    }
}

/** Nothing has come to this side yet: it takes the other's numbers. */
static void copy_span(const shard_segment *segment, const shard_span *span, const join_sides *sides)
{
    const size_t size = JOINS[segment->join].size;
    for (int v = 0; v < JOINS[segment->join].vectors; v++) {
        const size_t at = (size_t)(v * segment->count + span->from) * size;
        memcpy((char *)sides->a + at, (const char *)sides->b + at, (size_t)(span->to - span->from) * size);
    }
}

/** One merge of a span whose operation is not off. */
static void merge_shards(const shard_rows *rows, const shard_merge *m, const shard_span *span)
{
    const shard_segment *segment = &rows->row->segments[span->segment];
    const join_sides sides = {.a = numbers_of(rows, segment, m->to),
                              .b = numbers_of(rows, segment, m->from),
                              .n_a = (double)m->pictures_to * segment->values,
                              .n_b = (double)m->pictures_from * segment->values};
    const join_function join = m->pictures_to == 0 ? copy_span : JOINS[segment->join].join;
    join(segment, span, &sides);
}

/** Both sides of a merge belong to the group of one thread. */
static bool is_within(const shard_rows *rows, const shard_merge *m)
{
    return m->from - m->to < rows->group;
}

static void reduce_span(const shard_rows *rows, const shard_tree *tree, const shard_span *span)
{
    if (is_off(rows, &rows->row->segments[span->segment])) {
        return;
    }
    for (int i = 0; i < tree->count; i++) {
        if (!is_within(rows, &tree->merges[i])) {
            merge_shards(rows, &tree->merges[i], span);
        }
    }
}

/** The last shard of a merge's right side. */
static int last_of(const shard_tree *tree, const shard_merge *m)
{
    const int end = m->from + (m->from - m->to);
    return (end < tree->shards ? end : tree->shards) - 1;
}

/** One merge of whole rows. */
static void merge_rows(const shard_rows *rows, const shard_merge *m)
{
    const shard_row *row = rows->row;
    for (int span = 0; span < row->units[row->unit_count]; span++) {
        if (!is_off(rows, &row->segments[row->spans[span].segment])) {
            merge_shards(rows, m, &row->spans[span]);
        }
    }
}

void shard_merge_group(const shard_rows *rows, const shard_tree *tree, int shard)
{
    for (int i = 0; i < tree->count; i++) {
        const shard_merge *m = &tree->merges[i];
        if (is_within(rows, m) && last_of(tree, m) == shard) {
            merge_rows(rows, m);
        }
    }
}

size_t shard_pack(const shard_rows *rows, size_t *at, char *packet)
{
    size_t bytes = 0;
    for (int i = 0; i < rows->row->segment_count; i++) {
        const shard_segment *segment = &rows->row->segments[i];
        at[i] = bytes;
        if (!is_off(rows, segment)) {
            memcpy(packet + bytes, numbers_of(rows, segment, 0), segment_bytes(segment));
            bytes += whole_lines(segment_bytes(segment));
        }
    }
    return bytes;
}

static void merge_span(const shard_rows *rows, const shard_packet *packet, const shard_span *span)
{
    const shard_segment *segment = &rows->row->segments[span->segment];
    char *own = numbers_of(rows, segment, 0), *other = packet->packet + packet->at[span->segment];
    const double n = (double)packet->own_pictures * segment->values,
                 n_other = (double)packet->pictures * segment->values;
    const join_sides right = {.a = own, .b = other, .n_a = n, .n_b = n_other};
    const join_sides left = {.a = other, .b = own, .n_a = n_other, .n_b = n};
    if (is_off(rows, segment)) {
        return;
    }
    if (packet->own_pictures > 0) {
        JOINS[segment->join].join(segment, span, packet->is_left ? &left : &right);
    }
    if (packet->own_pictures == 0 || packet->is_left) {
        copy_span(segment, span, &right);
    }
}

void shard_merge_packet(const shard_rows *rows, const shard_packet *packet, int unit)
{
    for (int i = rows->row->units[unit]; i < rows->row->units[unit + 1]; i++) {
        merge_span(rows, packet, &rows->row->spans[i]);
    }
}

void shard_reduce(const shard_rows *rows, const shard_tree *tree, int unit)
{
    for (int i = rows->row->units[unit]; i < rows->row->units[unit + 1]; i++) {
        reduce_span(rows, tree, &rows->row->spans[i]);
    }
}
