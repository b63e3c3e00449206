/* derive_report.h -- what `snas derive` has found, as a table for people and as JSON. */
#ifndef SNAS_CLI_DERIVE_REPORT_H
#define SNAS_CLI_DERIVE_REPORT_H

#include "known.h"
#include "snas/search/derive.h"

typedef struct {
    const char *run;
    const snas_derive_request *request;
    const snas_derived *derived;
    const cli_known *known;
} cli_derive_report;

/** The table: edges, the child, what is known of the cell, what bounds have cost. */
void cli_derive_add_table(snas_text *text, const cli_derive_report *report);

/** One JSON document. SNAS_E_USAGE or SNAS_E_MEMORY when the genotype cannot be written. */
SNAS_MUST_CHECK snas_status cli_derive_add_json(snas_text *text, const cli_derive_report *report);

#endif
