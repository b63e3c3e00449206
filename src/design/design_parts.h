/* design_parts.h -- what the files of the room share. */
#ifndef SNAS_DESIGN_DESIGN_PARTS_H
#define SNAS_DESIGN_DESIGN_PARTS_H

#include "snas/base/process.h"
#include "snas/design/design.h"
#include "snas/model/network.h"

/** The stages and what they work with. */
typedef struct {
    snas_arena *mem;
    const snas_design *design;
    const snas_design_options *options;
    snas_design_outcome *outcome;
} design_work;

/** Path of a file of the design, in `mem`. SNAS_E_MEMORY. */
SNAS_MUST_CHECK snas_status design_path(snas_arena *mem, const snas_design *design, const char *name, const char **out);

/** Run a command to its end, and put its output in its place. As snas_design_run. */
SNAS_MUST_CHECK snas_status design_execute(const design_work *work, const snas_design_command *command);

/** Was it asked to stop? */
bool design_is_stopped(const design_work *work);

/** Add a word to a command, and another one after it; NULL: none. */
void design_add(snas_design_command *command, const char *one, const char *other);

/** The network of the train section without a genotype, by the data set, which is closed again. */
SNAS_MUST_CHECK snas_status design_child(const snas_config *config, snas_network_spec *out);

/** Choose C and L as snas_design_choose, tables of a budget of time measured by `work`. */
SNAS_MUST_CHECK snas_status design_choose(const design_work *work, snas_design_size *out);

/** The command that measures the table of a size, and the file. */
SNAS_MUST_CHECK snas_status design_measure_command(snas_arena *mem, const snas_design *design, int channels, int cells,
                                                   snas_design_command *out, const char **table);

/** The size of a design whose config.json stands, and that config. */
SNAS_MUST_CHECK snas_status design_chosen(snas_arena *mem, const snas_design *design, snas_config *config,
                                          snas_design_size *out);

#endif
