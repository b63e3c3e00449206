/* trained.c -- the weights that RUN|WEIGHTS names: of a run folder those of its training, else the file itself; and
 * their config. */
#include "trained.h"

#include <string.h>

#include "snas/base/file.h"
#include "snas/base/text.h"

snas_status cli_trained_weights(snas_arena *mem, const char *target, cli_trained_which which, const char **out)
{
    const bool is_run = snas_folder_is(target);
    *out = is_run ? snas_format(mem, "%s/weights-%s%s.safetensors", target, which.average ? "average-" : "",
                                which.last ? "last" : "best")
                  : target;
    SNAS_TRY(snas_taken(*out));
    if (snas_file_is(*out)) {
        return SNAS_OK;
    }
    return is_run ? snas_fail(SNAS_E_IO, "no trained weights in '%s': '%s' is missing", target, *out)
                  : snas_fail(SNAS_E_IO, "no file '%s'", *out);
}

snas_status cli_trained_folder(snas_arena *mem, const char *target, const char **out)
{
    const char *slash = strrchr(target, '/');
    *out = snas_folder_is(target) ? target
           : slash == NULL        ? "."
                                  : snas_format(mem, "%.*s", (int)(slash - target), target);
    return snas_taken(*out);
}

snas_status cli_trained_config_load(snas_arena *mem, const cli_trained_config *from, snas_config *out)
{
    const char *beside = snas_format(mem, "%s/config.json", from->folder);
    SNAS_TRY(snas_taken(beside));
    const char *file = from->config != NULL ? from->config : snas_file_is(beside) ? beside : NULL;
    return snas_config_load(mem, file, from->sets->items, from->sets->count, out);
}
