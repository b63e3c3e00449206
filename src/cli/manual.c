/* manual.c -- a manual page from the row of a command: what help says, and what stands around the program. */
#include "manual.h"

#include <ctype.h>
#include <string.h>

#include "exit_code.h"
#include "forms.h"
#include "roff.h"
#include "snas/base/version.h"

/* A term and what it means. */
typedef struct {
    const char *term, *means;
} entry;

static const entry ENVIRONMENT[] = {
    {"SNAS_DATA", "The folder of data sets and of the table of known accuracies."},
    {"SNAS_KERNELS", "The kernel set to use instead of the fastest: `plain`, `baseline`, `avx2` or `avx512`."},
    {"NO_COLOR", "Where it is set, and not empty, nothing is coloured."},
    {"COLUMNS", "The width of a terminal that does not tell its own."},
    {NULL, NULL},
};

static const entry FILES[] = {
    {"share/snas/configs/", "Configs to start from, and the JSON Schemas of configs and studies."},
    {"share/snas/nas-bench-201.csv.gz", "Known accuracies of the cells of NAS-Bench-201."},
    {"share/doc/snas/", "The documents. Begin with docs/tutorial.md; docs/usage.md is an overview, docs/config.md has "
                        "every key of a config, docs/formats.md every file."},
    {"runs/", "Where run folders go that are not named: runs/<config>-<UTC time>."},
    {NULL, NULL},
};
static const char FILES_BELOW[] = "share stands below the prefix that snas was installed under: /usr for a package, "
                                  "else /usr/local unless told otherwise.";

static void add_section(snas_text *text, const char *name)
{
    snas_text_add(text, ".SH %s\n", name);
}

static void add_entries(snas_text *text, const entry *entries)
{
    for (const entry *e = entries; e->term != NULL; e++) {
        snas_text_add(text, ".TP\n\\fB");
        cli_roff_inline(text, e->term);
        snas_text_add(text, "\\fR\n");
        cli_roff_words(text, e->means);
    }
}

/* "snas\-search": the page's name. */
static void add_page(snas_text *text, const cli_command *command)
{
    snas_text_add(text, "snas%s%s", command->name == NULL ? "" : "\\-", command->name == NULL ? "" : command->name);
}

/* --- synopsis and options ----------------------------------------------------------------------------------------- */

/* A string in bold or italics: \fBset\fR. */
static void add_font(snas_text *text, char font, const char *string)
{
    if (string[0] != 0) {
        snas_text_add(text, "\\f%c", font);
        cli_roff_inline(text, string);
        snas_text_add(text, "\\fR");
    }
}

/* \fB--set\fR \fIKEY=VALUE\fR, or \fICONFIG\fR. */
static void add_shape(snas_text *text, const cli_shape *s)
{
    const char *name = snas_format(text->mem, "%s%s", s->dashes, s->name);
    add_font(text, s->dashes[0] == 0 ? 'I' : 'B', name == NULL ? "" : name);
    snas_text_add(text, "%s", s->value[0] == 0 ? "" : "\\ ");
    add_font(text, 'I', s->value);
}

/* The words of a form: what is to be typed as it is in bold. */
static void add_form_words(snas_text *text, const char *words)
{
    while (*words != 0) {
        const size_t size = strcspn(words, " ");
        const char *word = snas_format(text->mem, "%.*s", (int)size, words);
        word = word == NULL ? "" : word;
        add_font(text, cli_word_is_typed(word) ? 'B' : 'I', word);
        snas_text_add(text, "\n");
        words += size + strspn(words + size, " ");
    }
}

static void add_synopsis(snas_text *text, const cli_command *command)
{
    add_section(text, "SYNOPSIS");
    for (int form = 0; form < cli_form_count(command); form++) {
        snas_text_add(text, ".SY \"snas%s%s\"\n", command->name == NULL ? "" : " ",
                      command->name == NULL ? "" : command->name);
        add_form_words(text, cli_form_words(command, form));
        const cli_option *o = NULL;
        while ((o = cli_form_next(command, form, o)) != NULL) {
            const cli_shape s = cli_option_shape(text->mem, o);
            snas_text_add(text, "%s", s.optional ? "[" : "");
            add_shape(text, &s);
            snas_text_add(text, "%s%s\n", s.optional ? "]" : "", s.again ? "...\\&" : "");
        }
        snas_text_add(text, ".YS\n");
    }
}

static void add_options(snas_text *text, const cli_option *options)
{
    for (const cli_option *o = options; o->name != NULL; o++) {
        if (o->help == NULL) {
            continue;
        }
        const char letter[] = {'-', o->letter, 0};
        const cli_shape s = cli_option_shape(text->mem, o);
        snas_text_add(text, ".TP\n");
        add_font(text, 'B', o->letter == 0 ? "" : letter);
        snas_text_add(text, "%s", o->letter == 0 ? "" : ", ");
        add_shape(text, &s);
        snas_text_add(text, "\n");
        cli_roff_words(text, o->help);
    }
}

/* --- the program -------------------------------------------------------------------------------------------------- */

static void add_commands(snas_text *text)
{
    add_section(text, "COMMANDS");
    for (int i = 0; i < cli_command_count(); i++) {
        snas_text_add(text, ".TP\n");
        add_font(text, 'B', cli_commands[i]->name);
        snas_text_add(text, "\n");
        cli_roff_words(text, cli_commands[i]->brief);
    }
}

/* Pages of the program and of all commands but the page's own. */
static void add_see_also(snas_text *text, const cli_command *own)
{
    add_section(text, "SEE ALSO");
    const char *before = "";
    for (int i = -1; i < cli_command_count(); i++) {
        const cli_command *command = i < 0 ? &cli_top : cli_commands[i];
        if (command != own) {
            snas_text_add(text, "%s.BR ", before);
            add_page(text, command);
            snas_text_add(text, " (1)");
            before = ",\n";
        }
    }
    snas_text_add(text, "\n");
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static void add_title(snas_text *text, const cli_command *command)
{
    snas_text_add(text, ".TH \"SNAS%s", command->name == NULL ? "" : "\\-");
    for (const char *c = command->name == NULL ? "" : command->name; *c != 0; c++) {
        snas_text_add(text, "%c", (toupper)((unsigned char)*c));
    }
    snas_text_add(text, "\" 1 \"%s\" \"snas %s\" \"snas manual\"\n", SNAS_VERSION_DATE, SNAS_VERSION);
    add_section(text, "NAME");
    add_page(text, command);
    snas_text_add(text, " \\- ");
    cli_roff_words(text, command->brief);
}

static void add_exit_status(snas_text *text)
{
    add_section(text, "EXIT STATUS");
    for (const cli_exit_meaning *m = cli_exit_meanings; m->meaning != NULL; m++) {
        snas_text_add(text, ".TP\n\\fB%d\\fR\n", m->code);
        cli_roff_words(text, m->meaning);
    }
}

snas_status cli_manual(cli_session *session, const cli_command *command)
{
    const bool top = command->name == NULL;
    snas_text text = snas_text_make(session->mem);
    add_title(&text, command);
    add_synopsis(&text, command);
    if (command->more != NULL) {
        add_section(&text, "DESCRIPTION");
        cli_roff_paragraphs(&text, command->more);
    }
    if (top) {
        add_commands(&text);
    }
    add_section(&text, "OPTIONS");
    add_options(&text, command->options);
    snas_text_add(&text, "%s", top ? "" : ".SS Common\n");
    add_options(&text, cli_common_options);
    add_exit_status(&text);
    add_section(&text, "ENVIRONMENT");
    add_entries(&text, ENVIRONMENT);
    add_section(&text, "FILES");
    add_entries(&text, FILES);
    snas_text_add(&text, ".PP\n");
    cli_roff_words(&text, FILES_BELOW);
    add_section(&text, "EXAMPLES");
    cli_roff_lines(&text, command->examples);
    add_see_also(&text, command);
    return cli_print_text(session, &text);
}
