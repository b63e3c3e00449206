/* lower.c -- from what a network means to what runs fast: chains of plain operations become fused ones.
 *
 * The row of a fused operation says which chains it stands for, and for which windows. Of the chains that end at an
 * operation the longest that fits is taken; its operations before the last vanish, when every reader of each takes it
 * into a chain of its own. Only what is cheap to do again (a relu) may have several readers. Then
 *
 *     norm       ->  folded: whoever reads it applies scale and shift, when whoever writes its input sums statistics.
 *                    When its reader cannot, a node with this one input writes it out
 *     the rest   ->  itself
 *
 * Parameters, slots and values keep their indices; values that vanish are simply not written.
 */
#include "snas/graph/program.h"

#include <assert.h>
#include <string.h>

#include "graph.h"

/** What an operation of the plain program becomes. */
typedef struct {
    snas_op_kind kind; /* of the lowered program */
    int length;        /* operations of the chain that ends here; 0: it vanishes in the chains of its readers */
    snas_window window;
} replacement;

typedef struct {
    const snas_program *plain;
    snas_program *out;
    int *readers;         /* [values] how many operations read it */
    int *reader;          /* [values] the last of them */
    int *norms;           /* [values] most batch norms on a way to it: the stage that it is written in */
    int *swallowed;       /* [values] how many take it into their chain */
    int *renamed;         /* [values] plain value -> value of the lowered program */
    bool *cache;          /* [plain ops] some of its readers have to read it */
    replacement *becomes; /* [plain ops] */
} lowering;

static int producer_of(const lowering *l, int value)
{
    return l->plain->values[value].producer;
}

/** The one operation that reads a value, SNAS_NONE when none or several do. */
static int single_reader(const lowering *l, int value)
{
    return l->readers[value] == 1 ? l->reader[value] : SNAS_NONE;
}

static const snas_operation *lowered_row(const lowering *l, int op)
{
    return snas_operations_f32[l->becomes[op].kind];
}

/* --- chains ------------------------------------------------------------------------------------------------------- */

/** Can operation `op` vanish in a chain after it? */
static bool may_vanish(const lowering *l, int op)
{
    const snas_op *o = &l->plain->ops[op];
    return !l->cache[op] && (l->readers[o->output] == 1 || snas_operations_f32[o->kind]->repeatable);
}

/** The operations of a chain that ends at `end`: ops[0..length-1], first to last; false when it is not there. */
static bool chain_before(const lowering *l, int end, const snas_chain *chain, int *ops)
{
    for (int i = chain->length - 1, op = end; i >= 0; i--) {
        const snas_op *o = &l->plain->ops[op];
        if (o->kind != chain->kinds[i] || (i < chain->length - 1 && !may_vanish(l, op)) ||
            (i > 0 && o->input_count != 1)) {
            return false;
        }
        ops[i] = op;
        op = i > 0 ? producer_of(l, o->inputs[0]) : op;
    }
    return true;
}

static bool fits(const lowering *l, int end, const snas_operation *row, const snas_chain *chain, snas_window *window)
{
    int ops[SNAS_CHAIN_MAX];
    snas_window windows[SNAS_CHAIN_MAX];
    if (!chain_before(l, end, chain, ops)) {
        return false;
    }
    for (int i = 0; i < chain->length; i++) {
        windows[i] = l->plain->ops[ops[i]].window;
    }
    *window = windows[chain->length - 1];
    return row->matches == NULL || row->matches(windows, chain->length, window);
}

/** The longest chain that ends at operation `end`: a fused operation, or itself. */
static replacement longest_chain(const lowering *l, int end)
{
    replacement best = {.kind = l->plain->ops[end].kind, .length = 1, .window = l->plain->ops[end].window};
    bool fused = false;
    for (int i = 0; i < SNAS_OP_COUNT * SNAS_CHAINS; i++) {
        const snas_operation *row = snas_operations_f32[i / SNAS_CHAINS];
        const snas_chain *chain = &row->chains[i % SNAS_CHAINS];
        snas_window window;
        if (chain->length >= best.length + fused && fits(l, end, row, chain, &window)) {
            best = (replacement){(snas_op_kind)(i / SNAS_CHAINS), chain->length, window};
            fused = true;
        }
    }
    return best;
}

/** Note that the chain at `end` takes in what stands before its last operation. */
static void swallow(lowering *l, int end)
{
    for (int i = 1, op = end; i < l->becomes[end].length; i++) {
        const int value = l->plain->ops[op].inputs[0];
        l->swallowed[value]++;
        op = producer_of(l, value);
    }
}

/** What each operation becomes, readers before what they read. False when some readers of an operation take it in and
 *  others do not: it is kept from now on, so those that took it in need another chain. */
static bool choose_chains(lowering *l)
{
    const snas_program *p = l->plain;
    bool settled = true;
    memset(l->swallowed, 0, (size_t)p->value_count * sizeof *l->swallowed);
    for (int i = p->op_count - 1; i >= 0; i--) {
        const int value = p->ops[i].output, taken = l->swallowed[value];
        if (taken > 0 && taken == l->readers[value]) {
            l->becomes[i] = (replacement){.kind = p->ops[i].kind};
            continue;
        }
        if (taken > 0) {
            l->cache[i] = true;
            settled = false;
        }
        l->becomes[i] = longest_chain(l, i);
        swallow(l, i);
    }
    return settled;
}

/* --- the lowered program ------------------------------------------------------------------------------------------ */

/** Append a copy of `op` (room is planned). */
static snas_op *emit(lowering *l, const snas_op *op, snas_op_kind kind)
{
    snas_program *out = l->out;
    snas_op *copy = &out->ops[out->op_count];
    *copy = *op;
    copy->kind = kind;
    out->values[op->output].producer = out->op_count++;
    return copy;
}

/** Append a copy of `op` with its inputs renamed. */
static snas_status emit_renamed(lowering *l, const snas_op *op, snas_op_kind kind)
{
    snas_op *copy = emit(l, op, kind);
    SNAS_NEW(l->out->mem, copy->inputs, op->input_count);
    for (int k = 0; k < op->input_count; k++) {
        copy->inputs[k] = l->renamed[op->inputs[k]];
    }
    return SNAS_OK;
}

/** The chain that ends at operation `end` as one: the inputs of its first, the parameters of all in order. */
static snas_status emit_chain(lowering *l, int end)
{
    const replacement *r = &l->becomes[end];
    const snas_op *ops[SNAS_CHAIN_MAX];
    snas_op fused = l->plain->ops[end];
    ops[r->length - 1] = &l->plain->ops[end];
    for (int i = r->length - 1; i > 0; i--) {
        ops[i - 1] = &l->plain->ops[producer_of(l, ops[i]->inputs[0])];
    }
    fused.window = r->window;
    fused.inputs = ops[0]->inputs;
    fused.input_count = ops[0]->input_count;
    int count = 0;
    for (int i = 0; i < r->length; i++) {
        for (int j = 0; j < SNAS_OPERATION_PARAMETERS && ops[i]->parameters[j] != SNAS_NONE; j++) {
            assert(count < SNAS_OPERATION_PARAMETERS);
            fused.parameters[count++] = ops[i]->parameters[j];
        }
    }
    return emit_renamed(l, &fused, r->kind);
}

/** The reader of a norm can apply scale and shift itself. */
static bool reader_folds(const lowering *l, int value)
{
    int reader = single_reader(l, value);
    while (reader != SNAS_NONE && l->becomes[reader].length == 0) {
        reader = single_reader(l, l->plain->ops[reader].output);
    }
    return reader != SNAS_NONE && lowered_row(l, reader)->folds_norm;
}

/** Whoever writes `value`, or each part of it, will be a fused operation that sums statistics; the parts in one stage.
 */
static bool writer_sums(const lowering *l, int value)
{
    const int writer = producer_of(l, value);
    const snas_op *op = &l->plain->ops[writer];
    if (op->kind != SNAS_OP_CONCAT) {
        return lowered_row(l, writer)->sums;
    }
    for (int k = 0; k < op->input_count; k++) {
        const int part = op->inputs[k];
        if (!lowered_row(l, producer_of(l, part))->sums || l->norms[part] != l->norms[op->inputs[0]]) {
            return false;
        }
    }
    return true;
}

/** A node with one input, which writes a folded norm out. */
static snas_status emit_written(lowering *l, const snas_op *norm)
{
    snas_program *out = l->out;
    const int value = out->value_count++;
    out->values[value] = out->values[norm->output];
    out->values[value].folded = SNAS_NONE;
    snas_op node = {.kind = SNAS_OP_NODE,
                    .input_count = 1,
                    .output = value,
                    .parameters = {SNAS_NONE, SNAS_NONE},
                    .running_mean = SNAS_NONE,
                    .running_var = SNAS_NONE,
                    .gate = norm->gate,
                    .auxiliary = norm->auxiliary};
    SNAS_NEW(out->mem, node.inputs, 1);
    SNAS_NEW(out->mem, node.z_slots, 1);
    SNAS_NEW(out->mem, node.mask_slots, 1);
    node.inputs[0] = norm->output;
    node.z_slots[0] = node.mask_slots[0] = SNAS_NONE;
    emit(l, &node, SNAS_OP_NODE);
    l->renamed[norm->output] = value;
    out->values[norm->output].inside = SNAS_NONE;
    return SNAS_OK;
}

static snas_status lower_norm(lowering *l, const snas_op *norm)
{
    if (!writer_sums(l, norm->inputs[0]) || l->readers[norm->inputs[0]] != 1) {
        return emit_renamed(l, norm, SNAS_OP_NORM);
    }
    SNAS_TRY(emit_renamed(l, norm, SNAS_OP_NORM_FOLDED));
    l->out->values[norm->inputs[0]].folded = l->out->op_count - 1;
    return reader_folds(l, norm->output) ? SNAS_OK : emit_written(l, norm);
}

static snas_status lower_op(lowering *l, int i)
{
    if (l->becomes[i].length == 0) {
        return SNAS_OK;
    }
    return l->becomes[i].kind == SNAS_OP_NORM ? lower_norm(l, &l->plain->ops[i]) : emit_chain(l, i);
}

/** Who reads what operation i reads, and how many norms stand before what it writes. */
static void count_op(lowering *l, int i)
{
    const snas_op *op = &l->plain->ops[i];
    int norms = 0;
    for (int k = 0; k < op->input_count; k++) {
        const int value = op->inputs[k];
        l->readers[value]++;
        l->reader[value] = i;
        norms = l->norms[value] > norms ? l->norms[value] : norms;
    }
    l->norms[op->output] = norms + (op->kind == SNAS_OP_NORM);
}

static snas_status start(const snas_program *plain, lowering *l)
{
    const int room = 2 * plain->op_count, values = 2 * plain->value_count;
    *l = (lowering){.plain = plain};
    SNAS_NEW(plain->mem, l->out, 1);
    *l->out = *plain;
    l->out->op_count = 0;
    SNAS_NEW(plain->mem, l->out->ops, room);
    SNAS_NEW(plain->mem, l->out->values, values);
    memcpy(l->out->values, plain->values, (size_t)plain->value_count * sizeof *plain->values);
    SNAS_NEW(plain->mem, l->readers, plain->value_count);
    SNAS_NEW(plain->mem, l->reader, plain->value_count);
    SNAS_NEW(plain->mem, l->norms, plain->value_count);
    SNAS_NEW(plain->mem, l->swallowed, plain->value_count);
    SNAS_NEW(plain->mem, l->renamed, values);
    SNAS_NEW(plain->mem, l->cache, plain->op_count);
    SNAS_NEW(plain->mem, l->becomes, plain->op_count);
    for (int v = 0; v < values; v++) {
        l->renamed[v] = v;
    }
    for (int i = 0; i < plain->op_count; i++) {
        count_op(l, i);
        l->out->values[plain->ops[i].output].producer = 0;
    }
    return SNAS_OK;
}

snas_status snas_program_lower(const snas_program *plain, snas_program **out)
{
    lowering l;
    SNAS_TRY(start(plain, &l));
    while (!choose_chains(&l)) {
        ; /* every round keeps at least one operation more */
    }
    for (int i = 0; i < plain->op_count; i++) {
        SNAS_TRY(lower_op(&l, i));
    }
    *out = l.out;
    return SNAS_OK;
}
