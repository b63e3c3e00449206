/* benchmark.c -- a table of what is known of the cells of a space, read and asked.
 *
 *   table = 'arch' {',' column} EOL {row EOL},     row = line of NAS-Bench-201 {',' percent}
 *
 * A cell's number writes the candidates of its edges as digits: sum over e of k_e K^(E-1-e). An edge that a genotype
 * lacks counts as `none`.
 */
#include "snas/space/benchmark.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genotype_scan.h"
#include "snas/base/order.h"
#include "snas/base/product_file.h"
#include "snas/base/text.h"
#include "snas/format/foreign.h"
#include "snas/format/gzip.h"

enum { TABLE_BYTES_MAX = 64 << 20, PERCENT_MAX = 16 };

/* What people call the columns; others have their own names. */
static const struct {
    const char *name, *title;
} TITLES[] = {
    {"cifar10_test", "CIFAR-10 test"},
    {"cifar10_valid", "CIFAR-10 validation"},
    {"cifar100_test", "CIFAR-100 test"},
    {"cifar100_valid", "CIFAR-100 validation"},
    {"imagenet16_120_test", "ImageNet16-120 test"},
    {"imagenet16_120_valid", "ImageNet16-120 validation"},
};

/* --- cells and their numbers -------------------------------------------------------------------------------------- */

static int cell_count(const snas_space *space)
{
    int count = 1;
    for (int e = 0; e < snas_space_edge_count(space); e++) {
        count *= space->candidate_count;
    }
    return count;
}

/* The candidate from `source`; -1: several. */
static int candidate_from(const snas_space *space, const snas_genes *genes, int source)
{
    int found = 0, candidate = 0;
    while (!space->candidates[candidate]->is_zero) {
        candidate++;
    }
    for (int g = 0; g < genes->count; g++) {
        if (genes->genes[g].source == source) {
            candidate = genes->genes[g].candidate;
            found++;
        }
    }
    return found > 1 ? -1 : candidate;
}

/* -1: it is no cell of one operation an edge. */
static int cell_number(const snas_genotype *genotype)
{
    const snas_space *space = genotype->space;
    int number = 0;
    for (int e = 0; e < snas_space_edge_count(space); e++) {
        int source, node;
        snas_space_edge(space, e, &source, &node);
        const int k = candidate_from(space, &genotype->nodes[0][node], source);
        if (k < 0) {
            return -1;
        }
        number = number * space->candidate_count + k;
    }
    return number;
}

static snas_genotype cell_of_number(const snas_space *space, int number)
{
    snas_genotype cell = {.space = space, .pool_bn = true};
    int place = cell_count(space);
    for (int e = 0; e < snas_space_edge_count(space); e++) {
        int source, node;
        snas_space_edge(space, e, &source, &node);
        place /= space->candidate_count;
        snas_genes *genes = &cell.nodes[0][node];
        genes->genes[genes->count++] =
            (snas_gene){.candidate = number / place % space->candidate_count, .source = source};
    }
    return cell;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *name; /* of the file, for messages */
    const char *at, *end;
    int line; /* that stands from `at` to `line_end`, from 1 */
    const char *line_end;
    int *line_of; /* [cells]: where a cell's row is; 0: nowhere yet */
    snas_benchmark *out;
} table_reader;

/* Go to the next line that is not empty; false at the end. */
static bool next_line(table_reader *r)
{
    while (r->at < r->end) {
        const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
        r->line_end = newline == NULL ? r->end : newline;
        r->line++;
        if (r->line_end > r->at && r->line_end[-1] == '\r') {
            r->line_end--;
        }
        if (r->line_end > r->at) {
            return true;
        }
        r->at = newline == NULL ? r->end : newline + 1;
    }
    return false;
}

static void end_line(table_reader *r)
{
    r->at = r->line_end;
    while (r->at < r->end && *r->at != '\n') {
        r->at++;
    }
    r->at += r->at < r->end ? 1 : 0;
}

/* What stands up to the next comma of the line, or its end. */
static snas_bytes first_field(table_reader *r)
{
    const char *from = r->at, *comma = memchr(from, ',', (size_t)(r->line_end - from));
    r->at = comma == NULL ? r->line_end : comma;
    return (snas_bytes){.data = from, .size = (size_t)(r->at - from)};
}

/* After a field: does another one follow, and which. */
static bool has_field(const table_reader *r)
{
    return r->at < r->line_end;
}

static snas_bytes next_field(table_reader *r)
{
    r->at++;
    return first_field(r);
}

static snas_status no_header(const table_reader *r, const char *from)
{
    const char *foreign = snas_foreign((snas_bytes){.data = from, .size = (size_t)(r->end - from)});
    if (foreign != NULL) {
        return snas_fail(SNAS_E_DATA, "'%s' is no table of accuracies: it is %s", r->name, foreign);
    }
    char found[64];
    snprintf(found, sizeof found, "%.*s", (int)(r->line_end - from), from);
    return snas_fail(
        SNAS_E_DATA,
        "'%s' is no table of accuracies: its first line has to be 'arch' and the names of at most %d columns, "
        "with commas between them, found '%s'",
        r->name, SNAS_BENCHMARK_COLUMNS_MAX, found);
}

static snas_status add_column(snas_arena *mem, snas_benchmark *out, snas_bytes name)
{
    snas_benchmark_column *column = &out->columns[out->column_count++];
    *column = (snas_benchmark_column){.name = snas_format(mem, "%.*s", (int)name.size, (const char *)name.data)};
    SNAS_TRY(snas_taken(column->name));
    column->title = column->name;
    for (size_t i = 0; i < sizeof TITLES / sizeof TITLES[0]; i++) {
        if (strcmp(TITLES[i].name, column->name) == 0) {
            column->title = TITLES[i].title;
        }
    }
    SNAS_NEW(mem, column->accuracy, out->cells);
    for (int cell = 0; cell < out->cells; cell++) {
        column->accuracy[cell] = (double)NAN;
    }
    return SNAS_OK;
}

static snas_status read_header(snas_arena *mem, table_reader *r)
{
    static const char FIRST[] = "arch";
    r->at += snas_bom_size(r->at, (size_t)(r->end - r->at));
    if (!next_line(r)) {
        return snas_fail(SNAS_E_DATA, "'%s' is no table of accuracies: it is empty", r->name);
    }
    const char *from = r->at;
    snas_bytes field = first_field(r);
    if (field.size != strlen(FIRST) || memcmp(field.data, FIRST, field.size) != 0 || !has_field(r)) {
        return no_header(r, from);
    }
    while (has_field(r)) {
        field = next_field(r);
        if (field.size == 0 || r->out->column_count == SNAS_BENCHMARK_COLUMNS_MAX) {
            return no_header(r, from);
        }
        SNAS_TRY(add_column(mem, r->out, field));
    }
    end_line(r);
    return SNAS_OK;
}

/* "93.76" as 0.9376, the nearest double of that: the digits are read with the point moved. */
static bool read_percent(snas_bytes field, double *out)
{
    char text[PERCENT_MAX + 4];
    if (field.size == 0 || field.size > PERCENT_MAX) {
        return false;
    }
    snprintf(text, sizeof text, "%.*se-2", (int)field.size, (const char *)field.data);
    char *end;
    *out = strtod(text, &end);
    return *end == 0 && strspn(text, "0123456789.") == field.size && *out <= 1.0;
}

static snas_status read_accuracies(table_reader *r, int cell)
{
    snas_benchmark *out = r->out;
    int count = 0;
    for (; has_field(r); count++) {
        const snas_bytes field = next_field(r);
        if (count >= out->column_count) {
            continue;
        }
        snas_benchmark_column *column = &out->columns[count];
        if (!read_percent(field, &column->accuracy[cell])) {
            char found[64];
            snprintf(found, sizeof found, "%.*s", (int)field.size, (const char *)field.data);
            return snas_fail(SNAS_E_DATA, "%s:%d: '%s' is '%s', it has to be a percentage, 0 to 100", r->name, r->line,
                             column->name, found);
        }
    }
    return count == out->column_count
               ? SNAS_OK
               : snas_fail(SNAS_E_DATA, "%s:%d: %d number%s after the cell, there have to be %d, one a column", r->name,
                           r->line, count, count == 1 ? "" : "s", out->column_count);
}

static snas_status read_row(table_reader *r)
{
    snas_genotype genotype;
    space_scanner in = space_scan_start(r->name, first_field(r));
    in.spot.line = r->line;
    SNAS_TRY(space_genotype_scan_201(&in, &genotype));
    const int cell = cell_number(&genotype);
    if (r->line_of[cell] > 0) {
        return snas_fail(SNAS_E_DATA, "%s:%d: the cell of line %d comes again", r->name, r->line, r->line_of[cell]);
    }
    r->line_of[cell] = r->line;
    SNAS_TRY(read_accuracies(r, cell));
    r->out->rows++;
    end_line(r);
    return SNAS_OK;
}

static snas_status sum_up(snas_arena *mem, snas_benchmark *out)
{
    for (int c = 0; c < out->column_count; c++) {
        snas_benchmark_column *column = &out->columns[c];
        int n = 0;
        SNAS_NEW(mem, column->sorted, out->rows);
        for (int cell = 0; cell < out->cells; cell++) {
            if (!isnan(column->accuracy[cell])) {
                column->sorted[n++] = column->accuracy[cell];
                column->mean += column->accuracy[cell];
            }
        }
        column->mean /= n;
        snas_sort(column->sorted, n);
    }
    return SNAS_OK;
}

/* `work` is for what is not kept. */
static snas_status read_table(snas_arena *mem, snas_arena *work, snas_benchmark *out)
{
    char shown[1024];
    snas_bytes text;
    SNAS_TRY(snas_gzip_read(work, out->path, TABLE_BYTES_MAX, &text));
    table_reader r = {.name = snas_printable(shown, sizeof shown, out->path), .at = text.data, .out = out};
    r.end = r.at + text.size;
    SNAS_NEW(work, r.line_of, out->cells);
    SNAS_TRY(read_header(mem, &r));
    while (next_line(&r)) {
        SNAS_TRY(read_row(&r));
    }
    return out->rows > 0 ? sum_up(mem, out) : snas_fail(SNAS_E_DATA, "'%s' has no cell", out->path);
}

snas_status snas_benchmark_load(snas_arena *mem, const snas_space *space, const char *path, snas_benchmark *out)
{
    snas_arena *work;
    if (space->benchmark == NULL) {
        return snas_fail(SNAS_E_USAGE, "there is no table of accuracies for the space '%s'", space->name);
    }
    *out = (snas_benchmark){.space = space, .path = path, .cells = cell_count(space)};
    if (path == NULL) {
        SNAS_TRY(snas_product_file(mem, space->benchmark, &out->path));
    }
    SNAS_TRY(snas_arena_create("a table of accuracies", 0, &work));
    const snas_status status = read_table(mem, work, out);
    snas_arena_destroy(work);
    return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

int snas_benchmark_column_of(const snas_benchmark *benchmark, const char *dataset)
{
    const size_t size = strlen(dataset);
    for (int c = 0; c < benchmark->column_count; c++) {
        const char *name = benchmark->columns[c].name;
        if (strncmp(name, dataset, size) == 0 && strcmp(name + size, "_test") == 0) {
            return c;
        }
    }
    return 0;
}

/* How many of the sorted values are above x. */
static int count_above(const double *sorted, int count, double x)
{
    int low = 0, high = count; /* all before low are at most x, none from high on is */
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (sorted[middle] <= x) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return count - low;
}

snas_known snas_benchmark_look_up(const snas_benchmark *benchmark, int column, const snas_genotype *genotype)
{
    const snas_benchmark_column *of = &benchmark->columns[column];
    const int cell = genotype->space == benchmark->space ? cell_number(genotype) : -1;
    const double accuracy = cell < 0 ? (double)NAN : of->accuracy[cell];
    return (snas_known){.accuracy = accuracy,
                        .rank = isnan(accuracy) ? 0 : 1 + count_above(of->sorted, benchmark->rows, accuracy)};
}

double snas_benchmark_quantile(const snas_benchmark *benchmark, int column, double q)
{
    const double *sorted = benchmark->columns[column].sorted;
    const double at = q * (benchmark->rows - 1);
    const int i = (int)at;
    return i + 1 < benchmark->rows ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

snas_genotype snas_benchmark_best(const snas_benchmark *benchmark, int column, int *alike)
{
    const snas_benchmark_column *of = &benchmark->columns[column];
    const double most = of->sorted[benchmark->rows - 1];
    int best = -1;
    *alike = 0;
    for (int cell = 0; cell < benchmark->cells; cell++) {
        if (of->accuracy[cell] >= most) {
            best = best < 0 ? cell : best;
            ++*alike;
        }
    }
    return cell_of_number(benchmark->space, best);
}
