/* cifar_rows.c -- CIFAR-10 and CIFAR-100 as they are published: files, records, classes, normalisation.
 *
 * Sources: https://www.cs.toronto.edu/~kriz/cifar.html; mean and deviation of CIFAR-10 as in the published code of
 * DARTS and SNAS, of CIFAR-100 as those who train on it publish them.
 */
#include <stddef.h>

#include "cifar.h"

static const char *const TEN[10] = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
};

static const char *const TWENTY[20] = {
    "aquatic_mammals",
    "fish",
    "flowers",
    "food_containers",
    "fruit_and_vegetables",
    "household_electrical_devices",
    "household_furniture",
    "insects",
    "large_carnivores",
    "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores",
    "medium_mammals",
    "non-insect_invertebrates",
    "people",
    "reptiles",
    "small_mammals",
    "trees",
    "vehicles_1",
    "vehicles_2",
};

static const char *const HUNDRED[100] = {
    "apple",      "aquarium_fish", "baby",         "bear",       "beaver",      "bed",         "bee",
    "beetle",     "bicycle",       "bottle",       "bowl",       "boy",         "bridge",      "bus",
    "butterfly",  "camel",         "can",          "castle",     "caterpillar", "cattle",      "chair",
    "chimpanzee", "clock",         "cloud",        "cockroach",  "couch",       "crab",        "crocodile",
    "cup",        "dinosaur",      "dolphin",      "elephant",   "flatfish",    "forest",      "fox",
    "girl",       "hamster",       "house",        "kangaroo",   "keyboard",    "lamp",        "lawn_mower",
    "leopard",    "lion",          "lizard",       "lobster",    "man",         "maple_tree",  "motorcycle",
    "mountain",   "mouse",         "mushroom",     "oak_tree",   "orange",      "orchid",      "otter",
    "palm_tree",  "pear",          "pickup_truck", "pine_tree",  "plain",       "plate",       "poppy",
    "porcupine",  "possum",        "rabbit",       "raccoon",    "ray",         "road",        "rocket",
    "rose",       "sea",           "seal",         "shark",      "shrew",       "skunk",       "skyscraper",
    "snail",      "snake",         "spider",       "squirrel",   "streetcar",   "sunflower",   "sweet_pepper",
    "table",      "tank",          "telephone",    "television", "tiger",       "tractor",     "train",
    "trout",      "tulip",         "turtle",       "wardrobe",   "whale",       "willow_tree", "wolf",
    "woman",      "worm",
};

const cifar_row cifar_rows[] = {
    {
        .name = "cifar10",
        .title = "CIFAR-10",
        .folder = "cifar-10-batches-bin",
        .archive = "cifar-10-binary.tar.gz",
        .script = "scripts/get-cifar10",
        .python_folder = "cifar-10-batches-py",
        .python_archive = "cifar-10-python.tar.gz",
        .python_file = "data_batch_1",
        .files = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin",
                  "test_batch.bin"},
        .records = {10000, 10000, 10000, 10000, 10000, 10000},
        .file_count = 6,
        .label_bytes = 1,
        .labels = {{"label", 10, "batches.meta.txt", TEN}},
        .byte_of = {[SNAS_LABELS_FINE] = 0, [SNAS_LABELS_COARSE] = -1},
        .mean = {0.49139968f, 0.48215827f, 0.44653124f},
        .deviation = {0.24703233f, 0.24348505f, 0.26158768f},
    },
    {
        .name = "cifar100",
        .title = "CIFAR-100",
        .folder = "cifar-100-binary",
        .archive = "cifar-100-binary.tar.gz",
        .script = "scripts/get-cifar100",
        .python_folder = "cifar-100-python",
        .python_archive = "cifar-100-python.tar.gz",
        .python_file = "train",
        .files = {"train.bin", "test.bin"},
        .records = {50000, 10000},
        .file_count = 2,
        .label_bytes = 2,
        .labels = {{"coarse label", 20, "coarse_label_names.txt", TWENTY},
                   {"fine label", 100, "fine_label_names.txt", HUNDRED}},
        .byte_of = {[SNAS_LABELS_FINE] = 1, [SNAS_LABELS_COARSE] = 0},
        .mean = {0.50707516f, 0.48654887f, 0.44091784f},
        .deviation = {0.26733429f, 0.25643846f, 0.27615047f},
    },
    {.name = NULL},
};
