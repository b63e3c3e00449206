/* config_take.c -- one JSON value into the field of its key, when the key allows it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

static bool within(const snas_config_key *key, double value)
{
    const bool high = key->below ? value < key->maximum : value <= key->maximum;
    const bool low = key->open ? value > key->minimum : value >= key->minimum;
    return high && low;
}

static bool take_seed(void *field, const snas_json *value)
{
    uint64_t seed = 0;
    if (value->kind == SNAS_JSON_NUMBER && value->is_integer && value->number >= 0) {
        seed = (uint64_t)value->number;
    } else if (value->kind == SNAS_JSON_STRING && value->string[0] != 0 &&
               value->string[strspn(value->string, "0123456789")] == 0) {
        errno = 0;
        seed = strtoull(value->string, NULL, 10);
        if (errno != 0) {
            return false;
        }
    } else {
        return false;
    }
    memcpy(field, &seed, sizeof seed);
    return true;
}

static bool take_name(const snas_config_key *key, void *field, const snas_json *value)
{
    if (key->nullable && value->kind == SNAS_JSON_NULL) {
        key->names->store(field, -1);
        return true;
    }
    const int i = value->kind == SNAS_JSON_STRING ? config_names_find(key->names, value->string) : -1;
    if (i >= 0) {
        key->names->store(field, i);
    }
    return i >= 0;
}

static bool take_colours(const snas_config_key *key, snas_colours *colours, const snas_json *value)
{
    *colours = (snas_colours){.given = value->kind == SNAS_JSON_ARRAY};
    if (!colours->given || value->count != 3) {
        return value->kind == SNAS_JSON_NULL;
    }
    int c = 0;
    for (const snas_json *item = value->first; item != NULL; item = item->next) {
        if (item->kind != SNAS_JSON_NUMBER || !within(key, item->number)) {
            return false;
        }
        colours->value[c++] = item->number;
    }
    return true;
}

/* A whole number of the range, and one of the list when there is one. */
static bool take_count(const snas_config_key *key, int *count, const snas_json *value)
{
    if (value->kind != SNAS_JSON_NUMBER || !value->is_integer || !within(key, value->number) ||
        (key->even && (int)value->number % 2 != 0)) {
        return false;
    }
    bool listed = key->among[0] == 0;
    for (int i = 0; i < SNAS_AMONG_MAX && key->among[i] != 0; i++) {
        listed = listed || key->among[i] == (int)value->number;
    }
    if (listed) {
        *count = (int)value->number;
    }
    return listed;
}

static bool take_null(const snas_config_key *key, double *field, const snas_json *value)
{
    const bool null = key->nullable && value->kind == SNAS_JSON_NULL;
    if (null) {
        *field = (double)NAN;
    }
    return null;
}

bool config_value_take(const snas_config_key *key, snas_config *config, const snas_json *value)
{
    void *field = (char *)config + key->offset;
    const bool number = value->kind == SNAS_JSON_NUMBER && within(key, value->number);
    switch (key->kind) {
    case SNAS_KEY_COUNT:
        return take_count(key, field, value);
    case SNAS_KEY_REAL:
        if (number) {
            *(double *)field = value->number;
        }
        return number || take_null(key, field, value);
    case SNAS_KEY_BOOL:
        *(bool *)field = value->number != 0;
        return value->kind == SNAS_JSON_BOOL;
    case SNAS_KEY_NAME:
        return take_name(key, field, value);
    case SNAS_KEY_STRING:
        *(const char **)field = value->string;
        return value->kind == SNAS_JSON_NULL || (value->kind == SNAS_JSON_STRING && value->string[0] != 0);
    case SNAS_KEY_SEED:
        return take_seed(field, value);
    case SNAS_KEY_COLOURS:
        return take_colours(key, field, value);
    default:
        return false;
    }
}
