/* loop_pace.c -- how long a run would take, and the epochs that fit into the hours that are asked for. */
#include "loop_pace.h"

#include <stdlib.h>
#include <string.h>

#include "snas/base/text.h"
#include "snas/config/schema.h"

static snas_status measure(const cli_asked *asked, const snas_run_options *options, const snas_config *config,
                           snas_estimate *estimate, snas_pace *pace)
{
    SNAS_TRY(asked->genotype == NULL ? snas_search_estimate(config, options, estimate)
                                     : snas_train_estimate(config, asked->genotype, options, estimate));
    return snas_pace_measure(config, asked->genotype, options, estimate, pace);
}

snas_status cli_hours_take(const char *text, const cli_list *sets, const char *command, double *out)
{
    char *end;
    *out = strtod(text, &end);
    if (end == text || *end != 0 || !(*out > 0.0 && *out <= 1e6)) {
        return snas_fail(SNAS_E_USAGE, "--hours: found '%s', allowed a number above 0, to 1000000", text);
    }
    for (int i = 0; i < sets->count; i++) {
        const size_t length = strlen(command);
        if (strncmp(sets->items[i], command, length) == 0 && snas_starts(sets->items[i] + length, ".epochs=")) {
            return snas_fail(SNAS_E_USAGE, "--hours chooses %s.epochs, found --set '%s' beside it", command,
                             sets->items[i]);
        }
    }
    return SNAS_OK;
}

/* The config of the run with another number of epochs. */
static snas_status load_again(snas_arena *mem, const cli_asked *asked, int epochs, snas_config *config)
{
    const cli_list *sets = &asked->loop->sets;
    const char **all;
    SNAS_NEW(mem, all, sets->count + 1);
    for (int i = 0; i < sets->count; i++) {
        all[i] = sets->items[i];
    }
    all[sets->count] = snas_format(mem, "%s.epochs=%d", asked->command, epochs);
    SNAS_TRY(snas_taken(all[sets->count]));
    return snas_config_load(mem, asked->loop->config, all, sets->count + 1, config);
}

snas_status cli_loop_hours(cli_session *session, const cli_asked *asked, const snas_run_options *options,
                           snas_config *config)
{
    snas_estimate estimate;
    snas_pace pace;
    double hours;
    if (asked->loop->hours == NULL) {
        return SNAS_OK;
    }
    SNAS_TRY(cli_hours_take(asked->loop->hours, &asked->loop->sets, asked->command, &hours));
    SNAS_TRY(measure(asked, options, config, &estimate, &pace));
    if (!pace.known) {
        return snas_fail(SNAS_E_MEMORY, "--hours: no step could be timed, the run would not fit into the memory that "
                                        "is free; '--dry-run' says what it needs");
    }
    const char *path = snas_format(session->mem, "%s.epochs", asked->command);
    SNAS_TRY(snas_taken(path));
    const int most = (int)snas_config_keys[snas_config_key_find(path)].maximum;
    const int epochs = snas_pace_epochs(&pace, hours, most);
    cli_say(session, "an epoch takes %.1f seconds, so %s.epochs is %d: %.2f hours", pace.epoch, asked->command, epochs,
            snas_pace_hours(&pace, epochs));
    return load_again(session->mem, asked, epochs, config);
}

snas_status cli_loop_dry_run(cli_session *session, const cli_asked *asked, const snas_run_options *options,
                             const snas_config *config)
{
    const int epochs = asked->genotype == NULL ? config->search.epochs : config->train.epochs;
    snas_estimate estimate;
    snas_pace pace;
    snas_text text = snas_text_make(session->mem);
    SNAS_TRY(measure(asked, options, config, &estimate, &pace));
    SNAS_TRY(cli_loop_estimate(session, asked->loop, &estimate, &text));
    if (asked->loop->json) {
        const double values[] = {pace.step, pace.epoch, snas_pace_hours(&pace, epochs)};
        static const char *const keys[] = {"step_seconds", "epoch_seconds", "hours"};
        for (int i = 0; i < 3; i++) {
            snas_text_add(&text, ", \"%s\": ", keys[i]);
            if (pace.known) {
                snas_text_add_real(&text, values[i]);
            } else {
                snas_text_add(&text, "null");
            }
        }
        snas_text_add(&text, "}\n");
    } else if (pace.known) {
        snas_text_add(&text,
                      "%-18s %14.3f s, measured\n%-18s %14.1f s, with what judges it\n%-18s %14.2f for %d epochs\n",
                      "a step", pace.step, "an epoch", pace.epoch, "hours", snas_pace_hours(&pace, epochs), epochs);
    } else {
        snas_text_add(&text, "%-18s %14s: it would not fit into the memory that is free\n", "hours", "not measured");
    }
    return cli_print_text(session, &text);
}
