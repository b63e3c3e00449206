/* run_folder.c -- the folder of a run: made or refused, locked, and told what happens (STATUS, log.txt, timing.jsonl).
 *
 * run.lock is held with flock as long as a process works on the run; the system lets go of it when the process dies.
 */
#include "snas/loop/run_folder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "folder_kind.h"
#include "snas/base/clock.h"
#include "snas/base/lock.h"
#include "snas/base/sentence.h"
#include "snas/base/text.h"
#include "snas/base/usage.h"
#include "snas/base/version.h"
#include "snas/comm/comm.h"
#include "snas/format/json.h"
#include "snas/kernel/sets.h"
#include "snas/loop/events.h"
#include "snas/model/network.h"
#include "snas/tensor/gemm.h"

enum { MESSAGE_MAX = 2048 };

static const char *const status_of_result[SNAS_STATUS_COUNT] = {
    [SNAS_OK] = "done",          [SNAS_E_FAILED] = "failed",
    [SNAS_E_MEMORY] = "failed",  [SNAS_E_USAGE] = "failed",
    [SNAS_E_DATA] = "failed",    [SNAS_E_IO] = "failed",
    [SNAS_E_NUMERIC] = "failed", [SNAS_E_INTERRUPTED] = "interrupted",
};

snas_run_folder snas_run_folder_none(void)
{
    return (snas_run_folder){.lock = -1};
}

const char *snas_run_folder_path(snas_arena *mem, const snas_run_folder *folder, const char *name)
{
    return snas_format(mem, "%s/%s", folder->path, name);
}

static snas_status lock(snas_run_folder *folder)
{
    const loop_path path = loop_path_of(folder->path, "run.lock");
    SNAS_TRY(snas_link_refuse(path.text));
    SNAS_TRY(snas_lock_open(path.text, &folder->lock));
    return folder->lock >= 0 ? SNAS_OK
                             : snas_fail(SNAS_E_FAILED, "another process is working on the run '%s'", folder->path);
}

static void unlock(snas_run_folder *folder)
{
    if (folder->lock >= 0) {
        (void)snas_files.close(folder->lock);
        folder->lock = -1;
    }
}

static snas_status set_status(const snas_run_folder *folder, const char *word)
{
    char line[32];
    snprintf(line, sizeof line, "%s\n", word);
    return snas_file_replace_text_nofollow(loop_path_of(folder->path, "STATUS").text, line);
}

static void add_member(snas_text *text, const char *key, const char *value)
{
    snas_text_add(text, "  \"%s\": ", key);
    snas_text_add_json(text, value);
    snas_text_add(text, ",\n");
}

snas_status snas_run_folder_declare(snas_arena *mem, const char *command, const snas_config *config,
                                    const snas_run_options *options, const snas_run_folder *folder)
{
    struct utsname system = {0};
    (void)uname(&system);
    char now[32];
    snas_text text = snas_text_make(mem);
    snas_text_add(&text, "{\n");
    add_member(&text, "snas", SNAS_VERSION);
    add_member(&text, "command", command);
    add_member(&text, "started", snas_clock_text(now, sizeof now));
    add_member(&text, "compiler", __VERSION__);
    add_member(&text, "system", system.sysname);
    add_member(&text, "release", system.release);
    add_member(&text, "machine", system.machine);
    add_member(&text, "processor", snas_processor_name(mem));
    add_member(&text, "kernels", options->kernels == NULL ? snas_kernel_set_name() : options->kernels);
    add_member(&text, "blas", snas_blas_description());
    snas_text_add(&text, "  \"arithmetic\": %d,\n", SNAS_ARITHMETIC);
    snas_text_add(&text, "  \"processors\": %d,\n", snas_processor_count());
    snas_text_add(&text, "  \"threads\": %d,\n", options->team.threads);
    if (snas_comm_ranks() > 1) {
        snas_text_add(&text, "  \"ranks\": %d,\n", snas_comm_ranks());
    }
    snas_text_add(&text, "  \"seed\": %llu\n}\n", (unsigned long long)config->seed);
    SNAS_TRY(snas_text_done(&text));
    return snas_file_replace_text_nofollow(loop_path_of(folder->path, "env.json").text, text.data);
}

snas_status snas_run_folder_configure(const snas_run_folder *folder, const snas_config *config)
{
    return snas_file_replace_text_nofollow(loop_path_of(folder->path, "config.json").text, config->text);
}

/* Under the lock the folder is looked at once more: another start may have come to its end in between. */
static snas_status fill(snas_arena *mem, const snas_config *config, snas_run_folder *folder)
{
    SNAS_TRY(lock(folder));
    SNAS_TRY(snas_run_folder_vacant(mem, folder->path));
    SNAS_TRY(loop_folder_clear(folder->path));
    SNAS_TRY(snas_run_folder_configure(folder, config));
    return snas_run_folder_set_running(folder);
}

snas_status snas_run_folder_create(snas_arena *mem, const snas_config *config, const snas_run_options *options,
                                   snas_run_folder *out)
{
    *out = (snas_run_folder){.path = options->folder, .lock = -1};
    if (snas_comm_rank() > 0) {
        return SNAS_OK; /* another process makes it */
    }
    SNAS_TRY(snas_run_folder_vacant(mem, options->folder));
    SNAS_TRY(snas_folder_make(options->folder));
    const snas_status status = fill(mem, config, out);
    if (status != SNAS_OK) {
        unlock(out);
    }
    return status;
}

static snas_status check_command(snas_arena *mem, const char *command, const char *path)
{
    char shown[1024];
    const char *found;
    SNAS_TRY(snas_run_folder_complete(command, path));
    SNAS_TRY(loop_folder_command(mem, path, &found));
    return strcmp(found, command) == 0 ? SNAS_OK
                                       : snas_fail(SNAS_E_USAGE, "the run '%s' is one of 'snas %s', not of 'snas %s'",
                                                   snas_printable(shown, sizeof shown, path), found, command);
}

/* What a run replaces takes the place of a link; what it adds to must be its own. */
static snas_status refuse_links(const char *path)
{
    static const char *const ADDED_TO[] = {"log.txt", "timing.jsonl", "checkpoints", SNAS_EVENTS_FOLDER};
    for (size_t i = 0; i < sizeof ADDED_TO / sizeof ADDED_TO[0]; i++) {
        SNAS_TRY(snas_link_refuse(loop_path_of(path, ADDED_TO[i]).text));
    }
    return SNAS_OK;
}

snas_status snas_run_folder_open(snas_arena *mem, const char *command, const char *path, snas_run_folder *out)
{
    *out = (snas_run_folder){.path = path, .lock = -1};
    if (snas_comm_rank() > 0) {
        return SNAS_OK;
    }
    SNAS_TRY(check_command(mem, command, path));
    SNAS_TRY(refuse_links(path));
    SNAS_TRY(lock(out));
    loop_folder_sweep(path);
    loop_folder_sweep(loop_path_of(path, "checkpoints").text);
    return SNAS_OK;
}

snas_status snas_run_folder_set_running(snas_run_folder *folder)
{
    folder->running = true;
    return set_status(folder, "running");
}

snas_status snas_run_folder_close(snas_run_folder *folder, snas_status result)
{
    if (folder->lock < 0) {
        return result;
    }
    snas_fault fault;
    snas_fault_keep(&fault, result);
    if (result != SNAS_OK) {
        snas_run_say(folder, SNAS_LOG_DEBUG, "%s: %s", status_of_result[result], fault.sentence);
    }
    if (folder->running && set_status(folder, status_of_result[result]) != SNAS_OK) {
        snas_log(SNAS_LOG_WARNING, "%s", snas_error());
    }
    unlock(folder);
    return snas_fault_again(&fault);
}

void snas_run_say(const snas_run_folder *folder, snas_log_level level, const char *format, ...)
{
    char message[MESSAGE_MAX], now[32], line[MESSAGE_MAX + 64];
    va_list values;
    va_start(values, format);
    snas_sentence(message, sizeof message, format, values);
    va_end(values);
    snas_log(level, "%s", message);
    snprintf(line, sizeof line, "%s %s\n", snas_clock_text(now, sizeof now), message);
    if (folder->path != NULL &&
        snas_file_append_nofollow(loop_path_of(folder->path, "log.txt").text, line) != SNAS_OK) {
        snas_log(SNAS_LOG_WARNING, "%s", snas_error());
    }
}

void snas_run_folder_timing(const snas_run_folder *folder, const char *line)
{
    if (snas_file_append_nofollow(loop_path_of(folder->path, "timing.jsonl").text, line) != SNAS_OK) {
        snas_log(SNAS_LOG_WARNING, "%s", snas_error());
    }
}
