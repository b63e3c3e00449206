/* settings.h -- values of a config as texts. */
#ifndef SNAS_PAGE_SETTINGS_H
#define SNAS_PAGE_SETTINGS_H

#include "snas/config/config.h"

/** Add "key=value" of every key but the seed, a line each: the same for configs that differ in nothing else. */
SNAS_MUST_CHECK snas_status page_settings_sign(const snas_config *config, snas_text *to);

/** The value of a key as a text in `mem`, "" where the config has none. */
SNAS_MUST_CHECK snas_status page_settings_value(snas_arena *mem, const snas_json *config, const char *key,
                                                const char **out);

/** The config as a tree. */
SNAS_MUST_CHECK snas_status page_settings_tree(snas_arena *mem, const snas_config *config, const snas_json **out);

#endif
