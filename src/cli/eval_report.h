/* eval_report.h -- what `snas eval` found: as JSON, as a line, as tables. */
#ifndef SNAS_CLI_EVAL_REPORT_H
#define SNAS_CLI_EVAL_REPORT_H

#include "output.h"

#include "snas/judge/evaluate.h"

typedef struct {
    const char *weights; /* path */
    const char *part;    /* of the data set, as asked for; NULL: its test pictures */
    const int *top;      /* [top_count]: the k's */
    int top_count;
    const snas_evaluated *result;
} cli_evaluation;

/** One object, with the figures of every class and the confusion matrix. */
SNAS_MUST_CHECK snas_status cli_evaluation_json(cli_session *session, const cli_evaluation *what);

/** The line. */
SNAS_MUST_CHECK snas_status cli_evaluation_line(cli_session *session, const cli_evaluation *what);

/** A line a class: pictures, accuracy, what it is most often taken for. */
SNAS_MUST_CHECK snas_status cli_evaluation_classes(cli_session *session, const cli_evaluation *what);

/** The confusion matrix: a row a true class, a column a guess. */
SNAS_MUST_CHECK snas_status cli_evaluation_confusion(cli_session *session, const cli_evaluation *what);

#endif
