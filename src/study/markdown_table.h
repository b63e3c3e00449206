/* markdown_table.h -- a table in Markdown, its columns aligned for readers of the plain text. Private to the room. */
#ifndef SNAS_STUDY_MARKDOWN_TABLE_H
#define SNAS_STUDY_MARKDOWN_TABLE_H

#include "snas/base/text.h"

enum { STUDY_COLUMNS_MAX = 16 };

typedef struct {
    snas_arena *mem;
    int columns;
    const char **cells; /* row by row, the titles first */
    int count, room;
    bool failed;
} study_table;

/** A table of these titles, ending with NULL. The first column is a name, to the left; the others are to the right. */
study_table study_table_make(snas_arena *mem, const char *const *titles);

/** The next cell, printf form. */
void study_table_add(study_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** The table, in lines of at most 80 columns where that is possible: columns that do not fit go to further tables, each
 *  with the first column again. */
void study_table_write(const study_table *table, snas_text *to);

#endif
