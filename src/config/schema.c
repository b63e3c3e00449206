/* schema.c -- the table of everything that a config can say, and its sections. Nothing else lists the keys. */
#include "fields.h"

/* After the help of a row may stand what else is to be said of the key. */
#define TO(field) .offset = offsetof(snas_config, field)
#define COUNT(path_, fallback_, low, high, field, ...)                                                                 \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_COUNT, .fallback = fallback_, .minimum = low, .maximum = high, TO(field),      \
        .help = __VA_ARGS__                                                                                            \
    }
#define REAL(path_, fallback_, low, high, field, ...)                                                                  \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_REAL, .fallback = fallback_, .minimum = low, .maximum = high, TO(field),       \
        .help = __VA_ARGS__                                                                                            \
    }
#define ABOVE(path_, fallback_, low, high, field, ...)                                                                 \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_REAL, .fallback = fallback_, .minimum = low, .maximum = high, .open = true,    \
        TO(field), .help = __VA_ARGS__                                                                                 \
    }
#define BELOW(path_, fallback_, low, high, field, ...)                                                                 \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_REAL, .fallback = fallback_, .minimum = low, .maximum = high, .below = true,   \
        TO(field), .help = __VA_ARGS__                                                                                 \
    }
#define COLOURS(path_, open_, field, ...)                                                                              \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_COLOURS, .fallback = "null", .minimum = 0, .maximum = 1, .open = open_,        \
        TO(field), .help = __VA_ARGS__                                                                                 \
    }
#define BOOL(path_, fallback_, field, ...)                                                                             \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_BOOL, .fallback = fallback_, TO(field), .help = __VA_ARGS__                    \
    }
#define NAME(path_, fallback_, names_, field, ...)                                                                     \
    {                                                                                                                  \
        .path = path_, .kind = SNAS_KEY_NAME, .fallback = fallback_, .names = &config_names_##names_, TO(field),       \
        .help = __VA_ARGS__                                                                                            \
    }
#define RESUMABLE .resumable = true
#define NULLABLE .nullable = true

/* The rows of a weights' optimiser, for two sections. */
#define WEIGHTS(section, field, last)                                                                                  \
    ABOVE(section ".rate", "0.025", 0, 100, field.rate, "learning rate of the first epoch", RESUMABLE),                \
        REAL(section ".rate_last", last, 0, 100, field.rate_last, "learning rate that the schedule ends at",           \
             RESUMABLE),                                                                                               \
        NAME(section ".schedule", "\"cosine\"", rates, field.schedule,                                                 \
             "how the learning rate moves, a step an epoch"),                                                          \
        COUNT(section ".step_epochs", "1", 1, 100000, field.step_epochs, "schedule step: epochs between two steps"),   \
        ABOVE(section ".step_factor", "0.97", 0, 1, field.step_factor,                                                 \
              "schedule step: what the rate is multiplied by; the defaults are ImageNet's"),                           \
        COUNT(section ".warmup", "0", 0, 100000, field.warmup,                                                         \
              "epochs in which the rate rises in a straight line, a step a batch; the schedule "                       \
              "begins after them"),                                                                                    \
        BELOW(section ".momentum", "0.9", 0, 1, field.momentum, "momentum of the SGD"),                                \
        BOOL(section ".nesterov", "false", field.nesterov, "Nesterov's form of the momentum"),                         \
        REAL(section ".decay", "0.0003", 0, 1, field.decay, "weight decay (L2)"),                                      \
        BOOL(section ".decay_norms_and_biases", "true", field.decay_norms_and_biases,                                  \
             "gamma and beta of the norms and all biases decay too, as published"),                                    \
        ABOVE(section ".pace_of_norms_and_biases", "1", 0, 1000, field.pace_of_norms_and_biases,                       \
              "learning rate of the norms' gamma and beta and of all biases, as a multiple of the others'"),           \
        REAL(section ".clip", "5", 0, 1e6, field.clip, "largest L2 norm of the gradient, 0 for none", RESUMABLE)

enum { MANY = 1000000000 };

/* A cell of NAS-Bench-201 has few paths, and nothing goes around a cell. */
static const snas_space_default NO_DROP_PATH[] = {{"nas-bench-201", "0"}, {NULL, NULL}};

/* clang-format off: one row a key */
const snas_config_key snas_config_keys[] = {
    {.path = "seed",
     .kind = SNAS_KEY_SEED,
     .fallback = "1",
     TO(seed),
     .help = "decides every random number of the run"},
    COUNT("checkpoint_steps", "0", 0, MANY, checkpoint_steps,
          "also write a checkpoint every so many steps; 0: only at the end of an epoch", RESUMABLE),
    COUNT("keep_checkpoints", "2", 1, 1000000, keep_checkpoints, "older checkpoints than these are removed", RESUMABLE),
    COUNT(
        "shards", "16", 16, SNAS_SHARDS_MAX, shards,
        "parts that a batch is cut into: no more threads than parts can work on it. Their number decides how sums are "
        "rounded, so a run keeps it. Each part's sums take memory: 64 instead of 16 take up to 21 MiB more in the "
        "published search and 89 MiB in the published training",
        .among = {16, 32, 64}),
    BOOL("tensorboard", "false", tensorboard,
         "also write the figures and pictures of every epoch for TensorBoard, into the folder tensorboard of the run",
         RESUMABLE),

    NAME("data.dataset", "\"cifar10\"", datasets, data.dataset, "the pictures"),
    {.path = "data.path",
     .kind = SNAS_KEY_STRING,
     .fallback = "null",
     TO(data.path),
     RESUMABLE,
     .help = "folder or archive of the data set; null: looked for in $SNAS_DATA, then in data/"},
    NAME("data.labels", "\"fine\"", labels, data.labels,
         "of a data set with two labels a picture, which: cifar100 has 100 fine and 20 coarse"),
    COLOURS("data.mean", false, data.mean,
            "taken off the pixels, which are in 0 to 1; null: the data set's published numbers. `snas "
            "data stats` measures it"),
    COLOURS("data.deviation", true, data.deviation, "what the pixels are divided by then"),
    COUNT("data.crop_pad", "4", 0, 64, data.crop_pad,
          "border of black pixels before a random crop of the old size; 0: no crop"),
    BOOL("data.flip", "true", data.flip, "mirror a training picture with probability 1/2"),
    BOOL("data.flip_alternates", "false", data.flip_alternates,
         "with flip: mirror a picture in every second epoch instead, half of the pictures in the even ones"),
    COUNT("data.workers", "-1", -1, 1024, data.workers,
          "threads that prepare pictures ahead; 0: the run's own threads do, between two steps; -1: "
          "0 for pictures in memory, for others one a four threads. The same bytes",
          RESUMABLE),
    COUNT("data.queue", "2", 1, 1024, data.queue, "batches that workers prepare ahead", RESUMABLE),
    COUNT("data.synthetic.train", "2000", 10, 1000000, data.synthetic_train, "training pictures to make"),
    COUNT("data.synthetic.test", "500", 10, 1000000, data.synthetic_test, "test pictures to make"),
    COUNT("data.synthetic.side", "32", 8, 256, data.synthetic_side, "height and width of a picture, in pixels"),

    ABOVE("data.photos.centre", "0.875", 0.1, 1, data.centre,
          "evaluation: side of the square in the middle over what the shorter side is resized to; "
          "0.875 is 224 of 256"),
    ABOVE("data.photos.least_area", "0.08", 0, 1, data.least_area,
          "training: least area of the random part that is resized, of the whole; 1: the whole or "
          "nearly"),
    REAL("data.photos.brightness", "0.4", 0, 1, data.brightness, "training: brightness times 1 - x to 1 + x"),
    REAL("data.photos.contrast", "0.4", 0, 1, data.contrast, "training: contrast times 1 - x to 1 + x"),
    REAL("data.photos.saturation", "0.4", 0, 1, data.saturation, "training: saturation times 1 - x to 1 + x"),
    REAL("data.photos.hue", "0.2", 0, 0.5, data.hue, "training: hue plus -x to x turns"),
    BOOL(
        "data.photos.orient", "true", data.orient,
        "hold a picture as its EXIF orientation says, as phones write it; false: as it is stored, as torchvision does"),
    NAME("data.photos.broken", "\"stop\"", broken, data.broken,
         "a picture that cannot be decoded stops the run, or the next one of its class stands in "
         "for it",
         RESUMABLE),
    BOOL("data.photos.scaled_decode", "false", data.scaled_decode,
         "decode a JPEG at 1/2, 1/4 or 1/8 where that is enough: faster, other bytes"),
    {.path = "data.photos.test_share",
     .kind = SNAS_KEY_REAL,
     .fallback = "0.2",
     .minimum = 0,
     .maximum = 1,
     .open = true,
     .below = true,
     TO(data.test_share),
     .help = "of a folder without 'train': the share of every class that tests, drawn by split_seed"},
    {.path = "data.photos.split_seed",
     .kind = SNAS_KEY_SEED,
     .fallback = "1",
     TO(data.split_seed),
     .help = "decides which pictures those are, whatever the run's seed: search, training and tests of the same folder "
             "want the same one"},
    NAME("data.photos.layout", "\"auto\"", layouts, data.layout,
         "what the folders in data.path are: parts (train and val) or classes; auto: parts when one is called 'train'"),

    NAME("search.method", "\"snas\"", methods, search.method, "how a search moves weights and logits"),
    NAME("search.level", "null", levels, search.level,
         "which pictures move weights and logits; null: the method's own, see the table of methods", NULLABLE),
    NAME("search.space", "\"darts\"", spaces, search.space, "the search space"),
    {.path = "search.benchmark",
     .kind = SNAS_KEY_STRING,
     .fallback = "null",
     TO(search.benchmark),
     RESUMABLE,
     .help =
         "table of the accuracies that are known of the space's cells, CSV or packed by gzip; they are reported and "
         "decide nothing. null: in the space `nas-bench-201` the one that comes with the program"},
    NAME("search.stem", "\"cifar\"", stems, search.stem,
         "what stands before the cells: one convolution, or three that halve the picture"),
    COUNT("search.side", "64", 8, 1024, search.side,
          "height and width of photographs as the network sees them, in pixels"),
    COUNT("search.channels", "16", 2, 1024, search.channels, "C, channels of the first cells", .even = true),
    COUNT("search.cells", "8", 3, 200, search.cells, "L, cells of the supernet"),
    BOOL("search.affine", "false", search.affine, "batch norms of the cells with gamma and beta"),
    COUNT("search.epochs", "150", 1, 100000, search.epochs,
          "passes over the training pictures; a schedule over all of them goes by the new number when it changes",
          RESUMABLE),
    COUNT("search.batch", "64", 2, 65536, search.batch, "pictures a step"),
    BOOL("search.recompute", "false", search.recompute,
         "less memory for more time: the outputs of convolutions that only a node reads are made "
         "again "
         "instead of stored (fused kernels); the same bytes",
         RESUMABLE),
    COUNT("search.train_images", "0", 0, MANY, search.train_images,
          "training pictures used; 0: all that validation leaves"),
    COUNT("search.logit_images", "0", 0, MANY, search.logit_images,
          "pictures that move the logits or give rewards, where the level takes some: a part of the training set that "
          "neither trains the weights nor validates. 0: of what is left, one share beside two for training and one for "
          "validation (validation on the test set: half), at most as many as for training"),
    NAME("search.validate", "\"held-out\"", validate, search.validate,
         "what validates: a part held out of the training set, or the test set as the published "
         "code did"),
    COUNT("search.validation_images", "0", 0, MANY, search.validation_images,
          "pictures held out; 0: as many as for training, half the set at most (with search.logit_images: one share)"),
    COUNT("search.cutout", "0", 0, 256, search.cutout,
          "side of the square that is blanked, in pixels; an odd one is as one less, as published; 0: none"),
    BELOW("search.drop_path", "0.3", 0, 1, search.drop_path, "probability that a picture loses a mixed edge",
          .in_space = NO_DROP_PATH),
    BOOL("search.drop_path_ramp", "false", search.drop_path_ramp,
         "raise drop_path from 0 over the epochs instead of keeping it"),
    BELOW(
        "search.skip_below", "0", 0, 1, search.skip_below,
        "candidates whose weight in the draw, divided by the temperature, is below do not run in that step: faster as "
        "the temperature falls. 0: all run, as published. See mathematics.md"),
    BOOL("search.draw_per_cell", "false", search.draw_per_cell,
         "a fresh draw for every cell instead of one a cell type"),
    NAME(
        "search.estimator", "null", estimators, search.estimator,
        "how architectures are drawn and the gradient of their logits estimated; null: the method's own, see the table "
        "of methods",
        NULLABLE),
    COUNT("search.recalibration_batches", "50", 1, 1000000, search.recalibration_batches,
          "batches that derive --evaluate takes to recalibrate the batch norms"),
    WEIGHTS("search.weights", search.weights, "0.001"),
    REAL("search.logits.mean", "1", -100, 100, search.logit_mean, "mean of the initial logits"),
    REAL("search.logits.std", "0.01", 0, 100, search.logit_std, "standard deviation of the initial logits"),
    NAME("search.logits.optimizer", "\"adam\"", optimizers, search.logit_optimizer,
         "Adam, or SGD without momentum as the published code does it on one GPU (there with decay "
         "0)"),
    ABOVE("search.logits.rate", "0.0003", 0, 100, search.adam.rate,
          "learning rate; null: by the number of steps that move the logits, see mathematics.md", RESUMABLE, NULLABLE),
    BELOW("search.logits.beta1", "0.5", 0, 1, search.adam.beta1, "Adam's decay of the mean"),
    BELOW("search.logits.beta2", "0.999", 0, 1, search.adam.beta2, "Adam's decay of the square"),
    ABOVE("search.logits.eps", "1e-8", 0, 1, search.adam.eps, "Adam's epsilon"),
    REAL("search.logits.decay", "0.001", 0, 1, search.adam.decay, "weight decay (L2) of the logits"),
    REAL("search.logits.clip", "10", 0, 1e6, search.logit_clip, "largest L2 norm of the gradient, 0 for none",
         RESUMABLE),
    COUNT("search.logits.warmup", "0", 0, 100000, search.logit_warmup, "epochs in which only the weights move"),
    NAME("search.temperature.schedule", "\"linear\"", temperatures, search.temperature,
         "how the temperature moves, from step to step"),
    ABOVE("search.temperature.first", "1", 0, 1000, search.tau_first, "tau at the first step"),
    ABOVE("search.temperature.last", "0.03", 0, 1000, search.tau_last, "tau at the last step"),
    COUNT("search.temperature.epochs", "0", 0, 100000, search.tau_epochs,
          "epochs that the schedule takes; 0: all of them", RESUMABLE),
    NAME("search.reward.measure", "\"accuracy\"", rewards, search.reward,
         "level reward: what a drawn path earns on a batch of the logits' pictures: its accuracy, or minus its loss"),
    BELOW("search.reward.baseline_decay", "0.9", 0, 1, search.reward_decay,
          "decay of the moving mean of the rewards that is taken off them"),
    REAL("search.reward.entropy", "0", 0, 1000, search.reward_entropy,
         "weight of a bonus: the entropy of the probabilities, summed over the edges, in nats"),
    COUNT("search.random.cells", "100", 1, 100000, search.random_cells,
          "method random: cells that are drawn and ranked at the end; the best is the result"),
    COUNT("search.random.batches", "8", 0, MANY, search.random_batches,
          "batches of the logits' pictures that rank them; 0: all"),
    REAL("search.stop.entropy", "0", 0, 100, search.stop_entropy,
         "the search ends when the mean entropy of the edges is below, in nats; 0: never", RESUMABLE),
    COUNT("search.stop.unchanged", "0", 0, 100000, search.stop_unchanged,
          "the search ends when the likeliest candidates have not changed for so many epochs; 0: never", RESUMABLE),
    COUNT("search.stop.skips", "0", 0, 1000, search.stop_skips,
          "skip_connect that a cell may have without consequence; 0: any number", RESUMABLE),
    NAME("search.stop.on_skips", "\"warn\"", on_skips, search.stop_on_skips,
         "what comes of more: a warning every epoch, or the end of the search", RESUMABLE),
    ABOVE("search.budget.parameters", "null", 0, 1e15, search.budget_parameters,
          "most parameters of the child that train will build, by the train section; null: any number. In the place of "
          "lambda: see mathematics.md",
          NULLABLE),
    ABOVE("search.budget.macs", "null", 0, 1e15, search.budget_macs,
          "most multiply-adds a picture of that child; null: any number", NULLABLE),
    ABOVE("search.budget.latency_ms", "null", 0, 1e6, search.budget_latency_ms,
          "most milliseconds that an evaluation of that child takes by search.resource.table; null: any number",
          NULLABLE),
    ABOVE("search.budget.flash_bytes", "null", 0, 1e15, search.budget_flash_bytes,
          "most bytes of constants of that child as 'snas export --format c --int8' writes it, the code not counted; "
          "null: any number",
          NULLABLE),
    BOOL("search.resource.enabled", "true", search.resource,
         "add lambda * R to the loss; false: only report it. Default false with search.budget"),
    NAME("search.resource.terms", "\"all\"", terms, search.penalty.only,
         "what counts: weights, FLOPs, memory access, or all three; or measured times, by search.resource.table"),
    {.path = "search.resource.table",
     .kind = SNAS_KEY_STRING,
     .fallback = "null",
     TO(search.table),
     .help = "file of `snas latency`: times of the candidates in the child that train will build; null: none"},
    NAME("search.resource.form", "\"log\"", forms, search.penalty.logarithmic, "sums, or their logarithms"),
    NAME("search.resource.method", "\"reparametrization\"", resource_gradients, search.resource_gradient,
         "how the term reaches the logits; where the estimator has no gradient the default is discrete"),
    REAL("search.resource.lambda", "0.0015", 0, 1e6, search.lambda,
         "weight of the term; the default is that of the published command"),
    {.path = "search.resource.preset",
     .kind = SNAS_KEY_NAME,
     .names = &config_names_presets,
     .offset = offsetof(snas_config, search.preset),
     .help = "sets lambda: none 0, mild 0.0005, moderate 0.0015, aggressive 0.005; ours, made for "
             "the form log: the "
             "paper names its three constraints, it does not publish their lambdas"},
    REAL("search.resource.ratio", "1", 0, 1000, search.penalty.ratio,
         "weight of the reduction cells against the normal ones"),
    BOOL("search.resource.baseline", "false", search.baseline,
         "policy_gradient: the costs of the edges less the mean cost of a cell's edges and candidates"),

    NAME("train.stem", "\"cifar\"", stems, train.stem,
         "what stands before the cells: one convolution, or three that halve the picture"),
    COUNT("train.side", "224", 8, 1024, train.side,
          "height and width of photographs as the network sees them, in pixels"),
    COUNT("train.channels", "36", 2, 2048, train.channels, "C, channels of the first cells", .even = true),
    COUNT("train.cells", "20", 3, 200, train.cells, "L, cells of the child"),
    COUNT("train.epochs", "600", 1, 100000, train.epochs,
          "passes over the training pictures; a schedule over all of them goes by the new number when it changes",
          RESUMABLE),
    COUNT("train.batch", "96", 2, 65536, train.batch, "pictures a step"),
    COUNT("train.small_side", "0", 0, 1024, train.small_side,
          "the first epochs train on pictures resized to this side, in pixels: faster; tests are on whole pictures; 0: "
          "none do"),
    REAL("train.small_share", "0.5", 0, 1, train.small_share,
         "part of the epochs that these are; counted anew when train.epochs changes"),
    COUNT("train.micro_batch", "0", 0, 65536, train.micro_batch,
          "most pictures a forward pass: a larger batch is cut into even parts whose gradients are "
          "added up, and batch norms see a part; 0: the whole batch"),
    BOOL("train.recompute", "false", train.recompute,
         "less memory for more time: the outputs of convolutions that only a node reads are made "
         "again "
         "instead of stored (fused kernels); the same bytes",
         RESUMABLE),
    COUNT("train.train_images", "0", 0, MANY, train.train_images, "training pictures used; 0: all"),
    COUNT("train.cutout", "16", 0, 256, train.cutout,
          "side of the square that is blanked, in pixels; an odd one is as one less, as published; 0: none"),
    BELOW("train.drop_path", "0.2", 0, 1, train.drop_path, "probability that a picture loses an operation"),
    BOOL("train.drop_path_ramp", "true", train.drop_path_ramp,
         "raise drop_path from 0 over the epochs instead of keeping it"),
    BELOW("train.label_smoothing", "0", 0, 1, train.label_smoothing,
          "part of the target that is spread over all classes"),
    REAL("train.auxiliary", "0", 0, 100, train.auxiliary,
         "weight of the loss of an auxiliary classifier after cell 2L/3 (pictures of side 32), 0: "
         "none; published: 0.4"),
    BELOW("train.average_decay", "0", 0, 1, train.average_decay,
          "decay of a running average of the weights and statistics, a step a batch, evaluated and "
          "saved beside them; 0: none"),
    COUNT("train.evaluate_every", "1", 1, 100000, train.evaluate_every,
          "epochs between two evaluations on the test set; the last epoch always has one"),
    COUNT("train.recalibration_batches", "0", 0, 1000000, train.recalibration_batches,
          "training batches without augmentation that batch norms are measured on anew before an "
          "evaluation; 0: the running statistics as they are"),
    COUNT("train.patience", "0", 0, 100000, train.patience,
          "evaluations without a new best accuracy after which the run ends; 0: never"),
    WEIGHTS("train.weights", train.weights, "0"),
};
/* clang-format on */
const int snas_config_key_count = sizeof snas_config_keys / sizeof snas_config_keys[0];

const snas_config_section snas_config_sections[] = {
    {"", "The whole run."},
    {"data", "The pictures."},
    {"data.synthetic", "The built-in pictures, for a first run without download."},
    {"data.photos", "Pictures of any size: the data sets `folder` and `packed`."},
    {"search", "`snas search`: the supernet and its distribution."},
    {"search.weights", "SGD of the operations' weights."},
    {"search.logits", "What moves the architecture's logits."},
    {"search.temperature", "The temperature tau of the concrete relaxation."},
    {"search.reward", "What a drawn path earns: the method `reinforce`."},
    {"search.random", "The ranking at the end: the method `random`."},
    {"search.stop", "What ends a search before its last epoch. Epochs of the logits' warm-up do not count."},
    {"search.budget", "Bounds of the child's costs, which the search meets."},
    {"search.resource", "The resource term, lambda * R."},
    {"train", "`snas train`: a child from the start."},
    {"train.weights", "SGD of the child's weights."},
    {NULL, NULL},
};
