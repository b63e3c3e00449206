/* completion.c -- what may come last in a command line: the place of the last word, and what its row says. */
#include "completion.h"

#include <string.h>

#include "forms.h"

/* What the words before the last one say about it. */
typedef struct {
    const cli_command *command;
    const cli_option *open; /* the option whose value it is; NULL: of none */
    const char *first;      /* the first argument, an action or a topic; NULL: there is none yet */
    int arguments;          /* that stand before it */
    bool ended;             /* no options any more, after -- */
    bool resumes;
} place;

static const cli_option *option_of(const cli_command *command, const char *word, size_t size)
{
    const char letter = size == 2 && word[1] != '-' ? word[1] : 0;
    const char *name = letter == 0 ? word + 2 : NULL;
    const cli_option *own = cli_option_find(command->options, name, size - 2, letter);
    return own != NULL ? own : cli_option_find(cli_common_options, name, size - 2, letter);
}

static void pass_option(place *p, const char *word)
{
    const size_t size = strcspn(word, "=");
    const cli_option *o = option_of(p->command, word, size);
    p->open = o != NULL && o->kind != CLI_FLAG && word[size] == 0 ? o : NULL;
    p->resumes |= o != NULL && strcmp(o->name, "resume") == 0;
}

static void pass_word(place *p, const char *word)
{
    if (p->open != NULL) {
        p->open = NULL;
    } else if (!p->ended && strcmp(word, "--") == 0) {
        p->ended = true;
    } else if (!p->ended && word[0] == '-' && word[1] != 0) {
        pass_option(p, word);
    } else {
        p->first = p->arguments == 0 ? word : p->first;
        p->arguments++;
    }
}

static const cli_command *named(const char *word)
{
    for (int i = 0; i < cli_command_count(); i++) {
        if (strcmp(cli_commands[i]->name, word) == 0) {
            return cli_commands[i];
        }
    }
    return NULL;
}

/* --- what is offered ---------------------------------------------------------------------------------------------- */

static void offer_value(cli_offers *offers, const cli_option *o)
{
    offers->of = o->name;
    for (int i = 0; i < o->choice_count; i++) {
        cli_offer(offers, o->choices[i], NULL);
    }
    if (o->value != NULL && o->kind != CLI_NUMBER) {
        cli_offer_words(offers, o->value);
    }
}

/* Word i of a form, without brackets; "" after the last. */
static const char *form_word(snas_arena *mem, const char *words, int i)
{
    for (; i > 0 && *words != 0; i--) {
        words += strcspn(words, " ");
        words += strspn(words, " ");
    }
    words += strspn(words, "[");
    const char *word = snas_format(mem, "%.*s", (int)strcspn(words, " ]."), words);
    return word == NULL ? "" : word;
}

/* Is it one of a|b|c, or the beginning of one, as `space` is of `spaces`? */
static bool is_among(const char *words, const char *word)
{
    while (*words != 0) {
        const size_t size = strcspn(words, "|");
        if (strlen(word) <= size && snas_starts(words, word)) {
            return true;
        }
        words += size + (words[size] == '|');
    }
    return false;
}

/* By the forms that have such an argument, after the action that stands there. */
static void offer_by_forms(cli_offers *offers, const place *p)
{
    snas_arena *mem = offers->text->mem;
    for (int form = 0; form < cli_form_count(p->command); form++) {
        const char *words = cli_form_words(p->command, form), *action = form_word(mem, words, 0);
        const bool fits = p->arguments == 0 || !cli_word_is_typed(action) || is_among(action, p->first);
        const char *word = form_word(mem, words, p->arguments);
        if (fits && word[0] != '-') {
            cli_offer_words(offers, word);
        }
    }
}

static void offer_argument(cli_offers *offers, const place *p)
{
    offers->of = p->first;
    if (p->command->forms != NULL) {
        offer_by_forms(offers, p);
        return;
    }
    int left = p->arguments;
    for (const cli_option *o = p->command->options; o->name != NULL; o++) {
        if (o->kind == CLI_ARGS || (o->kind == CLI_ARG && left-- == 0)) {
            cli_offer_words(offers, o->name);
            return;
        }
    }
}

/* Options that are not in the line yet, or may come again. */
static void offer_options(cli_offers *offers, const cli_option *options, const char *const *words, int count)
{
    for (const cli_option *o = options; o->name != NULL; o++) {
        bool given = false;
        const size_t size = strlen(o->name);
        for (int i = 0; i < count; i++) {
            given |= snas_starts(words[i], "--") && strncmp(words[i] + 2, o->name, size) == 0 &&
                     (words[i][2 + size] == 0 || words[i][2 + size] == '=');
        }
        const char *word = snas_format(offers->text->mem, "--%s", o->name);
        if (o->kind < CLI_ARG && o->help != NULL && (!given || o->kind == CLI_LIST) && word != NULL) {
            cli_offer(offers, word, o->help);
        }
    }
}

static void offer_commands(cli_offers *offers, const char *const *words, int count)
{
    if (offers->word[0] == '-') {
        offer_options(offers, cli_common_options, words, count);
    } else {
        cli_offer_words(offers, "COMMAND");
    }
}

/* --name=value in one word. */
static void offer_after_equals(cli_offers *offers, const place *p, size_t size)
{
    const cli_option *o = option_of(p->command, offers->word, size);
    const char *prefix = snas_format(offers->text->mem, "%.*s", (int)size + 1, offers->word);
    if (o != NULL && o->kind != CLI_FLAG && prefix != NULL) {
        offers->prefix = prefix;
        offers->word += size + 1;
        offer_value(offers, o);
    }
}

static void offer_last(cli_offers *offers, const place *p, const char *const *words, int count)
{
    const size_t equals = strcspn(offers->word, "=");
    const bool dashed = !p->ended && offers->word[0] == '-';
    if (p->open != NULL) {
        offer_value(offers, p->open);
    } else if (dashed && offers->word[equals] == '=') {
        offer_after_equals(offers, p, equals);
    } else if (!dashed) {
        offer_argument(offers, p);
    }
    if (!p->ended && p->open == NULL && (dashed || offers->text->size == 0) && offers->prefix[0] == 0) {
        offer_options(offers, p->command->options, words, count);
        offer_options(offers, cli_common_options, words, count);
    }
}

void cli_completions(snas_text *text, const char *const *words, int count)
{
    cli_offers offers = {.text = text, .word = count == 0 ? "" : words[count - 1], .prefix = ""};
    int at = 0;
    while (at < count - 1 && words[at][0] == '-') {
        at++;
    }
    if (at >= count - 1) {
        offer_commands(&offers, words, count - 1);
        return;
    }
    place p = {.command = named(words[at])};
    for (int i = at + 1; p.command != NULL && i < count - 1; i++) {
        pass_word(&p, words[i]);
    }
    if (p.command != NULL) {
        offers.command = p.command;
        offers.resumes = p.resumes;
        offer_last(&offers, &p, words + at + 1, count - at - 2);
    }
}
