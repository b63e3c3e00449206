/* evaluate.c -- `snas eval`: accuracy of trained weights on the test pictures.
 *
 * Our own weights say what network they belong to, and how their pictures were normalised; weights from elsewhere need
 * the genotype, and take C and L from the config's train section.
 */
#include <string.h>

#include "accuracy.h"
#include "child_file.h"
#include "run_data.h"
#include "train.h"

/* The network that the file belongs to, and the normalisation of its pictures. */
static snas_status describe(snas_arena *mem, const snas_config *config, const char *path,
                            const snas_tensor_file *file, const snas_genotype *given,
                            snas_genotype *genotype, run_child *child)
{
    bool found;
    SNAS_TRY(run_child_parse(mem, path, file, &found, child, genotype));
    if (given != NULL) {
        *genotype = *given;
        if (!found) {
            *child = (run_child){.channels = config->train.channels, .cells = config->train.cells};
        }
        return SNAS_OK;
    }
    return found
               ? SNAS_OK
               : snas_fail(
                     SNAS_E_USAGE,
                     "the weights '%s' do not say which network they belong to; give its genotype",
                     path);
}

/* Pictures as the weights know them. */
static snas_status fit_dataset(const run_child *child, const char *path, snas_dataset *dataset)
{
    if (child->classes == 0) {
        return SNAS_OK;
    }
    if (child->classes != dataset->classes || child->side != dataset->test.side) {
        return snas_fail(SNAS_E_USAGE,
                         "the weights '%s' are for %d classes and pictures of side %d; the data "
                         "set '%s' has %d and %d",
                         path, child->classes, child->side, dataset->name, dataset->classes,
                         dataset->test.side);
    }
    memcpy(dataset->mean, child->mean, sizeof child->mean);
    memcpy(dataset->deviation, child->deviation, sizeof child->deviation);
    return SNAS_OK;
}

static snas_status measure(snas_arena *mem, const snas_config *config,
                           const snas_run_options *options, const snas_dataset *dataset,
                           snas_network *network, run_accuracy *out)
{
    snas_selection test;
    snas_loader loader;
    run_watch watch = run_watch_make(options);
    run_judged judged = {.phase = "test", .network = network, .loader = &loader};
    SNAS_TRY(snas_selection_all(mem, &dataset->test, &test));
    SNAS_TRY(snas_loader_create(mem, dataset, test, (snas_augment){0}, false, config->seed,
                                config->train.batch, &loader));
    SNAS_TRY(run_pictures_create(mem, config->train.batch, dataset->test.side, &judged.pictures));
    return run_accuracy_measure(&judged, &watch, out);
}

snas_status snas_evaluate(snas_arena *mem, const snas_config *config, const char *weights,
                          const snas_genotype *genotype, const snas_run_options *options,
                          snas_evaluated *out)
{
    snas_tensor_file file;
    snas_genotype taken;
    run_child child;
    snas_dataset dataset;
    SNAS_TRY(snas_safetensors_load(mem, weights, &file));
    SNAS_TRY(describe(mem, config, weights, &file, genotype, &taken, &child));
    SNAS_TRY(run_data_open(mem, &config->data, &dataset));
    SNAS_TRY(fit_dataset(&child, weights, &dataset));

    snas_train_config settings = config->train;
    settings.channels = child.channels;
    settings.cells = child.cells;
    const snas_network_spec spec = run_train_spec(&settings, &taken, &dataset);
    snas_network_options how = run_train_options(&settings, options);
    how.training = false;
    snas_network *network;
    snas_count size, *none = NULL;
    SNAS_TRY(snas_network_create(mem, &options->team, &spec, &how, &network));
    SNAS_TRY(snas_network_load(network, &file, "", true));
    SNAS_TRY(snas_network_count(mem, &spec, &size, &none));

    run_accuracy test;
    SNAS_TRY(measure(mem, config, options, &dataset, network, &test));
    *out = (snas_evaluated){.loss = test.loss,
                            .accuracy = test.accuracy,
                            .accuracy_top5 = test.accuracy_top5,
                            .images = (int)test.images,
                            .parameters = size.parameters,
                            .macs = size.macs};
    return SNAS_OK;
}
