/* cmd_train.c -- `snas train`: train the child of a genotype from the start. */
#include "frame.h"

#include <math.h>

#include "loop_pace.h"
#include "snas/comm/comm.h"
#include "snas/train/train.h"

typedef struct {
    cli_loop loop;
    const char *genotype;
} values;

static const cli_option OPTIONS[] = {
    LOOP_OPTIONS(values, loop),
    TEXT("genotype", "FILE|NAME|LINE", values, genotype, "the architecture: a file, a built-in one, or the line of one",
         .in_forms = LOOP_NEW, .required = true),
    OPTIONS_END,
};

/* What the training has come to, and what comes next. */
static void say_end(cli_session *session, const char *folder)
{
    const double *figures = session->figures;
    if (session->has_figures && isfinite(figures[CLI_TEST])) {
        cli_say(session, "trained: test accuracy %.2f %%, best %.2f %%", 100 * figures[CLI_TEST],
                100 * figures[CLI_BEST]);
    }
    cli_say_next(session, "train", folder);
}

static snas_status train(cli_session *session, const void *opaque)
{
    const values *v = opaque;
    const bool resume = v->loop.resume != NULL;
    if (resume && v->genotype != NULL) {
        return snas_comm_agree(
            snas_fail(SNAS_E_USAGE, "--resume goes by the run's own genotype, found --genotype beside it"));
    }
    if (!resume && v->loop.config != NULL && v->genotype == NULL) {
        return snas_comm_agree(snas_fail(SNAS_E_USAGE, "no --genotype FILE|NAME|LINE given\nsee 'snas help train'"));
    }
    snas_config config;
    snas_run_options options;
    snas_genotype genotype;
    if (v->genotype != NULL) {
        SNAS_TRY(snas_comm_agree(snas_genotype_load(session->mem, v->genotype, &genotype)));
    }
    SNAS_TRY(cli_loop_open(session, "train", &v->loop, &config, &options));
    const cli_asked asked = {.command = "train", .loop = &v->loop, .genotype = &genotype};
    SNAS_TRY(cli_loop_hours(session, &asked, &options, &config));
    if (v->loop.dry_run) {
        return cli_loop_dry_run(session, &asked, &options, &config);
    }
    const snas_status status =
        resume ? snas_train_resume(&config, &options) : snas_train_start(&config, &genotype, &options);
    if (status == SNAS_OK) {
        say_end(session, options.folder);
    }
    return cli_loop_close(session, "train", &v->loop, &options, status);
}

const cli_command cli_train = {
    .name = "train",
    .brief = "train the network of a genotype",
    .examples = "  snas train my.json --genotype runs/first/genotype.json --out runs/child\n"
                "  snas train configs/cifar10-paper.json --genotype DARTS_V2\n"
                "  snas train --resume runs/child\n",
    .forms = cli_loop_forms,
    .more = LOOP_SIGNALS "`snas info genotype` lists the built-in architectures.\n",
    .less_memory = "less memory is needed with a smaller --set train.batch=N or train.micro_batch=N, with "
                   "--set train.recompute=true and with fewer --threads; --dry-run says how much",
    .options = OPTIONS,
    .values_size = sizeof(values),
    .many = true,
    .run = train,
};
