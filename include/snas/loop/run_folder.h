/* run_folder.h -- the folder of a run: created or refused, locked, and its STATUS, log.txt and timing.jsonl.
 *
 * A run is a folder:
 *   config.json           the resolved config            env.json        versions, processor, threads, seed
 *   log.txt               messages, with times           timing.jsonl    seconds an epoch, images a second
 *   metrics.jsonl, .csv   one row an epoch; no times     STATUS          running | done | interrupted | failed
 *   checkpoints/step-00001234.safetensors, LATEST        genotype.json, genotype.txt
 *   cell_*, logits_*: .svg, .png (the latter of a search) weights-last.safetensors, weights-best.safetensors (train),
 *   pictures.txt (of a folder of pictures)               weights-average-*.safetensors (of a running average)
 *   ranking.jsonl (search, method random)                tensorboard/ (where the config wants it)
 * Everything but log.txt, env.json, timing.jsonl and the wall times of tensorboard/ depends on the config alone: the
 * same bytes for any number of threads and across stop and resume. Resuming cuts the metrics back to the checkpoint.
 */
#ifndef SNAS_LOOP_RUN_FOLDER_H
#define SNAS_LOOP_RUN_FOLDER_H

#include "snas/base/log.h"
#include "snas/config/config.h"
#include "snas/learn/run_options.h"

typedef struct {
    const char *path; /* borrowed */
    int lock;         /* descriptor of the locked run.lock; -1 none */
    bool running;     /* STATUS has been set to it */
} snas_run_folder;

/** A run that has no folder yet. */
snas_run_folder snas_run_folder_none(void);

/** Can a new run use `path`: is it missing, empty, or left by a start that was not completed? */
bool snas_run_folder_takes(const char *path);

/** SNAS_E_USAGE with a sentence when a new run cannot use `path`: it holds a run (the sentence says how to go on with
 *  it), or other files. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_run_folder_vacant(snas_arena *mem, const char *path);

/** SNAS_E_USAGE with a sentence when the folder was left by a start that was not completed: it cannot be resumed, and a
 *  new run may use it. `command` is for the sentence. */
SNAS_MUST_CHECK snas_status snas_run_folder_complete(const char *command, const char *path);

/** Make the folder, lock it, write config.json and STATUS. `mem` is scratch. */
SNAS_MUST_CHECK snas_status snas_run_folder_create(snas_arena *mem, const snas_config *config,
                                                   const snas_run_options *options, snas_run_folder *out);

/** Write config.json, when the run is made and when it goes on with another config. */
SNAS_MUST_CHECK snas_status snas_run_folder_configure(const snas_run_folder *folder, const snas_config *config);

/** Write env.json, which marks a folder as a run: by now it holds everything that a resumed run reads. */
SNAS_MUST_CHECK snas_status snas_run_folder_declare(snas_arena *mem, const char *command, const snas_config *config,
                                                    const snas_run_options *options, const snas_run_folder *folder);

/** Lock an existing run of `command`; STATUS stays as it is. SNAS_E_USAGE with a sentence when it is none, or a run
 *  of another command; SNAS_E_FAILED when another process is working on it. SNAS_E_IO when a link stands where the run
 *  appends. Left-overs of interrupted writes are removed. */
SNAS_MUST_CHECK snas_status snas_run_folder_open(snas_arena *mem, const char *command, const char *path,
                                                 snas_run_folder *out);

/** Set STATUS to running: steps are about to be taken. */
SNAS_MUST_CHECK snas_status snas_run_folder_set_running(snas_run_folder *folder);

/** Write the STATUS for `result` (done, interrupted, failed), unless the run never was running: a run that is refused
 *  before its first step stays as it was. Log a failure's sentence, unlock. Returns `result`; its recorded sentence is
 *  kept. */
snas_status snas_run_folder_close(snas_run_folder *folder, snas_status result);

/** A path in the folder, in `mem`; NULL when memory is out. */
const char *snas_run_folder_path(snas_arena *mem, const snas_run_folder *folder, const char *name);

/** A message for people: to snas_log, and with the time to log.txt. */
void snas_run_say(const snas_run_folder *folder, snas_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** One line into timing.jsonl. A fault is a warning. */
void snas_run_folder_timing(const snas_run_folder *folder, const char *line);

#endif
