/* folder_kind.c -- what stands in a folder: nothing, a run, a start that did not come to its end, something else.
 *
 * A start writes run.lock first, env.json last. So a folder with run.lock, without env.json and with no foreign file is
 * what a start has left that died in between: nothing can be resumed there, and a new run may take its place.
 */
#include "folder_kind.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/json.h"
#include "snas/learn/streams.h"
#include "snas/loop/checkpoint.h"
#include "snas/loop/run_folder.h"

/* What a start writes between run.lock and env.json. */
static const char *const OF_A_START[] = {"config.json",   "STATUS",       "log.txt",
                                         "genotype.json", "genotype.txt", SNAS_PICTURES_FILE};
enum { START_FILES = sizeof OF_A_START / sizeof OF_A_START[0] };

loop_path loop_path_of(const char *folder, const char *name)
{
    loop_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", folder, name);
    return path;
}

static bool is_temporary(const char *name)
{
    return name[0] == '.' && snas_ends(name, ".tmp");
}

static bool is_of_a_start(const char *name)
{
    for (int i = 0; i < START_FILES; i++) {
        if (strcmp(name, OF_A_START[i]) == 0) {
            return true;
        }
    }
    return strcmp(name, "run.lock") == 0 || is_temporary(name);
}

loop_folder_kind loop_folder_kind_of(const char *path)
{
    bool empty = true, foreign = false;
    if (snas_file_is(loop_path_of(path, "env.json").text)) {
        return LOOP_FOLDER_RUN;
    }
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return LOOP_FOLDER_FREE; /* a folder that may not be read says so when it is written to */
    }
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            empty = false;
            foreign |= !is_of_a_start(entry->d_name);
        }
    }
    closedir(directory);
    if (empty) {
        return LOOP_FOLDER_FREE;
    }
    return !foreign && snas_file_is(loop_path_of(path, "run.lock").text) ? LOOP_FOLDER_HALF_MADE : LOOP_FOLDER_OTHER;
}

snas_status loop_folder_command(snas_arena *mem, const char *path, const char **out)
{
    char shown[1024];
    const snas_json *root;
    const loop_path environment = loop_path_of(path, "env.json");
    if (!snas_file_is(environment.text)) {
        return snas_fail(SNAS_E_IO, "'%s' is not a run: it holds no env.json",
                         snas_printable(shown, sizeof shown, path));
    }
    SNAS_TRY(snas_saved_fault(snas_json_load(mem, environment.text, &root)));
    const snas_json *found = snas_json_find(root, "command");
    if (found == NULL || found->kind != SNAS_JSON_STRING) {
        return snas_fail(SNAS_E_IO, "'%s' does not say which command the run is of",
                         snas_printable(shown, sizeof shown, environment.text));
    }
    *out = found->string;
    return SNAS_OK;
}

snas_status loop_folder_clear(const char *path)
{
    loop_folder_sweep(path);
    for (int i = 0; i < START_FILES; i++) {
        SNAS_TRY(snas_file_remove(loop_path_of(path, OF_A_START[i]).text));
    }
    return SNAS_OK;
}

void loop_folder_sweep(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (is_temporary(entry->d_name)) {
            (void)snas_files.unlink(loop_path_of(path, entry->d_name).text);
        }
    }
    closedir(directory);
}

/* --- what others ask ---------------------------------------------------------------------------------------------- */

bool snas_run_folder_takes(const char *path)
{
    const loop_folder_kind kind = loop_folder_kind_of(path);
    return kind == LOOP_FOLDER_FREE || kind == LOOP_FOLDER_HALF_MADE;
}

snas_status snas_run_folder_vacant(snas_arena *mem, const char *path)
{
    char shown[1024];
    const char *command;
    snas_printable(shown, sizeof shown, path);
    const char *kind = snas_file_kind(path);
    if (kind != NULL && !snas_folder_is(path)) {
        return snas_fail(SNAS_E_USAGE, "'%s' is %s, where a folder for the run is wanted", shown, kind);
    }
    if (snas_run_folder_takes(path)) {
        return SNAS_OK;
    }
    if (loop_folder_kind_of(path) == LOOP_FOLDER_OTHER) {
        return snas_fail(SNAS_E_USAGE, "the folder '%s' is not empty; a run wants a new or an empty one", shown);
    }
    return loop_folder_command(mem, path, &command) == SNAS_OK
               ? snas_fail(SNAS_E_USAGE,
                           "the folder '%s' already holds a run; go on with it by 'snas %s --resume %s', or choose "
                           "another folder",
                           shown, command, shown)
               : snas_fail(SNAS_E_USAGE, "the folder '%s' already holds a run; choose another folder", shown);
}

snas_status snas_run_folder_complete(const char *command, const char *path)
{
    char shown[1024];
    if (loop_folder_kind_of(path) != LOOP_FOLDER_HALF_MADE) {
        return SNAS_OK;
    }
    snas_printable(shown, sizeof shown, path);
    return snas_fail(SNAS_E_USAGE,
                     "the run '%s' was stopped before its start was complete: there is nothing to go on with; begin it "
                     "anew by 'snas %s CONFIG --out %s'",
                     shown, command, shown);
}
