/* completion_words.c -- what the words of help stand for: a CONFIG is a file, a DATASET one of a table. */
#include <string.h>

#include "completion.h"
#include "forms.h"
#include "snas/config/schema.h"
#include "snas/data/dataset.h"
#include "snas/space/genotype.h"

void cli_offer(cli_offers *offers, const char *word, const char *about)
{
    snas_text_add(offers->text, "%s%s\t%s\n", offers->prefix, word, about == NULL ? "" : about);
}

/* --- names of the tables ------------------------------------------------------------------------------------------ */

static void list_commands(cli_offers *offers)
{
    for (int i = 0; i < cli_command_count(); i++) {
        cli_offer(offers, cli_commands[i]->name, cli_commands[i]->brief);
    }
}

static void list_datasets(cli_offers *offers)
{
    for (const snas_dataset_row *row = snas_datasets; row->name != NULL; row++) {
        cli_offer(offers, row->name, row->brief);
    }
}

static void list_genotypes(cli_offers *offers)
{
    for (const snas_known_genotype *g = snas_known_genotypes; g->name != NULL; g++) {
        cli_offer(offers, g->name, g->origin);
    }
}

static void list_spaces(cli_offers *offers)
{
    for (int i = 0; snas_spaces[i] != NULL; i++) {
        cli_offer(offers, snas_spaces[i]->name, snas_spaces[i]->brief);
    }
}

static void list_candidates(cli_offers *offers)
{
    for (int i = 0; snas_candidates[i] != NULL; i++) {
        cli_offer(offers, snas_candidates[i]->name, snas_candidates[i]->brief);
    }
}

static void list_presets(cli_offers *offers)
{
    for (int i = 0; offers->command->preset_at != NULL && offers->command->preset_at(i) != NULL; i++) {
        cli_offer(offers, offers->command->preset_at(i), NULL);
    }
}

static void list_key_paths(cli_offers *offers)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        cli_offer(offers, snas_config_keys[i].path, snas_config_keys[i].help);
    }
}

/* NAME: of what the option or the action before it is called. */
static void list_names(cli_offers *offers)
{
    static const struct {
        const char *of;
        void (*list)(cli_offers *offers);
    } NAMED[] = {{"genotype", list_genotypes},
                 {"spaces", list_spaces},
                 {"space", list_spaces},
                 {"ops", list_candidates},
                 {"config", list_key_paths}};
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        if (offers->of != NULL && strcmp(NAMED[i].of, offers->of) == 0) {
            NAMED[i].list(offers);
        }
    }
}

/* --- KEY=VALUE ---------------------------------------------------------------------------------------------------- */

static void list_keys(cli_offers *offers)
{
    for (int i = 0; i < snas_config_key_count; i++) {
        const snas_config_key *key = &snas_config_keys[i];
        const char *word = snas_format(offers->text->mem, "%s=", key->path);
        if (word != NULL && (key->resumable || !offers->resumes)) {
            cli_offer(offers, word, key->help);
        }
    }
}

/* What a key may be set to, where that is one of a few words or a file. */
static void list_values(cli_offers *offers, const snas_config_key *key)
{
    const char *about, *value;
    for (int i = 0; (value = snas_config_word(key, i, &about)) != NULL; i++) {
        const char *word = snas_format(offers->text->mem, "%s=%s", key->path, value);
        if (word != NULL) {
            cli_offer(offers, word, about);
        }
    }
    if (key->kind == SNAS_KEY_STRING) {
        snas_text_add(offers->text, ":files *\n");
    }
}

static void list_settings(cli_offers *offers)
{
    const size_t size = strcspn(offers->word, "=");
    if (offers->word[size] == 0) {
        list_keys(offers);
        return;
    }
    for (int i = 0; i < snas_config_key_count; i++) {
        const char *path = snas_config_keys[i].path;
        if (strlen(path) == size && strncmp(offers->word, path, size) == 0) {
            list_values(offers, &snas_config_keys[i]);
        }
    }
}

/* --- the words of help -------------------------------------------------------------------------------------------- */

/* Any other word is a file. */
static const struct {
    const char *word;
    void (*list)(cli_offers *offers); /* or NULL */
    const char *shell;                /* what the shell lists; "" for nothing */
} WORDS[] = {
    {"COMMAND", list_commands, ""},
    {"CONFIG", NULL, ":files *.json\n"},
    {"PICTURES", NULL, ":folders\n"},
    {"STUDY", NULL, ":files *.json\n"},
    {"RUN", NULL, ":runs\n"},
    {"DIR", NULL, ":folders\n"},
    {"FOLDER", NULL, ":folders\n"},
    {"WEIGHTS", NULL, ":files *.safetensors\n"},
    {"CASE", NULL, ":files *.safetensors\n"},
    {"DATASET", list_datasets, ""},
    {"GENOTYPE", list_genotypes, ":files *.json\n"},
    {"NAME", list_names, ""},
    {"PRESET", list_presets, ""},
    {"KEY=VALUE", list_settings, ""},
    {"LINE", NULL, ""},
    {"N", NULL, ""},
    {"K,K", NULL, ""},
};
enum { WORD_COUNT = sizeof WORDS / sizeof WORDS[0], FILE_BIT = WORD_COUNT };
_Static_assert(FILE_BIT < 8 * sizeof(unsigned), "a bit a word");

static void offer_word(cli_offers *offers, const char *word)
{
    int i = 0;
    while (i < WORD_COUNT && strcmp(WORDS[i].word, word) != 0) {
        i++;
    }
    if ((offers->listed & (1u << i)) != 0) {
        return;
    }
    offers->listed |= 1u << i;
    if (i < WORD_COUNT && WORDS[i].list != NULL) {
        WORDS[i].list(offers);
    }
    snas_text_add(offers->text, "%s", i < WORD_COUNT ? WORDS[i].shell : ":files *\n");
}

/* A word that is typed as it is; several forms may begin with it. */
static void offer_typed(cli_offers *offers, const char *word)
{
    const char *line = snas_format(offers->text->mem, "%s\t\n", word);
    const char *there = line == NULL || offers->text->failed ? NULL : strstr(offers->text->data, line);
    if (there == NULL || (there > offers->text->data && there[-1] != '\n')) {
        cli_offer(offers, word, NULL);
    }
}

void cli_offer_words(cli_offers *offers, const char *words)
{
    while (*words != 0) {
        const size_t size = strcspn(words, "|.");
        const char *word = snas_format(offers->text->mem, "%.*s", (int)size, words);
        if (word != NULL && size > 0) {
            if (cli_word_is_typed(word)) {
                offer_typed(offers, word);
            } else {
                offer_word(offers, word);
            }
        }
        words += size + (words[size] != 0);
    }
}
