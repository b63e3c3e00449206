/* cmd_config.c -- `snas config`: check a file, or print what a file may say. */
#include <string.h>

#include "command.h"
#include "snas/config/config.h"
#include "snas/config/schema.h"

typedef struct {
    const char *action, *file;
    cli_list sets;
    bool markdown;
} values;

enum { CHECK = 1, SCHEMA = 2 };
static const char *const FORMS[] = {"check CONFIG", "schema", NULL};

static const cli_option OPTIONS[] = {
    ARG("ACTION", values, action, "check: read a config and print it resolved; schema: print the JSON Schema"),
    ARG("CONFIG", values, file, "the file to check"),
    LIST("set", "KEY=VALUE", values, sets, "a config value over the file's; repeatable", .in_forms = CHECK),
    FLAG("markdown", 0, values, markdown, "schema: the table of the documents instead", .in_forms = SCHEMA),
    OPTIONS_END,
};

static snas_status check(cli_session *session, const values *v)
{
    if (v->file == NULL) {
        return snas_fail(SNAS_E_USAGE, "no CONFIG given\nsee 'snas help config'");
    }
    snas_config config;
    SNAS_TRY(snas_config_check(session->mem, v->file, v->sets.items, v->sets.count, &config));
    cli_print(session, "%s", config.text);
    cli_say(session, "%s: no fault", v->file);
    return SNAS_OK;
}

static snas_status schema(cli_session *session, const values *v)
{
    if (v->file != NULL) {
        return snas_fail(SNAS_E_USAGE, "unexpected argument '%s'\nsee 'snas help config'", v->file);
    }
    const char *text;
    SNAS_TRY(v->markdown ? snas_config_schema_markdown(session->mem, &text)
                         : snas_config_schema_json(session->mem, &text));
    cli_print(session, "%s", text);
    return SNAS_OK;
}

static const struct {
    const char *name;
    snas_status (*run)(cli_session *session, const values *v);
} ACTIONS[] = {{"check", check}, {"schema", schema}};
enum { ACTION_COUNT = sizeof ACTIONS / sizeof ACTIONS[0] };

static const char *action_at(const void *context, int i)
{
    (void)context;
    return ACTIONS[i].name;
}

static snas_status config(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    if (v->action == NULL) {
        return snas_fail(SNAS_E_USAGE, "no action given, allowed 'check', 'schema'\nsee 'snas help config'");
    }
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (strcmp(ACTIONS[i].name, v->action) == 0) {
            return ACTIONS[i].run(session, v);
        }
    }
    return snas_fail(SNAS_E_USAGE, "unknown action '%s'%s", v->action,
                     cli_allowed(session->mem, v->action, action_at, NULL, ACTION_COUNT));
}

const cli_command cli_config = {
    .name = "config",
    .brief = "check a config, print its schema",
    .examples = "  snas config check my.json --set search.epochs=50\n"
                "  snas config schema > configs/snas.schema.json\n",
    .forms = FORMS,
    .more =
        "check tells every fault of a file at once, with its line and the nearest key. `snas info config` explains\n"
        "the keys.\n",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .run = config,
};
