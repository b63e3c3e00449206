/* operation.h -- an operation: its shape rule, its cost, and the kernels that compute it.
 *
 * Tensors are pictures, channels last: element (y, x, c) of a picture stands at ((y * w + x) * ld + c), ld >= c. A
 * kernel works on one picture at a time; pictures are independent except for batch statistics and weight gradients,
 * which are summed within a shard (a fixed part of the batch) in the order of its pictures; then shards are merged
 * along a fixed tree. So results do not depend on threads.
 *
 * Shapes are checked when planning, by infer, and not when running: kernels return void, cannot fail, do not allocate
 * and do not log.
 */
#ifndef SNAS_KERNEL_OPERATION_H
#define SNAS_KERNEL_OPERATION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snas/base/status.h"

/** Shards of a batch: their number decides the last bits of a result, so it belongs to a run and not to a machine. */
enum { SNAS_SHARDS_DEFAULT = 16, SNAS_SHARDS_MAX = 64, SNAS_OPERATION_PARAMETERS = 2 };

/* The operations, one line each: its kind, the symbol of its row, and what it computes. The kinds, the declarations of
 * the rows and their tables are generated from these lines; a row is at the end of the file that has its arithmetic. */

/** Built as float and as double (src/kernel/plain): the definition of a network's function. Letters: w a weight; s, p,
 *  d, o the window's stride, padding, dilation and offset; a, b taps; m output channels; n the picture. */
#define SNAS_PLAIN_OPERATIONS(ROW)                                                                                     \
    ROW(INPUT, input)             /* y = images[n] */                                                                  \
    ROW(CONV, conv)               /* y[i,j,m] = sum_abc w[m,c,a,b] x[i s - p + a d + o, j s - p + b d + o, c] */       \
    ROW(DEPTHWISE, depthwise)     /* y[i,j,c] = sum_ab w[c,a,b] x[i s - p + a d, j s - p + b d, c] */                  \
    ROW(RELU, relu)               /* y = max(x, 0) */                                                                  \
    ROW(NORM, norm)               /* y = gamma (x - mean) / sqrt(var + eps) + beta, over the batch */                  \
    ROW(MAX_POOL, max_pool)       /* y = the largest x of a window */                                                  \
    ROW(AVG_POOL, avg_pool)       /* y = the mean x of a window inside the picture */                                  \
    ROW(MIX, mix)                 /* y = sum_k z_k mask_k[n] x_k */                                                    \
    ROW(CONCAT, concat)           /* y = (x_0, x_1, ...) along the channels: a matter of addresses, no kernel */       \
    ROW(GLOBAL_POOL, global_pool) /* y[c] = sum_ij x[i,j,c] / (h w) */                                                 \
    ROW(LINEAR, linear)           /* y[m] = sum_c w[m,c] x[c] + bias[m] */                                             \
    ROW(LOSS, loss)               /* -sum_m target[m] log softmax(x)[m] */                                             \
    ROW(NORM_FOLDED, norm_folded) /* NORM in a lowered program: scale and shift only, which whoever reads x applies */

/** Made by lowering only, float only (src/kernel/fused): several plain operations in one pass over a picture. `affine`
 *  is a folded batch norm of the input; sums are those that a folded norm after the output needs. */
#define SNAS_FUSED_OPERATIONS(ROW)                                                                                     \
    ROW(SEPARABLE, separable)   /* y = pointwise(depthwise(relu([affine] x))), sums of y */                            \
    ROW(POINTWISE, pointwise)   /* y = conv([relu] x) with a window of one pixel, sums of y */                         \
    ROW(DENSE, dense)           /* y = conv([relu] x) with a larger one, sums of y */                                  \
    ROW(MAX_POOLED, max_pooled) /* y = max_pool(x), sums of y */                                                       \
    ROW(AVG_POOLED, avg_pooled) /* y = avg_pool(x), sums of y */                                                       \
    ROW(NODE, node)             /* y = sum_k z_k mask_k[n] [affine_k] x_k */

#define SNAS_KIND(KIND, symbol) SNAS_OP_##KIND,
typedef enum { SNAS_PLAIN_OPERATIONS(SNAS_KIND) SNAS_FUSED_OPERATIONS(SNAS_KIND) SNAS_OP_COUNT } snas_op_kind;
#undef SNAS_KIND

/** Height, width and channels of a picture. */
typedef struct {
    int h, w, c;
} snas_shape;

/** A window's geometry: an operation's arguments besides its inputs. */
typedef struct {
    int kernel;      /* side of the window */
    int stride, pad; /* in pixels */
    int dilation;    /* 1 when dense */
    int offset;      /* the input starts at (offset, offset): x[:, :, offset:, offset:] */
    int channels;    /* of the output; convolutions and linear layers */
    bool relu;       /* fused: relu on the way in */
} snas_window;

/** The memory of a value's pictures. Channels may be stored in blocks, each a picture of its own: channel c of a pixel
 *  is then (c / block) block_step + c % block elements after the pixel's first. Only kernels whose row says so get more
 *  than one block. */
typedef struct {
    void *data;         /* picture 0 */
    int64_t stride;     /* elements between pictures */
    int h, w, c, ld;    /* ld: elements between pixels */
    int block;          /* channels a block; c: one block */
    int64_t block_step; /* elements between blocks */
    int id;             /* identifies the value: equal ids hold the same numbers throughout a pass over the pictures */
} snas_view;

/** Sums of each shard: shard s has them s * step bytes after `first`. After the reduction shard 0's place holds the
 *  sums over all shards. `first` NULL: there is nothing to sum. */
typedef struct {
    char *first;
    size_t step;
} snas_sharded;

static inline void *snas_sharded_at(const snas_sharded *sharded, int shard)
{
    return sharded->first + (size_t)shard * sharded->step;
}

/** A batch norm:
 *      y = scale * (u - centre) + shift,  scale = gamma / sqrt(var + eps),  shift = beta + (centre - mean) * scale
 *  centre is the mean, rounded to the network's number type: so nothing cancels when the mean is far from 0.
 *
 *  Forward, a shard sums u - pivot and its square (the pivot is the first pixel of the shard's first picture, stored by
 *  the kernel that sums), so that a variance far below the mean's square keeps its digits. close_shard turns them into
 *  the shard's mean and M2 = sum (u - mean)^2; shards are merged in this form.
 *  Backward, with dL/dy = z m[n] g (z a mixing weight, m a drop-path mask, both 1 without): per channel
 *      S0 = sum m g,  S1 = sum m g (u - centre)   over pictures and pixels, n values a channel
 *      S = S1 + (centre - mean) S0
 *      dbeta = z S0,  dgamma = z S / sigma,  dL/dz = sum_c scale S + beta S0
 *      dL/du = m A g + B (u - centre) + D,   A = z scale,   B = -z scale S / (n sigma^2),
 *                                            D = -z scale S0 / n + B (centre - mean)
 *  Vectors of [c] in the network's number type unless double. */
typedef struct {
    int c;
    const void *gamma, *beta; /* NULL: 1 and 0 */
    void *dgamma, *dbeta;
    void *running_mean, *running_var;
    double momentum, eps;
    snas_sharded moments;   /* double [2][c]: sums of u - pivot and of its square; closed: mean, M2 */
    snas_sharded pivots;    /* [c] */
    snas_sharded gradients; /* double [2][c]: S0, S1 */
    double *mean, *inverse; /* 1 / sigma */
    void *scale, *shift, *centre;
    void *a, *b, *d;
    /* for folded norms: where the gradient of y comes from */
    int z_slot, mask_slot; /* -1: 1 */
    snas_view g;
} snas_norm;

struct snas_task;

/** Rows y.. of a task's output in picture slot `slot`, recomputed: [rows][w][c padded to whole vectors]. */
typedef void (*snas_recompute)(const struct snas_task *task, int slot, int y, int rows, float *out, float *scratch);

/** Bytes of scratch for so many rows of that. */
typedef size_t (*snas_recompute_scratch)(const struct snas_task *task, int rows);

/** One input of a mix. */
typedef struct {
    int z_slot, mask_slot;    /* into snas_feed.z and .masks; -1: 1 */
    snas_norm *norm;          /* folded batch norm of the input, NULL: none */
    snas_recompute recompute; /* the input is not stored: its producer's; NULL: it is stored */
    const struct snas_task *producer;
    snas_recompute_scratch recompute_scratch;
    snas_sharded dz;       /* double: dL/dz where no norm gives it */
    snas_sharded mask_sum; /* double: sum of mask dy, at the first of the inputs that share a mask */
} snas_term;

typedef enum {
    SNAS_PASS_TRAIN,       /* the batch's statistics; the running ones move by the momentum */
    SNAS_PASS_EVALUATE,    /* the running statistics */
    SNAS_PASS_RECALIBRATE, /* the batch's statistics; the running ones become the mean over the batches */
    SNAS_PASS_BATCH,       /* the batch's statistics; the running ones stay */
} snas_pass_mode;

/** The rank of a picture of which a logit is not finite: below all others. */
enum { SNAS_RANK_NONE = INT_MAX };

/** The inputs and outputs of a step; the same for all operations. */
typedef struct {
    int count; /* pictures of this batch */
    snas_pass_mode mode;
    const void *images; /* [count][h][w][3] */
    const int *labels;  /* [count] */
    double label_smoothing;
    const double *z; /* [slots] mixing weights */
    bool sparse;     /* inputs of weight 0 were not run and hold nothing */
    /** Of an evaluation: weights and running statistics are those of the last pass, which was one too. */
    bool same_weights;
    double *dz; /* [slots] their gradient */
    /** [mask slots] sum over pictures, pixels and channels of mask dy of the mix that has the mask, out; NULL: not
     *  wanted. */
    double *mask_sums;
    const void *masks;    /* [mask slots][batch] drop path, 0 or 1 / keep; NULL: none dropped */
    int batch;            /* row length of masks */
    int64_t recalibrated; /* batches already in the running mean of a recalibration */
    double *losses;       /* [count] cross entropy a picture, out */
    int *ranks;           /* [count] logits above the label's, out: 0 is correct; or SNAS_RANK_NONE */
    void *logits;         /* [count][classes] out */
    /** [count] of an evaluation, out: set where a number within the network is not finite, whatever its logits are;
     *  NULL: not looked for, which takes a fifth of the time. */
    bool *overflows;
    double *auxiliary_losses; /* [count] of an auxiliary classifier, without its weight, out; NULL: not wanted */
} snas_feed;

/** An operation bound to its memory: the argument of a kernel. */
typedef struct snas_task {
    snas_op_kind kind;
    snas_window window;
    double auxiliary; /* loss: weight of an auxiliary classifier's; 0: the network's own */
    int inputs;
    const snas_view *x;    /* [inputs] */
    const snas_view *dx;   /* [inputs]; data NULL: no gradient wanted */
    snas_view y, dy;       /* dy.data NULL: no gradient arrives */
    int z_slot, mask_slot; /* fused: dL/dy is dy times this weight and mask, since dy is that of the node which alone
                              reads y; -1: 1 */
    const void *weight[SNAS_OPERATION_PARAMETERS];
    void *dweight[SNAS_OPERATION_PARAMETERS];
    int64_t weight_count[SNAS_OPERATION_PARAMETERS];
    void *packed;         /* weights as the kernels want them, made by prepare; NULL when they have no such form */
    snas_sharded partial; /* [partial_count]: weight gradients */
    int64_t partial_count;
    snas_norm *norm;        /* norms: the own one. Fused: the folded one after the output, NULL none */
    int norm_first;         /* first channel of the output in that norm */
    snas_norm *norm_in;     /* fused: folded norm of the input, NULL none */
    const snas_term *terms; /* mix: [inputs] */
} snas_task;

/** Memory to prefetch: [at, end). */
typedef struct {
    const char *at, *end;
} snas_prefetch;

enum { SNAS_PREFETCHES = 4 };

/** The context of a pass: the picture, and the thread's memory. */
typedef struct {
    int image; /* 0..count-1 */
    int slot;  /* picture slot of the activations: the image in training, the thread in evaluation */
    int shard;
    bool opens;                              /* the first picture of its shard */
    uint64_t walk;                           /* unique for every pass of a shard through a stage, never 0 */
    snas_prefetch prefetch[SNAS_PREFETCHES]; /* what the next pass reads, for kernels whose arithmetic can hide it */
    void *scratch; /* this thread's, as many bytes as any operation asked for, 64-byte aligned; not initialised */
    /** This thread's cache, zero at first: data that a kernel leaves for the next one, labelled by walk, image and view
     *  id. */
    void *cache;
} snas_context;

typedef void (*snas_pass)(const snas_task *task, const snas_feed *feed, const snas_context *context);
typedef void (*snas_finalize)(const snas_task *task, const snas_feed *feed);

/** The numerics of an operation in one number type or instruction set. Any entry may be NULL. An operation with
 *  batch statistics has two passes with a finalize between; all others have one, the second. */
typedef struct {
    snas_pass statistics, forward;
    /* after statistics of the `pictures` (1 or more) of a shard: converts to the form in which shards are merged */
    void (*close_shard)(const snas_task *task, int shard, int pictures);
    snas_finalize finalize; /* after statistics of all pictures: train and recalibrate */
    snas_finalize evaluate; /* before the first pass in evaluation */
    snas_pass backward_statistics, backward;
    snas_finalize backward_finalize;
    size_t (*scratch)(const snas_task *task);              /* bytes a thread, either direction */
    size_t (*cache)(const snas_task *task);                /* bytes a thread that outlive the pass */
    size_t (*packed)(const snas_task *task);               /* bytes of the packed weights */
    void (*prepare)(const snas_task *task, bool backward); /* pack the weights */
    /* elements of weight gradient a shard; NULL: as the weights */
    int64_t (*partial)(const snas_task *task);
    /* partial of all shards -> dweight; NULL: as it is */
    void (*collect)(const snas_task *task);
    bool multiplies;          /* uses snas_gemm_*, which must be started */
    snas_recompute recompute; /* some rows of forward's output, without statistics; NULL: it has to be stored */
    snas_recompute_scratch recompute_scratch;
} snas_kernel;

/** Whether an output is stored, or recomputed by its kernel when it is read. */
typedef enum {
    SNAS_STORED,
    SNAS_RECOMPUTED,           /* cheaper than memory */
    SNAS_RECOMPUTED_ON_REQUEST /* when memory matters more than time */
} snas_storage;

/** A parameter of an operation: the ending of its name, and its shape, as in PyTorch. */
typedef struct {
    const char *ending; /* "weight", "bias" */
    int dims;
    int64_t shape[4];
    bool is_norm; /* gamma or beta of a batch norm */
    int fan_in;   /* of a convolution or linear layer and its bias; 0 for norms */
} snas_parameter_shape;

/** Plain operations, first to last, each the only input of the next. */
enum { SNAS_CHAIN_MAX = 3, SNAS_CHAINS = 2 };
typedef struct {
    int length; /* 0: no chain */
    snas_op_kind kinds[SNAS_CHAIN_MAX];
} snas_chain;

/** The properties of an operation, independent of its kernels. */
typedef struct {
    const char *name, *brief;
    bool backward_reads_x, backward_reads_y;
    bool lowered;         /* stands in lowered programs only */
    bool repeatable;      /* plain: so cheap that every reader recomputes it instead of reading it */
    bool folds_norm;      /* fused: applies a folded norm of its input */
    bool sums;            /* fused: sums its output's statistics for a folded norm after it, and forms its gradient of
                             a node's */
    snas_storage storage; /* its output after a folded norm, for a node */
    bool reads_blocks;    /* its input may stand in blocks of channels */
    /** Output shape; SNAS_E_USAGE with a sentence when the inputs do not fit. NULL: fused, made with its shape. */
    snas_status (*infer)(const snas_window *window, const snas_shape *x, int inputs, snas_shape *y);
    /** Its parameters, at most SNAS_OPERATION_PARAMETERS; returns how many. NULL: none, or its chain's (fused). */
    int (*parameters)(const snas_window *window, const snas_shape *x, const snas_shape *y, snas_parameter_shape *to);
    /** Multiply-adds a picture: convolutions and linear layers only. NULL: none. */
    int64_t (*macs)(const snas_window *window, const snas_shape *x, const snas_shape *y);
    /** Fused: the chains that it can replace. It takes the first operation's inputs and all parameters, in order. */
    snas_chain chains[SNAS_CHAINS];
    /** Fused: can it replace a chain with these windows, [count], and which window does it then have? NULL: always, and
     *  the last one. */
    bool (*matches)(const snas_window *windows, int count, snas_window *fused);
    snas_kernel kernel;
} snas_operation;

/** Rows by kind, in float and in double. Fused kinds are NULL in double; in float theirs are those of the kernel set
 *  that every processor runs. */
extern const snas_operation *const snas_operations_f32[SNAS_OP_COUNT];
extern const snas_operation *const snas_operations_f64[SNAS_OP_COUNT];

/** Whether all that the operation has written for the picture in `slot` is finite, and stays so in the folded norm
 *  `folded` of its readers (NULL: none). True of an output that is not stored. */
bool snas_output_finite_f32(const snas_task *task, const snas_norm *folded, int slot);
bool snas_output_finite_f64(const snas_task *task, const snas_norm *folded, int slot);

/** Output side of a window over `side` pixels; 0 or less when it does not fit. */
int snas_window_side(const snas_window *window, int side);

#endif
