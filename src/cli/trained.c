/* trained.c -- the weights that RUN|WEIGHTS names: of a run folder those of its training, else the file itself. */
#include "trained.h"

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
