/* test_shard_reduce.c -- sums and moments over shards: against plain double sums, with empty shards anywhere, and the
 * same bytes however the tree is shared out.
 */
#include <string.h>

#include "arena_fixture.h"
#include "check.h"
#include "shard_reduce.h"
#include "snas/base/rng.h"
#include "snas/tensor/team.h"

enum { FLOATS = 1500, DOUBLES = 7, CHANNELS = 40, VALUES = 6, PICTURES_MAX = 5, KEPT = 12 };
enum { OF_FLOATS, OF_MOMENTS, OF_DOUBLES, SEGMENTS };
static const double FLOAT_TOLERANCE = 1e-5;   /* of 64 numbers in (-1, 1): six roundings of 4e-6 at most */
static const double DOUBLE_TOLERANCE = 1e-12; /* relative; a wrong formula is off by 1e-3 and more */

/** A stage of three segments, and what every shard has in it. */
typedef struct {
    shard_row row;
    int shards, pictures[SNAS_SHARDS_MAX];
    double *values; /* [shards][PICTURES_MAX][VALUES][CHANNELS]: what the moments are of */
    char *bytes;    /* the rows */
} stage;

static void *taken(size_t count, size_t size)
{
    void *bytes = snas_arena_take(mem, count, size);
    assert_non_null(bytes);
    return bytes;
}

static void *segment_at(const stage *s, char *bytes, int segment, int shard)
{
    return bytes + (size_t)shard * s->row.bytes + s->row.segments[segment].first;
}

static double *values_of(const stage *s, int shard)
{
    return s->values + (int64_t)shard * PICTURES_MAX * VALUES * CHANNELS;
}

static double number(snas_rng *rng)
{
    return 2.0 * snas_rng_uniform(rng) - 1.0;
}

/* Mean and M2 of some values of channel c, in two passes. */
static void moments_of(const double *values, int count, int c, double *mean, double *m2)
{
    *mean = *m2 = 0.0;
    for (int i = 0; i < count; i++) {
        *mean += values[(int64_t)i * CHANNELS + c] / count;
    }
    for (int i = 0; i < count; i++) {
        const double gap = values[(int64_t)i * CHANNELS + c] - *mean;
        *m2 += gap * gap;
    }
}

/* Channels have means of their own, and shards are off them: as batch statistics are. */
static void fill_shard(stage *s, snas_rng *rng, int shard)
{
    float *floats = segment_at(s, s->bytes, OF_FLOATS, shard);
    double *mean = segment_at(s, s->bytes, OF_MOMENTS, shard), *doubles = segment_at(s, s->bytes, OF_DOUBLES, shard);
    const double off = number(rng);
    for (int i = 0; i < FLOATS; i++) {
        floats[i] = (float)number(rng);
    }
    for (int i = 0; i < DOUBLES; i++) {
        doubles[i] = number(rng);
    }
    for (int i = 0; i < PICTURES_MAX * VALUES * CHANNELS; i++) {
        values_of(s, shard)[i] = 3.0 * (i % CHANNELS) + off + number(rng);
    }
    for (int c = 0; c < CHANNELS; c++) {
        moments_of(values_of(s, shard), s->pictures[shard] * VALUES, c, &mean[c], &mean[CHANNELS + c]);
    }
}

/* Shards of up to five pictures; `empty`: half of them have none, and NaN in their rows. */
static stage make_stage(int shards, uint64_t seed, bool empty)
{
    stage s = {.shards = shards};
    snas_rng rng = snas_rng_at(seed, SNAS_STREAM_TEST, (uint64_t)shards);
    shard_segment *segments = taken(SEGMENTS, sizeof *segments);
    segments[OF_FLOATS] = (shard_segment){.join = SHARD_SUM_F32, .op = 0, .count = FLOATS};
    segments[OF_MOMENTS] =
        (shard_segment){.join = SHARD_MOMENTS, .op = 1, .count = CHANNELS, .values = VALUES, .cache_bytes = KEPT};
    segments[OF_DOUBLES] = (shard_segment){.join = SHARD_SUM_F64, .op = 2, .count = DOUBLES};
    assert_ok(shard_row_make(mem, segments, SEGMENTS, &s.row));
    s.bytes = taken((size_t)shards, s.row.bytes);
    s.values = taken((size_t)shards * PICTURES_MAX * VALUES * CHANNELS, sizeof *s.values);
    const int never = (int)snas_rng_below(&rng, (uint32_t)shards); /* empty: a batch has a picture */
    memset(s.bytes, 0xff, (size_t)shards * s.row.bytes);
    for (int shard = 0; shard < shards; shard++) {
        s.pictures[shard] = 1 + (int)snas_rng_below(&rng, PICTURES_MAX);
        if (empty && shard != never && snas_rng_uniform(&rng) < 0.5) {
            s.pictures[shard] = 0;
        } else {
            fill_shard(&s, &rng, shard);
        }
    }
    return s;
}

static char *copy_of(const stage *s)
{
    char *to = taken((size_t)s->shards, s->row.bytes);
    memcpy(to, s->bytes, (size_t)s->shards * s->row.bytes);
    return to;
}

/* Reduce rows that are like the stage's, the last unit first. */
static void reduce(const stage *s, char *bytes, const int *pictures, int shards, const bool *off)
{
    shard_tree tree;
    const shard_rows rows = {.row = &s->row, .rows = bytes, .off = off, .group = 1};
    shard_tree_make(pictures, shards, &tree);
    for (int unit = s->row.unit_count - 1; unit >= 0; unit--) {
        shard_reduce(&rows, &tree, unit);
    }
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static void check_sums(const stage *s, char *got)
{
    const float *floats = segment_at(s, got, OF_FLOATS, 0);
    const double *doubles = segment_at(s, got, OF_DOUBLES, 0);
    for (int i = 0; i < FLOATS; i++) {
        double wanted = 0.0;
        for (int shard = 0; shard < s->shards; shard++) {
            wanted += s->pictures[shard] == 0 ? 0.0 : (double)((float *)segment_at(s, s->bytes, OF_FLOATS, shard))[i];
        }
        assert_near((double)floats[i], wanted, FLOAT_TOLERANCE);
    }
    for (int i = 0; i < DOUBLES; i++) {
        double wanted = 0.0;
        for (int shard = 0; shard < s->shards; shard++) {
            wanted += s->pictures[shard] == 0 ? 0.0 : ((double *)segment_at(s, s->bytes, OF_DOUBLES, shard))[i];
        }
        assert_near(doubles[i], wanted, DOUBLE_TOLERANCE);
    }
}

static void check_moments(const stage *s, char *got)
{
    const double *mean = segment_at(s, got, OF_MOMENTS, 0), *m2 = mean + CHANNELS;
    double *all = taken((size_t)s->shards * PICTURES_MAX * VALUES * CHANNELS, sizeof *all);
    int count = 0;
    for (int shard = 0; shard < s->shards; shard++) {
        const int values = s->pictures[shard] * VALUES;
        memcpy(all + (int64_t)count * CHANNELS, values_of(s, shard), (size_t)(values * CHANNELS) * sizeof *all);
        count += values;
    }
    for (int c = 0; c < CHANNELS; c++) {
        double wanted_mean, wanted_m2;
        moments_of(all, count, c, &wanted_mean, &wanted_m2);
        assert_near(mean[c], wanted_mean, DOUBLE_TOLERANCE);
        assert_near(m2[c], wanted_m2, DOUBLE_TOLERANCE);
    }
}

static void sums_and_moments_are_those_of_all_shards(void **state)
{
    (void)state;
    for (int shards = 1; shards <= SNAS_SHARDS_MAX; shards++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            const stage s = make_stage(shards, seed, seed > 0);
            char *got = copy_of(&s);
            reduce(&s, got, s.pictures, shards, NULL);
            check_sums(&s, got);
            check_moments(&s, got);
        }
    }
}

/* Removing the empty shards' rows changes nothing: not a bit is added by them. */
static void a_shard_without_pictures_leaves_the_bytes_of_its_neighbour(void **state)
{
    (void)state;
    const int pictures[][4] = {{0, 3, 0, 0}, {3, 0, 0, 0}, {0, 0, 0, 3}, {0, 0, 3, 0}};
    const stage one = make_stage(1, 9, false);
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        char *rows = taken(4, one.row.bytes);
        memset(rows, 0xff, 4 * one.row.bytes);
        for (int shard = 0; shard < 4; shard++) {
            if (pictures[i][shard] > 0) {
                memcpy(rows + (size_t)shard * one.row.bytes, one.bytes, one.row.bytes);
            }
        }
        reduce(&one, rows, pictures[i], 4, NULL);
        for (int segment = 0; segment < SEGMENTS; segment++) {
            static const size_t bytes[SEGMENTS] = {FLOATS * sizeof(float), 2 * CHANNELS * sizeof(double),
                                                   DOUBLES * sizeof(double)};
            assert_memory_equal(segment_at(&one, rows, segment, 0), segment_at(&one, one.bytes, segment, 0),
                                bytes[segment]);
        }
    }
}

/* ---- the tree ---------------------------------------------------------------------------------------------------- */

/* A number a shard, whose sum shows the order of the additions. */
static double sum_of(const double *numbers, int shards)
{
    shard_segment segment = {.join = SHARD_SUM_F64, .count = 1};
    stage s = {.shards = shards};
    int pictures[SNAS_SHARDS_MAX];
    assert_ok(shard_row_make(mem, &segment, 1, &s.row));
    char *bytes = taken((size_t)shards, s.row.bytes);
    for (int shard = 0; shard < shards; shard++) {
        *(double *)segment_at(&s, bytes, 0, shard) = numbers[shard];
        pictures[shard] = 1;
    }
    reduce(&s, bytes, pictures, shards, NULL);
    return *(double *)segment_at(&s, bytes, 0, 0);
}

static void shards_are_merged_in_pairs_and_pairs_of_pairs(void **state)
{
    (void)state;
    double x[8];
    for (int i = 0; i < 8; i++) { /* added to 1 one by one, each of the others vanishes */
        x[i] = i == 0 ? 1.0 : ldexp(1.0, -53);
    }
    const double quarter[] = {x[0] + x[1], x[2] + x[3], x[4] + x[5], x[6] + x[7]};
    assert_true(sum_of(x, 4) == quarter[0] + quarter[1]);
    assert_true(sum_of(x, 3) == quarter[0] + x[2]);
    assert_true(sum_of(x, 5) == (quarter[0] + quarter[1]) + x[4]);
    assert_true(sum_of(x, 7) == (quarter[0] + quarter[1]) + (quarter[2] + x[6]));
    assert_true(sum_of(x, 8) == (quarter[0] + quarter[1]) + (quarter[2] + quarter[3]));
    assert_true(sum_of(x, 4) > 1.0 && sum_of(x, 8) > sum_of(x, 5));
}

static void every_shard_counts_once(void **state)
{
    (void)state;
    double x[SNAS_SHARDS_MAX];
    for (int shards = 1; shards <= 52; shards++) { /* bits of a double */
        for (int shard = 0; shard < shards; shard++) {
            x[shard] = ldexp(1.0, shard);
        }
        assert_true(sum_of(x, shards) == ldexp(1.0, shards) - 1.0);
    }
    for (int shard = 0; shard < SNAS_SHARDS_MAX; shard++) {
        x[shard] = shard + 1;
    }
    assert_true(sum_of(x, SNAS_SHARDS_MAX) == 0.5 * SNAS_SHARDS_MAX * (SNAS_SHARDS_MAX + 1));
}

/* Parts of the shards reduced each alone, and then their rows: what several machines would do. */
static void parts_that_are_reduced_alone_merge_to_the_same_bytes(void **state)
{
    (void)state;
    for (int shards = 2; shards <= SNAS_SHARDS_MAX; shards *= 2) {
        for (int parts = 2; parts <= shards; parts *= 2) {
            const stage s = make_stage(shards, (uint64_t)parts, parts % 4 == 0);
            const int each = shards / parts;
            char *whole = copy_of(&s), *alone = copy_of(&s), *rows = taken((size_t)parts, s.row.bytes);
            int pictures[SNAS_SHARDS_MAX] = {0};
            reduce(&s, whole, s.pictures, shards, NULL);
            for (int part = 0; part < parts; part++) {
                char *own = alone + (size_t)(part * each) * s.row.bytes;
                reduce(&s, own, s.pictures + part * each, each, NULL);
                memcpy(rows + (size_t)part * s.row.bytes, own, s.row.reduced);
                for (int i = 0; i < each; i++) {
                    pictures[part] += s.pictures[part * each + i];
                }
            }
            reduce(&s, rows, pictures, parts, NULL);
            assert_memory_equal(rows, whole, s.row.segments[OF_DOUBLES].first + DOUBLES * sizeof(double));
        }
    }
}

/* ---- rows and units ---------------------------------------------------------------------------------------------- */

static void rows_stand_apart_on_cache_lines(void **state)
{
    (void)state;
    const stage s = make_stage(2, 1, false);
    const shard_segment *segments = s.row.segments;
    assert_int_equal(s.row.bytes % 128, 64);
    assert_int_equal(s.row.reduced % 64, 0);
    assert_int_equal(segments[OF_FLOATS].first, 0);
    assert_true(segments[OF_MOMENTS].first >= FLOATS * sizeof(float));
    assert_true(segments[OF_DOUBLES].first >= segments[OF_MOMENTS].first + 2 * CHANNELS * sizeof(double));
    assert_true(s.row.reduced >= segments[OF_DOUBLES].first + DOUBLES * sizeof(double));
    assert_true(segments[OF_MOMENTS].kept >= s.row.reduced && segments[OF_MOMENTS].kept + KEPT <= s.row.bytes);
    for (int segment = 0; segment < SEGMENTS; segment++) {
        assert_int_equal(segments[segment].first % 64, 0);
    }
}

/* Neither one long segment nor many short ones are a serial part. */
static void units_are_of_about_equal_size(void **state)
{
    (void)state;
    enum { LONG = 100000, SHORT = 16, MANY = 400 };
    shard_row row;
    shard_segment segments[MANY + 1] = {{.join = SHARD_SUM_F32, .count = LONG}};
    for (int i = 1; i <= MANY; i++) {
        segments[i] = (shard_segment){.join = SHARD_SUM_F64, .count = SHORT};
    }
    assert_ok(shard_row_make(mem, segments, MANY + 1, &row));
    int64_t all = 0;
    for (int unit = 0; unit < row.unit_count; unit++) {
        int64_t numbers = 0;
        for (int i = row.units[unit]; i < row.units[unit + 1]; i++) {
            numbers += row.spans[i].to - row.spans[i].from;
        }
        assert_true(numbers <= 2048 && (numbers >= 512 || unit + 1 == row.unit_count));
        all += numbers;
    }
    assert_int_equal(all, LONG + SHORT * MANY);
}

static void a_cleared_shard_is_zero_and_its_neighbours_are_not(void **state)
{
    (void)state;
    const bool off[SEGMENTS] = {false, false, true};
    const stage s = make_stage(3, 1, false);
    char *bytes = taken(3, s.row.bytes);
    memset(bytes, 0xff, 3 * s.row.bytes);
    const shard_rows rows = {.row = &s.row, .rows = bytes, .off = off, .group = 1};
    shard_clear(&rows, 1);
    const unsigned char *row = (unsigned char *)bytes + s.row.bytes;
    for (size_t i = 0; i < FLOATS * sizeof(float); i++) {
        assert_int_equal(row[i], 0);
    }
    for (size_t i = 0; i < 2 * CHANNELS * sizeof(double); i++) {
        assert_int_equal(row[s.row.segments[OF_MOMENTS].first + i], 0);
    }
    for (size_t i = 0; i < DOUBLES * sizeof(double); i++) { /* not run: nobody reads it */
        assert_int_equal(row[s.row.segments[OF_DOUBLES].first + i], 0xff);
    }
    for (size_t i = 0; i < s.row.bytes; i++) {
        assert_int_equal(row[i - s.row.bytes], 0xff);
        assert_int_equal(row[i + s.row.bytes], 0xff);
    }
}

static void what_did_not_run_is_not_touched(void **state)
{
    (void)state;
    const bool off[SEGMENTS] = {false, true, false};
    const stage s = make_stage(16, 1, false);
    char *got = copy_of(&s);
    reduce(&s, got, s.pictures, s.shards, off);
    check_sums(&s, got);
    for (int shard = 0; shard < s.shards; shard++) {
        assert_memory_equal(segment_at(&s, got, OF_MOMENTS, shard), segment_at(&s, s.bytes, OF_MOMENTS, shard),
                            2 * CHANNELS * sizeof(double));
    }
}

typedef struct {
    const shard_rows *rows;
    const shard_tree *tree;
} job;

static void run_unit(void *context, int unit, int thread)
{
    const job *j = context;
    (void)thread;
    shard_reduce(j->rows, j->tree, unit);
}

static void any_number_of_threads_reduces_to_the_same_bytes(void **state)
{
    (void)state;
    const stage s = make_stage(64, 5, true);
    char *one = copy_of(&s);
    shard_tree tree;
    shard_tree_make(s.pictures, s.shards, &tree);
    reduce(&s, one, s.pictures, s.shards, NULL);
    for (int threads = 2; threads <= 8; threads++) {
        char *many = copy_of(&s);
        const snas_team team = {.threads = threads};
        const shard_rows rows = {.row = &s.row, .rows = many, .group = 1};
        job j = {&rows, &tree};
        snas_team_run(&team, s.row.unit_count, run_unit, &j);
        assert_memory_equal(many, one, s.row.bytes);
    }
}

/* Shards in groups, as threads take them: a group after the other, each in the rows of its own. */
static char *reduce_in_groups(const stage *s, int group)
{
    shard_tree tree;
    const size_t bytes = s->row.bytes;
    char *grouped = taken((size_t)shard_row_count(s->shards, group), bytes);
    const shard_rows rows = {.row = &s->row, .rows = grouped, .group = group};
    shard_tree_make(s->pictures, s->shards, &tree);
    for (int shard = 0; shard < s->shards; shard++) {
        if (s->pictures[shard] > 0) {
            memcpy(grouped + (size_t)shard_row_of(shard, group) * bytes, s->bytes + (size_t)shard * bytes, bytes);
        }
        shard_merge_group(&rows, &tree, shard);
    }
    for (int unit = 0; unit < s->row.unit_count; unit++) {
        shard_reduce(&rows, &tree, unit);
    }
    return grouped;
}

static void groups_of_shards_reduce_to_the_same_bytes(void **state)
{
    (void)state;
    static const size_t bytes[SEGMENTS] = {FLOATS * sizeof(float), 2 * CHANNELS * sizeof(double),
                                           DOUBLES * sizeof(double)};
    for (int shards = 1; shards <= SNAS_SHARDS_MAX; shards += shards < 20 ? 1 : 11) {
        for (int group = 1; group <= shards; group *= 2) {
            const stage s = make_stage(shards, (uint64_t)group, group % 3 == 2);
            char *one = copy_of(&s), *grouped = reduce_in_groups(&s, group);
            reduce(&s, one, s.pictures, shards, NULL);
            for (int segment = 0; segment < SEGMENTS; segment++) {
                assert_memory_equal(segment_at(&s, grouped, segment, 0), segment_at(&s, one, segment, 0),
                                    bytes[segment]);
            }
        }
    }
}

static void a_group_has_a_row_more_than_its_tree_has_levels(void **state)
{
    (void)state;
    assert_int_equal(shard_row_count(64, 1), 64);
    assert_int_equal(shard_row_count(64, 4), 16 * 3);
    assert_int_equal(shard_row_count(16, 16), 5);
    assert_int_equal(shard_row_of(5, 1), 5);
    assert_int_equal(shard_row_of(7, 4), 3 + 2);
    assert_int_equal(shard_row_of(15, 16), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_and_moments_are_those_of_all_shards, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_shard_without_pictures_leaves_the_bytes_of_its_neighbour, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(shards_are_merged_in_pairs_and_pairs_of_pairs, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(every_shard_counts_once, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(parts_that_are_reduced_alone_merge_to_the_same_bytes, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(rows_stand_apart_on_cache_lines, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(units_are_of_about_equal_size, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_cleared_shard_is_zero_and_its_neighbours_are_not, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(what_did_not_run_is_not_touched, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(groups_of_shards_reduce_to_the_same_bytes, arena_setup, arena_teardown),
        cmocka_unit_test(a_group_has_a_row_more_than_its_tree_has_levels),
        cmocka_unit_test_setup_teardown(any_number_of_threads_reduces_to_the_same_bytes, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
