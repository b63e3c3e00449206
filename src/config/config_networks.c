/* config_networks.c -- what the networks of both sections and their pictures refuse, as far as the config alone tells.
 *
 * The side of the pictures is known beforehand of most data sets, of a packed one when its file is there; without it
 * nothing is said of what depends on it. The classes, and the space of a genotype that is trained, are never known.
 */
#include <string.h>

#include "reader.h"

enum { SOME_CLASSES = 2 };

/* A section, and the keys that decide over its network and its pictures. */
typedef struct {
    const char *side, *stem, *auxiliary, *cutout;
    const char *small; /* NULL: no pictures of another side */
    snas_network_spec spec;
    int small_side; /* 0: none */
    int blanked;    /* side of the cutout */
} section;

/* Begin a line about a key: "found VALUE". A key of both sections is told of once. */
static bool begin(config_reader *r, const char *path)
{
    const int i = snas_config_key_find(path);
    const char *line = snas_format(r->mem, "\n%s: %s: ", r->where[i], path);
    if (line == NULL || (r->faults.data != NULL && strstr(r->faults.data, line) != NULL) ||
        !config_fault_begins(r, r->where[i], path)) {
        return false;
    }
    snas_text_add(&r->faults, "found ");
    config_value_write(&r->faults, &snas_config_keys[i], r->config);
    return true;
}

/* The sentence of a network that does not fit, after the key that is at fault. */
static void refuse(config_reader *r, const char *key)
{
    if (begin(r, key)) {
        snas_text_add(&r->faults, ": %s", snas_error());
    }
    snas_error_clear();
}

/* --- networks and sides ------------------------------------------------------------------------------------------- */

/* The side of the section's pictures, 0 or less when it is not known; *key: what decides it. */
static int picture_side(const snas_config *config, const section *s, const char **key)
{
    const snas_dataset_row *dataset = config->data.dataset;
    const bool asks = dataset->side_from == SNAS_SIDE_IN_FILE && config->data.path != NULL;
    const int held = asks ? dataset->side_in(config->data.path) : -1;
    const struct {
        const char *key;
        int side;
    } from[] = {[SNAS_SIDE_IN_FILE] = {held == 0 ? s->side : "data.path", held == 0 ? s->spec.side : held},
                [SNAS_SIDE_FIXED] = {s->stem, dataset->side},
                [SNAS_SIDE_REQUESTED] = {"data.synthetic.side", config->data.synthetic_side},
                [SNAS_SIDE_PHOTO] = {s->side, s->spec.side}};
    *key = from[dataset->side_from].key;
    return from[dataset->side_from].side;
}

/* Smaller pictures for the same network, auxiliary classifier and all. */
static void check_small(config_reader *r, section s, int side)
{
    s.spec.side = s.small_side;
    if (s.small_side >= side) {
        if (begin(r, s.small)) {
            snas_text_add(&r->faults, ", allowed 0 or less than the pictures' side, %d", side);
        }
    } else if (snas_network_check(&s.spec) != SNAS_OK) {
        refuse(r, s.small);
    }
}

static void check_section(config_reader *r, section s)
{
    const char *side_key;
    const int side = picture_side(r->config, &s, &side_key);
    if (side <= 0) {
        return;
    }
    s.spec.side = side;
    snas_network_spec plain = s.spec;
    plain.auxiliary = 0.0;
    if (snas_network_check(&plain) != SNAS_OK) {
        refuse(r, side_key);
    } else if (s.auxiliary != NULL && snas_network_check(&s.spec) != SNAS_OK) {
        refuse(r, s.auxiliary);
    }
    if (s.small != NULL && s.small_side > 0) {
        check_small(r, s, side);
    }
    if (s.blanked > 2 * side && begin(r, s.cutout)) {
        snas_text_add(&r->faults, ", allowed 0 to twice the pictures' side, %d", 2 * side);
    }
    if (r->config->data.crop_pad > side && begin(r, "data.crop_pad")) {
        snas_text_add(&r->faults, ", allowed 0 to the pictures' side, %d", side);
    }
}

/* --- numbers of pictures ------------------------------------------------------------------------------------------ */

static void check_share(config_reader *r, const char *key, int wanted, int most)
{
    if (wanted > most && begin(r, key)) {
        snas_text_add(&r->faults, ", allowed 0 to %d, as many as the data set has for it", most);
    }
}

/* Of pictures that are made it is known how many there are. */
static void check_counts(config_reader *r)
{
    const snas_config *c = r->config;
    const int all = c->data.synthetic_train;
    const int wanted = c->search.train_images, held_out = c->search.validation_images;
    const bool splits = c->search.validate == SNAS_VALIDATE_HELD_OUT;
    if (c->data.dataset->side_from != SNAS_SIDE_REQUESTED) {
        return;
    }
    check_share(r, "train.train_images", c->train.train_images, all);
    check_share(r, "search.train_images", wanted, splits ? all - 1 : all);
    check_share(r, "search.validation_images", held_out,
                !splits         ? c->data.synthetic_test
                : wanted == 0   ? all - 1
                : wanted >= all ? held_out /* said already */
                                : all - wanted);
}

void config_check_networks(config_reader *r)
{
    const snas_config *c = r->config;
    check_section(r, (section){.side = "search.side",
                               .stem = "search.stem",
                               .cutout = "search.cutout",
                               .blanked = c->search.cutout,
                               .spec = {.space = c->search.space,
                                        .channels = c->search.channels,
                                        .cells = c->search.cells,
                                        .classes = SOME_CLASSES,
                                        .side = c->search.side,
                                        .stem = c->search.stem}});
    check_section(r, (section){.side = "train.side",
                               .stem = "train.stem",
                               .auxiliary = "train.auxiliary",
                               .cutout = "train.cutout",
                               .small = "train.small_side",
                               .small_side = c->train.small_share > 0 ? c->train.small_side : 0,
                               .blanked = c->train.cutout,
                               .spec = {.space = snas_spaces[0],
                                        .channels = c->train.channels,
                                        .cells = c->train.cells,
                                        .classes = SOME_CLASSES,
                                        .side = c->train.side,
                                        .stem = c->train.stem,
                                        .auxiliary = c->train.auxiliary}});
    check_counts(r);
    if (c->data.labels == SNAS_LABELS_COARSE && !c->data.dataset->coarse && begin(r, "data.labels")) {
        snas_text_add(&r->faults, ", allowed \"fine\": the data set '%s' has no other", c->data.dataset->name);
    }
}
