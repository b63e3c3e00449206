/* options.c -- a command line into a struct, by the rows of an option table. */
#include "command.h"

#include <assert.h>
#include <string.h>

#include "snas/base/text.h"

const cli_option cli_common_options[] = {
    FLAG("help", 'h', cli_common, help, "print this help"),
    FLAG("quiet", 'q', cli_common, quiet, "warnings and errors only"),
    FLAG("verbose", 'v', cli_common, verbose, "say more"),
    FLAG("no-color", 0, cli_common, no_color, "no colour, as with NO_COLOR set"),
    FLAG("version", 0, cli_common, version, "print the version"),
    FLAG("as-stage", 0, cli_common, as_stage, NULL),
    OPTIONS_END,
};

/* Where the parser stands. */
typedef struct {
    snas_arena *mem;
    const cli_command *command;
    int argc;
    char **argv;
    int next;       /* argument to read */
    int positional; /* arguments without an option so far */
    void *values;
    cli_common *common;
} parser;

const char *cli_did_you_mean(snas_arena *mem, const char *word, const char *(*at)(const void *context, int i),
                             const void *context, int count)
{
    const char *near = snas_nearest(word, at, context, count);
    const char *text = near == NULL ? "" : snas_format(mem, "; did you mean '%s'?", near);
    return text == NULL ? "" : text;
}

const char *cli_allowed(snas_arena *mem, const char *word, const char *(*at)(const void *context, int i),
                        const void *context, int count)
{
    snas_text text = snas_text_make(mem);
    snas_text_add_allowed(&text, word, at, context, count);
    return text.failed ? "" : text.data;
}

/* All long names of a command, its own and the common ones, for the nearest to a typo. */
static const char *option_at(const void *context, int i)
{
    const cli_option *tables[2] = {((const cli_command *)context)->options, cli_common_options};
    for (int t = 0; t < 2; t++) {
        for (const cli_option *o = tables[t]; o->name != NULL; o++) {
            if (o->kind < CLI_ARG && o->help != NULL && i-- == 0) {
                return o->name;
            }
        }
    }
    return NULL;
}

static int option_count(const cli_command *command)
{
    int count = 0;
    while (option_at(command, count) != NULL) {
        count++;
    }
    return count;
}

const cli_option *cli_option_find(const cli_option *table, const char *name, size_t length, char letter)
{
    for (const cli_option *o = table; o->name != NULL; o++) {
        const bool by_name =
            name != NULL && o->kind < CLI_ARG && strlen(o->name) == length && strncmp(o->name, name, length) == 0;
        if (by_name || (letter != 0 && o->letter == letter)) {
            return o;
        }
    }
    return NULL;
}

/* The row of --name (length letters) or -letter, and the struct that its field is in. */
static const cli_option *find(const parser *p, const char *name, size_t length, char letter, void **owner)
{
    const cli_option *tables[2] = {p->command->options, cli_common_options};
    void *owners[2] = {p->values, p->common};
    for (int t = 0; t < 2; t++) {
        const cli_option *o = cli_option_find(tables[t], name, length, letter);
        if (o != NULL) {
            *owner = owners[t];
            return o;
        }
    }
    return NULL;
}

/* The sentence, and where help is. */
static __attribute__((format(printf, 2, 3))) snas_status refuse(const parser *p, const char *format, ...)
{
    const char *name = p->command->name;
    va_list values;
    va_start(values, format);
    const char *what = snas_format_list(p->mem, format, values);
    va_end(values);
    SNAS_TRY(snas_taken(what));
    return snas_fail(SNAS_E_USAGE, "%s\nsee 'snas help%s%s'", what, name == NULL ? "" : " ", name == NULL ? "" : name);
}

static snas_status take_number(const parser *p, const cli_option *o, const char *value, int *field)
{
    int64_t number;
    const bool whole = snas_whole(value, strlen(value), &number);
    if (!whole || number < o->minimum || number > o->maximum) {
        return refuse(p, "--%s: found '%s', allowed a whole number from %d to %d", o->name, value, o->minimum,
                      o->maximum);
    }
    *field = (int)number;
    return SNAS_OK;
}

static const char *choice_at(const void *context, int i)
{
    return ((const cli_option *)context)->choices[i];
}

static snas_status take_choice(const parser *p, const cli_option *o, const char *value, int *field)
{
    for (int i = 0; i < o->choice_count; i++) {
        if (strcmp(o->choices[i], value) == 0) {
            *field = o->minimum + i;
            return SNAS_OK;
        }
    }
    return refuse(p, "--%s: found '%s'%s", o->name, value, cli_allowed(p->mem, value, choice_at, o, o->choice_count));
}

/* Lists are as long as argv at most, so the room is taken once. */
static snas_status take_item(const parser *p, const char *value, cli_list *list)
{
    if (list->items == NULL) {
        SNAS_NEW(p->mem, list->items, p->argc);
    }
    list->items[list->count++] = value;
    return SNAS_OK;
}

static snas_status take(const parser *p, const cli_option *o, void *owner, const char *value)
{
    void *field = (char *)owner + o->offset;
    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return SNAS_OK;
    case CLI_NUMBER:
        return take_number(p, o, value, field);
    case CLI_CHOICE:
        return take_choice(p, o, value, field);
    case CLI_LIST:
    case CLI_ARGS:
        return take_item(p, value, field);
    default:
        *(const char **)field = value;
        return SNAS_OK;
    }
}

static snas_status take_option(parser *p, const char *word)
{
    const bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : NULL;
    const size_t length = is_long ? strcspn(name, "=") : 0;
    const char *value = is_long && name[length] == '=' ? name + length + 1 : NULL;
    const char letter = !is_long && word[2] == 0 ? word[1] : 0;
    void *owner = NULL;
    const cli_option *o = find(p, name, length, letter, &owner);
    if (o == NULL) {
        const char *bare = snas_format(p->mem, "%.*s", (int)length, is_long ? name : "");
        const char *near =
            bare == NULL || !is_long ? NULL : snas_nearest(bare, option_at, p->command, option_count(p->command));
        if (near == NULL) {
            return refuse(p, "unknown option '%s'", word);
        }
        return refuse(p, "unknown option '%s'; did you mean '--%s'?", word, near);
    }
    if (o->kind == CLI_FLAG && value != NULL) {
        return refuse(p, "--%s takes no value, found '%s'", o->name, value);
    }
    if (o->kind != CLI_FLAG && value == NULL) {
        if (p->next == p->argc) {
            return refuse(p, "--%s needs a value (%s)", o->name, o->value != NULL ? o->value : "one of its names");
        }
        value = p->argv[p->next++];
    }
    return take(p, o, owner, value);
}

static snas_status take_argument(parser *p, const char *word)
{
    int left = p->positional++;
    for (const cli_option *o = p->command->options; o->name != NULL; o++) {
        if (o->kind == CLI_ARGS || (o->kind == CLI_ARG && left-- == 0)) {
            return take(p, o, p->values, word);
        }
    }
    return refuse(p, "unexpected argument '%s'", word);
}

snas_status cli_options_parse(snas_arena *mem, const cli_command *command, int argc, char **argv, void *values,
                              cli_common *common)
{
    parser p = {.mem = mem, .command = command, .argc = argc, .argv = argv, .values = values, .common = common};
    bool options = true;
    while (p.next < argc) {
        const char *word = argv[p.next++];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && word[0] == '-' && word[1] != 0) {
            SNAS_TRY(take_option(&p, word));
        } else {
            SNAS_TRY(take_argument(&p, word));
        }
    }
    return SNAS_OK;
}
