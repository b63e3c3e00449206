/* command.h -- what a command is: a row with its help, its options and the function that the filled options go to.
 *
 * A command's values are a struct; each option row names a field of it. The options are parsed into the struct before
 * the command runs, so no command sees argv. Numbers and choices are int fields, texts const char * (NULL when not
 * given), flags bool, repeatable options cli_list.
 */
#ifndef SNAS_CLI_COMMAND_H
#define SNAS_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "output.h"

typedef struct {
    const char **items;
    int count;
} cli_list;

typedef enum { CLI_FLAG, CLI_NUMBER, CLI_TEXT, CLI_CHOICE, CLI_LIST, CLI_ARG, CLI_ARGS } cli_option_kind;

typedef struct {
    cli_option_kind kind;
    const char *name;           /* without dashes; ARG, ARGS: as help shows it, "CONFIG" */
    char letter;                /* short form, 0 for none */
    size_t offset;              /* of the field in the values */
    const char *value;          /* what help calls the value: "N", "FILE" */
    int minimum, maximum;       /* NUMBER; CHOICE: what stands for its first name, so that 0 can be "not given" */
    const char *const *choices; /* CHOICE: names, [choice_count]; the field is the index, 0 when not given */
    int choice_count;
    const char *help;  /* NULL: not shown */
    unsigned in_forms; /* bits of the command's forms that take it, the first is 1; 0: all of them */
    bool required;     /* in those forms */
} cli_option;

enum { CLI_IN_WORDS = 1 << 16 }; /* of in_forms: the words of a form name the option already */

/* After the help of a row may stand what else is to be said of it: .in_forms, .required. */

#define FLAG(name_, letter_, type, field, ...)                                                                         \
    {                                                                                                                  \
        .kind = CLI_FLAG, .name = name_, .letter = letter_, .offset = offsetof(type, field), .help = __VA_ARGS__       \
    }
#define NUMBER(name_, value_, low, high, type, field, ...)                                                             \
    {                                                                                                                  \
        .kind = CLI_NUMBER, .name = name_, .value = value_, .minimum = low, .maximum = high,                           \
        .offset = offsetof(type, field), .help = __VA_ARGS__                                                           \
    }
#define TEXT(name_, value_, type, field, ...)                                                                          \
    {                                                                                                                  \
        .kind = CLI_TEXT, .name = name_, .value = value_, .offset = offsetof(type, field), .help = __VA_ARGS__         \
    }
#define CHOICE(name_, names_, count_, type, field, ...)                                                                \
    {                                                                                                                  \
        .kind = CLI_CHOICE, .name = name_, .choices = names_, .choice_count = count_, .offset = offsetof(type, field), \
        .help = __VA_ARGS__                                                                                            \
    }
/* The field is 0 when not given, else the choice's index + 1. */
#define OPTIONAL_CHOICE(name_, names_, count_, type, field, ...)                                                       \
    {                                                                                                                  \
        .kind = CLI_CHOICE, .name = name_, .minimum = 1, .choices = names_, .choice_count = count_,                    \
        .offset = offsetof(type, field), .help = __VA_ARGS__                                                           \
    }
#define LIST(name_, value_, type, field, ...)                                                                          \
    {                                                                                                                  \
        .kind = CLI_LIST, .name = name_, .value = value_, .offset = offsetof(type, field), .help = __VA_ARGS__         \
    }
#define ARG(name_, type, field, ...)                                                                                   \
    {                                                                                                                  \
        .kind = CLI_ARG, .name = name_, .offset = offsetof(type, field), .help = __VA_ARGS__                           \
    }
/* All arguments after the ARGs; the last row. */
#define ARGS(name_, type, field, ...)                                                                                  \
    {                                                                                                                  \
        .kind = CLI_ARGS, .name = name_, .offset = offsetof(type, field), .help = __VA_ARGS__                          \
    }
#define OPTIONS_END                                                                                                    \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

typedef struct {
    const char *name, *brief;
    /** The ways to call it where there are several: the words after the name, up to the options, which follow from the
     *  table. Ends with NULL; NULL: one way, with the table's arguments. */
    const char *const *forms;
    const char *examples; /* lines, each a command */
    const char *more; /* after the options: paragraphs with an empty line between them; lines that begin with a space
                         stay as they are. NULL for none */
    const char *less_memory;   /* what takes less memory, a sentence for who has too little; NULL when nothing does */
    const cli_option *options; /* ends with OPTIONS_END */
    size_t values_size;
    const char *(*preset_at)(int i); /* what PRESET among its arguments may be, NULL after the last; NULL for none */
    bool many;                       /* several processes may do it together */
    bool hidden;                     /* in no list of commands: for other programs */
    snas_status (*run)(cli_session *session, const void *values);
} cli_command;

/** The options that every command takes, and where they go. */
typedef struct {
    bool help, version, quiet, no_color, json;
    bool verbose;
    bool as_stage; /* of `snas design`, in no help */
} cli_common;
extern const cli_option cli_common_options[];

/** Parse argv[0..argc-1] (after the command's name) into `values` (zeroed by the caller) and `common`. SNAS_E_USAGE
 *  with a sentence on a fault. Lists live in `mem`. */
SNAS_MUST_CHECK snas_status cli_options_parse(snas_arena *mem, const cli_command *command, int argc, char **argv,
                                              void *values, cli_common *common);

/** The row of a table with this long name of `length` letters (NULL: none), or this letter (0: none); NULL when there
 *  is none. */
const cli_option *cli_option_find(const cli_option *table, const char *name, size_t length, char letter);

/** Print the help of the program, or of a command. cli_help_print: by its name, NULL for the program; SNAS_E_USAGE
 *  with a sentence when there is none. */
void cli_help_top(cli_session *session);
void cli_help_command(cli_session *session, const cli_command *command);
SNAS_MUST_CHECK snas_status cli_help_print(cli_session *session, const char *name);

/** The commands, in the order of help: a line here, and a file cmd_<name>.c with the row cli_<name>. */
#define CLI_COMMANDS(command)                                                                                          \
    command(design) command(search) command(watch) command(derive) command(credit) command(train) command(eval)        \
        command(predict) command(export) command(compare) command(report) command(draw) command(verify) command(bench) \
            command(latency) command(data) command(info) command(config) command(help)

/** Those that are in no list. */
#define CLI_HIDDEN_COMMANDS(command) command(complete)

/** All commands, the hidden ones last, NULL-terminated. */
extern const cli_command *const cli_commands[];
#define CLI_COMMAND_ROW(name) extern const cli_command cli_##name;
CLI_COMMANDS(CLI_COMMAND_ROW)
CLI_HIDDEN_COMMANDS(CLI_COMMAND_ROW)
#undef CLI_COMMAND_ROW
extern const cli_command cli_top; /* `snas` itself, without a name */

/** How many of them are not hidden. */
int cli_command_count(void);

/** NULL with a recorded sentence when there is none. */
const cli_command *cli_command_find(cli_session *session, const char *name);

/** The whole program; returns the exit code. */
int cli_main(int argc, char **argv);

/** "did you mean" for a list of names, "" when none is near; in `mem`. */
const char *cli_did_you_mean(snas_arena *mem, const char *word, const char *(*at)(const void *context, int i),
                             const void *context, int count);

/** What is allowed in the place of a word, the nearest name first (snas_text_add_allowed); in `mem`. */
const char *cli_allowed(snas_arena *mem, const char *word, const char *(*at)(const void *context, int i),
                        const void *context, int count);

#endif
