/* roff.c -- texts as the source of a manual page: characters escaped, words in lines, paragraphs, lines as they are. */
#include "roff.h"

#include <string.h>

enum { ROFF_COLUMNS = 76 };

/* How a character is written that roff, or a terminal's font, would take for something else. */
static const char *escape_of(char c)
{
    static const struct {
        char c;
        const char *written;
    } ESCAPES[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"}, {'`', "\\(ga"},
                   {'"', "\\(dq"}, {'~', "\\(ti"}, {'^', "\\(ha"}};
    for (size_t i = 0; i < sizeof ESCAPES / sizeof ESCAPES[0]; i++) {
        if (ESCAPES[i].c == c) {
            return ESCAPES[i].written;
        }
    }
    return NULL;
}

static void add_characters(snas_text *text, const char *string, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char *written = escape_of(string[i]);
        if (written != NULL) {
            snas_text_add(text, "%s", written);
        } else {
            snas_text_add_bytes(text, &string[i], 1);
        }
    }
}

void cli_roff_inline(snas_text *text, const char *string)
{
    add_characters(text, string, strlen(string));
}

/* A word; a backtick in it begins or ends what is bold. A point at its beginning would be a request. */
static void add_word(snas_text *text, const char *word, size_t size, bool *bold)
{
    snas_text_add(text, "%s", size > 0 && word[0] == '.' ? "\\&" : "");
    while (size > 0) {
        const char *tick = memchr(word, '`', size);
        const size_t plain = tick == NULL ? size : (size_t)(tick - word);
        add_characters(text, word, plain);
        if (tick != NULL) {
            *bold = !*bold;
            snas_text_add(text, "%s", *bold ? "\\fB" : "\\fR");
        }
        word += plain + (tick != NULL);
        size -= plain + (tick != NULL);
    }
}

/* Does a sentence end with the word? */
static bool ends_sentence(const char *word, size_t size)
{
    while (size > 0 && (word[size - 1] == ')' || word[size - 1] == '`')) {
        size--;
    }
    return size > 1 && word[size - 1] == '.' && word[size - 2] != '.';
}

/* What a word takes in the source, at most as long as what was written since `from`. */
void cli_roff_words(snas_text *text, const char *words)
{
    bool bold = false, breaks = false;
    size_t column = 0;
    while (*words != 0 && !text->failed) {
        const size_t size = strcspn(words, " \n");
        if (size > 0) {
            snas_text item = snas_text_make(text->mem);
            add_word(&item, words, size, &bold);
            const bool fits = !breaks && column + 1 + item.size <= ROFF_COLUMNS;
            snas_text_add(text, "%s%s", column == 0 ? "" : fits ? " " : "\n", item.failed ? "" : item.data);
            column = (fits ? column + 1 : 0) + item.size;
            breaks = ends_sentence(words, size);
        }
        words += size;
        words += *words != 0;
    }
    snas_text_add(text, "%s\n", bold ? "\\fR" : "");
}

void cli_roff_lines(snas_text *text, const char *lines)
{
    snas_text_add(text, ".RS 4\n.nf\n");
    while (*lines != 0) {
        const size_t size = strcspn(lines, "\n"), indent = strspn(lines, " ");
        const size_t skipped = indent < size ? indent : size;
        snas_text_add(text, "%s", lines[skipped] == '.' ? "\\&" : "");
        add_characters(text, lines + skipped, size - skipped);
        snas_text_add(text, "\n");
        lines += size;
        lines += *lines == '\n';
    }
    snas_text_add(text, ".fi\n.RE\n");
}

/* Bytes of `text` up to the end of the lines that are all, or none of them, indented; an empty line is neither. */
static size_t block_size(const char *text, bool indented)
{
    size_t size = 0;
    while (text[size] != 0 && text[size] != '\n' && (text[size] == ' ') == indented) {
        size += strcspn(text + size, "\n");
        size += text[size] == '\n';
    }
    return size;
}

void cli_roff_paragraphs(snas_text *text, const char *paragraphs)
{
    bool first = true;
    while (*paragraphs != 0 && !text->failed) {
        const size_t blank = strspn(paragraphs, "\n");
        const bool indented = paragraphs[blank] == ' ';
        const size_t size = block_size(paragraphs + blank, indented);
        const char *block = snas_format(text->mem, "%.*s", (int)size, paragraphs + blank);
        if (block != NULL && size > 0) {
            snas_text_add(text, "%s", first || indented ? "" : ".PP\n");
            (indented ? cli_roff_lines : cli_roff_words)(text, block);
            first = false;
        }
        paragraphs += blank + size;
    }
}
