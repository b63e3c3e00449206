/* program.h -- a network as a flat list of operations over values, with parameters.
 *
 * Built once, in order: an operation's inputs come before it, so the forward pass goes through the list and the
 * backward pass goes through it in reverse. Values and parameters are identified by their index. The plain program
 * defines the network; snas_program_lower makes of it the program that runs fast. Nothing here has memory yet: see
 * executor.h.
 */
#ifndef SNAS_GRAPH_PROGRAM_H
#define SNAS_GRAPH_PROGRAM_H

#include "snas/base/arena.h"
#include "snas/kernel/operation.h"

enum { SNAS_NONE = -1 };

typedef struct {
    snas_shape shape;
    int producer; /* operation that writes it */
    int folded;   /* lowered: folded batch norm that is applied to this value, SNAS_NONE: none */
    int inside;   /* value whose channels it is a part of (concat), SNAS_NONE: none */
    int first;    /* first channel there */
} snas_value;

typedef struct {
    const char *name; /* PyTorch's */
    int dims;
    int64_t shape[4];
    int64_t first, count; /* in the flat vector */
    bool is_norm;
    int fan_in;
} snas_program_parameter;

typedef struct {
    snas_op_kind kind;
    snas_window window;
    int input_count;
    int *inputs;                               /* values */
    int output;                                /* value */
    int parameters[SNAS_OPERATION_PARAMETERS]; /* SNAS_NONE: absent */
    int running_mean, running_var;             /* norms: buffers */
    int *z_slots, *mask_slots;                 /* mix: [input_count], SNAS_NONE: 1 */
    int gate;         /* z slot of the candidate this operation belongs to, SNAS_NONE: always run */
    double auxiliary; /* above 0: belongs to an auxiliary classifier, whose loss has this weight, and does not
                                    run in evaluation; 0: belongs to the network */
} snas_op;

typedef struct {
    snas_arena *mem;
    snas_op *ops;
    int op_count, op_room;
    snas_value *values;
    int value_count, value_room;
    snas_program_parameter *parameters, *buffers;
    int parameter_count, parameter_room, buffer_count, buffer_room;
    int64_t weight_count, buffer_values; /* lengths of the flat vectors */
    int z_slots, mask_slots;
    int edge_slots; /* z slots of one edge, its candidates, side by side: slot / edge_slots names the edge; 0: slots
                       belong to no edges */
    double norm_momentum, norm_eps;
    bool recompute;     /* lowered: recompute what need not be stored (SNAS_RECOMPUTED_ON_REQUEST) */
    int gate;           /* given to the operations added from now on */
    double auxiliary;   /* likewise */
    snas_status failed; /* first fault of the building; later additions do nothing */
} snas_program;

/** An empty program in `mem`. */
SNAS_MUST_CHECK snas_status snas_program_create(snas_arena *mem, snas_program **out);

/** A printf-formed name in the program's arena; "" when memory is out, and then program->failed is set. */
const char *snas_program_name(snas_program *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Building: each returns the value it makes. Faults (shapes, memory) are kept in program->failed. `name` is the prefix
 * of the parameters' names: name + ".weight", ".bias", ".running_mean", ".running_var". */
int snas_program_input(snas_program *p, snas_shape shape);
/** An operation with one input, without parameters. */
int snas_program_op(snas_program *p, snas_op_kind kind, int input, snas_window window);
/** The same with the parameters that its row asks for. */
int snas_program_layer(snas_program *p, snas_op_kind kind, const char *name, int input, snas_window window);
int snas_program_conv(snas_program *p, const char *name, int input, snas_window window);
int snas_program_depthwise(snas_program *p, const char *name, int input, snas_window window);
int snas_program_norm(snas_program *p, const char *name, int input, bool affine);
int snas_program_linear(snas_program *p, const char *name, int input, int classes);
int snas_program_concat(snas_program *p, const int *inputs, int count);
/** `shape` is used when count is 0: a node that is zero. */
int snas_program_mix(snas_program *p, const int *inputs, const int *z_slots, const int *mask_slots, int count,
                     snas_shape shape);

/** Multiply-adds of one operation, a picture. */
int64_t snas_program_macs(const snas_program *p, const snas_op *op);
/** Parameters of one operation. */
int64_t snas_program_weights(const snas_program *p, const snas_op *op);

/** The fused program of a plain one: same parameters, same meaning. `out` borrows from `plain`. */
SNAS_MUST_CHECK snas_status snas_program_lower(const snas_program *plain, snas_program **out);

#endif
