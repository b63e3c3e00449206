/* budget_rows.h -- what a search says of its budgets: a line at the start, figures in the row of every epoch. */
#ifndef SNAS_SEARCH_BUDGET_ROWS_H
#define SNAS_SEARCH_BUDGET_ROWS_H

#include "snas/loop/loop.h"

/** Where each budget lies in what the networks of the space cost. */
void search_budget_say(snas_loop *loop);

/** Of each budget the expected cost and the cell's, as shares of it, and the multiplier. */
SNAS_MUST_CHECK snas_status search_budget_add_figures(snas_loop *loop, snas_metrics_row *row);

#endif
