/* design_size.c -- C and L of the network that will be trained, by its budgets.
 *
 * The networks of a space at one size cost between `least` (every edge its cheapest candidate) and `largest`. Chosen is
 * the last size of the table with
 *
 *      least + REFERENCE * (largest - least)  <=  budget          for every budget,
 *
 * so a search has cheaper cells to go to and dearer ones: sizes grow in steps that are smaller than what lies between
 * REFERENCE and the largest cost. Limits on bytes, which are no sums, are to be kept to by a cell that has two of the
 * operation that holds most at every node. Sizes grow in both numbers, so do all costs, and halving finds the size. A
 * time is measured, which takes longer the larger the size: the smallest first, then the last that multiply-adds
 * promise by what was measured, until they promise none that is larger.
 */
#include "design_parts.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/learn/run_network.h"
#include "snas/learn/streams.h"
#include "snas/search/search_step.h"

#include <math.h>
#include <string.h>

/* Where cells lie that are worth having: the published ones of the DARTS space cost 0.15 (SNAS, mild) to 0.30 (DARTS,
 * second order) of the way from the least to the largest. */
static const double REFERENCE = 0.25;

static const double MACS_MOST = 1e15; /* that search.budget.macs takes */

/* From what a microcontroller holds to the published retraining (36, 20) and beyond. L = 3 N + 2 suits all spaces. */
static const struct {
    int channels, cells;
} SIZES[] = {{4, 5},   {6, 5},   {8, 5},   {10, 5},  {12, 5},  {12, 8},  {14, 8},  {16, 8},  {18, 8},
             {20, 8},  {22, 8},  {24, 8},  {28, 8},  {32, 8},  {32, 11}, {36, 11}, {36, 14}, {36, 17},
             {36, 20}, {40, 20}, {44, 20}, {48, 20}, {56, 20}, {64, 20}, {72, 20}, {80, 20}, {96, 20}};
enum { SIZE_COUNT = sizeof SIZES / sizeof SIZES[0] };

snas_status design_child(const snas_config *config, snas_network_spec *out)
{
    snas_arena *mem;
    snas_dataset dataset;
    SNAS_TRY(snas_arena_create("the data set's description", 0, &mem));
    snas_status status = snas_streams_open(mem, config, config->train.side, &dataset);
    if (status == SNAS_OK) {
        *out = snas_trained_child(config, &dataset);
        status = snas_network_check(out);
    }
    snas_arena_destroy(mem);
    return status;
}

/* --- what a size costs -------------------------------------------------------------------------------------------- */

/* A cell with candidate k on the first two edges of every node; k < 0: without operations. */
static snas_genotype usual_cell(const snas_space *space, int k)
{
    snas_genotype cell = {.space = space, .pool_bn = true};
    for (int at = 0; k >= 0 && at < space->cell_types * space->nodes; at++) {
        const int node = at % space->nodes, edges = space->inputs + node;
        snas_genes *genes = &cell.nodes[at / space->nodes][node];
        for (int source = 0; source < edges && source < 2; source++) {
            genes->genes[genes->count++] = (snas_gene){.candidate = k, .source = source};
        }
    }
    return cell;
}

/* What the networks of this spec hold by the limits that there are. */
static snas_status take_limits(snas_arena *mem, const snas_network_spec *child, snas_design_size *size)
{
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        for (int k = -1; size->limit[i] > 0 && k < child->space->candidate_count; k++) {
            snas_network_spec spec = *child;
            const snas_genotype cell = usual_cell(child->space, k);
            int64_t held;
            spec.genotype = &cell;
            SNAS_TRY(snas_derive_held(mem, &spec, i, &held));
            size->least[i] = k < 0 ? held : size->least[i];
            size->usual[i] = held > size->usual[i] ? held : size->usual[i];
        }
    }
    return SNAS_OK;
}

/* The costs of the budgets at the size, and what it holds. */
static snas_status take_bounds(snas_arena *mem, const snas_search_config *settings, const snas_network_spec *child,
                               snas_design_size *size)
{
    snas_network_spec spec = *child;
    snas_budget_control control;
    spec.channels = size->channels;
    spec.cells = size->cells;
    SNAS_TRY(take_limits(mem, &spec, size));
    const int asked = snas_config_budgets(settings);
    const snas_status status = snas_budget_control_create(mem, settings, &spec, &control);
    if (status != SNAS_OK && (status != SNAS_E_USAGE || control.count < asked)) {
        return status;
    }
    snas_error_clear(); /* that nothing is within the budgets shows in the bounds */
    size->bound_count = control.count;
    for (int i = 0; i < control.count; i++) {
        const snas_controlled *c = &control.budgets[i];
        size->bounds[i] = (snas_design_bound){c->term, c->least, c->largest};
    }
    return SNAS_OK;
}

static double reference(const snas_design_bound *b)
{
    return b->least + REFERENCE * (b->largest - b->least);
}

/* Is the part of the range, 0 its least and 1 its largest cost, within every budget? And what is held within every
 * limit, the least that there is with part 0? */
static bool has_within(const snas_design_size *size, double part)
{
    bool within = true;
    for (int i = 0; i < size->bound_count; i++) {
        const snas_design_bound *b = &size->bounds[i];
        within &= b->least + part * (b->largest - b->least) <= (double)b->term.most;
    }
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        within &= size->limit[i] == 0 || (part > 0.0 ? size->usual[i] : size->least[i]) <= size->limit[i];
    }
    return within;
}

/* --- sentences ---------------------------------------------------------------------------------------------------- */

/* "parameters 100730 to 787066 where 300000 is the budget". */
static void add_bounds(snas_text *text, const snas_design_size *size)
{
    for (int i = 0; i < size->bound_count; i++) {
        const snas_design_bound *b = &size->bounds[i];
        snas_text_add(text, "%s %s of %s to %s where %s is the budget", i == 0 ? "" : ",", b->term.name,
                      snas_budget_text(text->mem, &b->term, b->least),
                      snas_budget_text(text->mem, &b->term, b->largest),
                      snas_budget_text(text->mem, &b->term, (double)b->term.most));
    }
    const char *between = size->bound_count == 0 ? "" : ",";
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        if (size->limit[i] > 0) {
            snas_text_add(text, "%s %s of %lld to usually %lld where %lld is the limit", between,
                          snas_derive_limit_names[i], (long long)size->least[i], (long long)size->usual[i],
                          (long long)size->limit[i]);
            between = ",";
        }
    }
}

static bool is_limited(const int64_t *limit)
{
    bool limited = false;
    for (int i = 0; i < SNAS_DERIVE_LIMITS; i++) {
        limited |= limit[i] > 0;
    }
    return limited;
}

static const char *why(const snas_design *design, const snas_design_size *size)
{
    const bool given = design->channels > 0 && design->cells > 0;
    if (size->bound_count == 0 && !is_limited(size->limit)) {
        return given ? "as given" : "of the config, without a budget";
    }
    return given                         ? "as given:"
           : has_within(size, 1.0)       ? "the largest size there is, with all its networks within the budget:"
           : has_within(size, REFERENCE) ? "the largest size with a quarter of its range within the budget:"
                                         : "the smallest size there is:";
}

static snas_status give_reason(snas_arena *mem, const snas_design *design, snas_design_size *size)
{
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "C = %d and L = %d, %s", size->channels, size->cells, why(design, size));
    add_bounds(&text, size);
    size->reason = text.data;
    return snas_text_done(&text);
}

static snas_status refuse(snas_arena *mem, const snas_design *design, const snas_design_size *size)
{
    snas_text text = snas_text_make(mem);
    add_bounds(&text, size);
    SNAS_TRY(snas_text_done(&text));
    return snas_fail(SNAS_E_USAGE, "no network is within the budget, %s C = %d and L = %d:%s",
                     design->channels > 0 && design->cells > 0 ? "with" : "even of the smallest size,", size->channels,
                     size->cells, text.data);
}

/* --- choosing ----------------------------------------------------------------------------------------------------- */

static bool has_budget(const snas_design *design)
{
    return snas_config_budgets(&design->config.search) > 0 || design->latency_ms > 0.0 || is_limited(design->limit);
}

/* The choice, as far as it has come. */
typedef struct {
    const design_work *work;
    snas_network_spec child; /* of any size */
} choice;

/* Size i of the table, with what is given in the place of its own. */
static snas_design_size size_at(const choice *c, int i)
{
    const snas_design *design = c->work->design;
    snas_design_size size = {.channels = design->channels > 0 ? design->channels : SIZES[i].channels,
                             .cells = design->cells > 0 ? design->cells : SIZES[i].cells,
                             .table = design->config.search.table};
    memcpy(size.limit, design->limit, sizeof size.limit);
    return size;
}

/* The last size that the counts allow, -1 when none is; those before it are allowed too. */
static snas_status find_last(const choice *c, int *out)
{
    int low = -1, high = SIZE_COUNT;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        snas_design_size size = size_at(c, middle);
        SNAS_TRY(take_bounds(c->work->mem, &c->work->design->config.search, &c->child, &size));
        *(has_within(&size, REFERENCE) ? &low : &high) = middle;
    }
    *out = low;
    return SNAS_OK;
}

/* A size with its bounds; of a budget of time by its table, which is measured where it is not there yet. */
static snas_status look(const choice *c, int i, snas_design_size *out)
{
    const design_work *work = c->work;
    const snas_design *design = work->design;
    snas_search_config settings = design->config.search;
    *out = size_at(c, i);
    if (design->latency_ms > 0.0 && work->options != NULL) {
        snas_design_command command;
        SNAS_TRY(design_measure_command(work->mem, design, out->channels, out->cells, &command, &out->table));
        if (!snas_file_is(out->table)) {
            SNAS_TRY(design_execute(work, &command));
        }
        settings.table = out->table;
        settings.budget_latency_ms = design->latency_ms;
    }
    return take_bounds(work->mem, &settings, &c->child, out);
}

/* Multiply-adds of a size's reference. */
static snas_status count_macs(const choice *c, int i, double *out)
{
    snas_search_config settings = c->work->design->config.search;
    snas_design_size size = size_at(c, i);
    settings.budget_parameters = settings.budget_latency_ms = settings.budget_flash_bytes = (double)NAN;
    settings.budget_macs = MACS_MOST;
    SNAS_TRY(take_bounds(c->work->mem, &settings, &c->child, &size));
    *out = reference(&size.bounds[0]);
    return SNAS_OK;
}

/* The last size of low + 1 .. high - 1 that is within the budget of time if time grows with multiply-adds from the
 * measured one; `low` when none is. */
static snas_status guess(const choice *c, int measured, const snas_design_size *size, int low, int high, int *out)
{
    const snas_design_bound *time = &size->bounds[size->bound_count - 1];
    double there, here;
    SNAS_TRY(count_macs(c, measured, &there));
    *out = low;
    for (int i = high - 1; i > low && *out == low; i--) {
        SNAS_TRY(count_macs(c, i, &here));
        *out = reference(time) * here / there <= (double)time->term.most ? i : low;
    }
    return SNAS_OK;
}

/* The last size up to `last` that is within the budget of time: measured, and none larger is promised by it. The
 * smallest, which takes seconds, is measured first. */
static snas_status find_by_time(const choice *c, int last, snas_design_size *out)
{
    int low = -1, high = last + 1, at = 0;
    SNAS_TRY(look(c, 0, out));
    while (high > 0) {
        snas_design_size size;
        SNAS_TRY(look(c, at, &size));
        if (has_within(&size, REFERENCE)) {
            low = at;
            *out = size;
        } else {
            high = at;
        }
        SNAS_TRY(guess(c, at, &size, low, high, &at));
        if (at == low) {
            break;
        }
    }
    return SNAS_OK;
}

snas_status design_choose(const design_work *work, snas_design_size *out)
{
    const snas_design *design = work->design;
    const snas_train_config *train = &design->config.train;
    choice c = {.work = work};
    int last;
    SNAS_TRY(design_child(&design->config, &c.child));
    if (!has_budget(design)) {
        *out = (snas_design_size){
            .channels = train->channels, .cells = train->cells, .table = design->config.search.table};
        return give_reason(work->mem, design, out);
    }
    SNAS_TRY(find_last(&c, &last));
    last = last < 0 ? 0 : last; /* the smallest, as long as anything of it is within */
    SNAS_TRY(design->latency_ms > 0.0 && work->options != NULL ? find_by_time(&c, last, out) : look(&c, last, out));
    return has_within(out, 0.0) ? give_reason(work->mem, design, out) : refuse(work->mem, design, out);
}

snas_status snas_design_choose(snas_arena *mem, const snas_design *design, snas_design_size *out)
{
    return design_choose(&(design_work){.mem = mem, .design = design}, out);
}

snas_status design_chosen(snas_arena *mem, const snas_design *design, snas_config *config, snas_design_size *out)
{
    const char *path;
    snas_network_spec child;
    SNAS_TRY(design_path(mem, design, "config.json", &path));
    SNAS_TRY(snas_config_load(mem, path, NULL, 0, config));
    SNAS_TRY(design_child(config, &child));
    *out = (snas_design_size){
        .channels = config->train.channels, .cells = config->train.cells, .table = config->search.table};
    memcpy(out->limit, design->limit, sizeof out->limit);
    SNAS_TRY(take_bounds(mem, &config->search, &child, out));
    return give_reason(mem, design, out);
}
