/* settings.c -- a run's config beside the defaults of its space and method: what was chosen, and what was left. */
#include <string.h>

#include "run.h"
#include "settings.h"
#include "snas/base/text.h"
#include "snas/config/schema.h"

/* The value at a path such as "search.weights.rate"; NULL when there is none. */
static const snas_json *value_at(const snas_json *root, const char *path)
{
    char key[64];
    const snas_json *at = root;
    while (at != NULL && *path != '\0') {
        const size_t size = strcspn(path, ".");
        if (size >= sizeof key) {
            return NULL;
        }
        memcpy(key, path, size);
        key[size] = '\0';
        at = snas_json_find(at, key);
        path += size + (path[size] == '.');
    }
    return at;
}

static void add_value(snas_text *to, const snas_json *value)
{
    if (value->kind == SNAS_JSON_STRING) {
        snas_text_add_bytes(to, value->string, strlen(value->string));
    } else if (value->kind == SNAS_JSON_NUMBER) {
        snas_text_add_real(to, value->number);
    } else if (value->kind == SNAS_JSON_BOOL) {
        snas_text_add(to, "%s", value->number > 0 ? "true" : "false");
    } else if (value->kind == SNAS_JSON_ARRAY) {
        for (const snas_json *m = value->first; m != NULL; m = m->next) {
            add_value(to, m);
            snas_text_add(to, "%s", m->next == NULL ? "" : ", ");
        }
    } else {
        snas_text_add(to, "%s", value->kind == SNAS_JSON_NULL ? "null" : "{...}");
    }
}

snas_status page_settings_value(snas_arena *mem, const snas_json *root, const char *path, const char **out)
{
    const snas_json *value = value_at(root, path);
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "%s", "");
    if (value != NULL) {
        add_value(&text, value);
    }
    *out = text.data;
    return snas_text_done(&text);
}

static snas_status parse(snas_arena *mem, const char *text, const snas_json **out)
{
    return snas_json_parse(mem, "config", (snas_bytes){text, strlen(text)}, out);
}

snas_status page_settings_tree(snas_arena *mem, const snas_config *config, const snas_json **out)
{
    return parse(mem, config->text, out);
}

snas_status page_settings_sign(const snas_config *config, snas_text *to)
{
    const snas_json *root;
    SNAS_TRY(parse(to->mem, config->text, &root));
    for (int i = 0; i < snas_config_key_count; i++) {
        const snas_config_key *key = &snas_config_keys[i];
        const char *value;
        if (key->fallback != NULL && strcmp(key->path, "seed") != 0) {
            SNAS_TRY(page_settings_value(to->mem, root, key->path, &value));
            snas_text_add(to, "%s=%s\n", key->path, value);
        }
    }
    return snas_text_done(to);
}

/* The defaults: of the program, and with this space and method chosen. */
typedef struct {
    const snas_json *own, *of_choice;
} defaults;

static snas_status load_defaults(snas_arena *mem, const snas_config *config, defaults *out)
{
    snas_config plain, chosen;
    const char *sets[] = {snas_format(mem, "search.space=%s", config->search.space->name),
                          snas_format(mem, "search.method=%s", config->search.method->name)};
    SNAS_TRY(snas_taken(sets[0]));
    SNAS_TRY(snas_taken(sets[1]));
    SNAS_TRY(snas_config_load(mem, NULL, NULL, 0, &plain));
    SNAS_TRY(snas_config_load(mem, NULL, sets, 2, &chosen));
    SNAS_TRY(parse(mem, plain.text, &out->own));
    return parse(mem, chosen.text, &out->of_choice);
}

static bool is_choice(const char *path)
{
    return strcmp(path, "search.space") == 0 || strcmp(path, "search.method") == 0;
}

snas_status page_settings_read(snas_arena *mem, page_run *run)
{
    const snas_json *root;
    defaults known;
    page_setting *settings;
    SNAS_TRY(parse(mem, run->record.config.text, &root));
    SNAS_TRY(load_defaults(mem, &run->record.config, &known));
    SNAS_NEW(mem, settings, 2 * snas_config_key_count);
    page_setting *rest = settings + snas_config_key_count;
    int left = 0;
    for (int i = 0; i < snas_config_key_count; i++) {
        const snas_config_key *key = &snas_config_keys[i];
        page_setting setting = {.key = key->path, .help = key->help};
        if (key->fallback == NULL) {
            continue; /* a shorthand, which is not written out */
        }
        SNAS_TRY(page_settings_value(mem, root, key->path, &setting.value));
        SNAS_TRY(
            page_settings_value(mem, is_choice(key->path) ? known.own : known.of_choice, key->path, &setting.fallback));
        setting.differs = strcmp(setting.value, setting.fallback) != 0;
        if (setting.differs) {
            settings[run->differing++] = setting;
        } else {
            rest[left++] = setting;
        }
    }
    memmove(settings + run->differing, rest, (size_t)left * sizeof *rest);
    run->settings = settings;
    run->setting_count = run->differing + left;
    return SNAS_OK;
}
