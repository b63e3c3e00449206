/* page_numbers.c -- figures as people read them, and what every figure of the metrics is called. */
#include "page_numbers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"

const page_chart_row page_chart_rows[PAGE_CHARTS] = {
    [PAGE_CHART_LOSS] = {"Loss", "cross entropy", "Training: mean over the epoch's pictures, as augmented.", PAGE_LOSS},
    [PAGE_CHART_CHILD_LOSS] = {"Loss of the child", "cross entropy",
                               "With inherited weights and running statistics, which belong to the supernet: it may be "
                               "large.",
                               PAGE_LOSS},
    [PAGE_CHART_ACCURACY] = {"Accuracy", "per cent", "Higher is better; a blind guess has 1 / classes.", PAGE_SHARE},
    [PAGE_CHART_ENTROPY] = {"Entropy of the probabilities", "nats",
                            "Mean over the edges. It begins near log(candidates) and falls as candidates win.",
                            PAGE_REAL},
    [PAGE_CHART_TEMPERATURE] = {"Temperature", "tau", "Of the draws, after the last step of the epoch.", PAGE_REAL},
    [PAGE_CHART_RESOURCE] = {"Resource term R", "R", "Of the draws, and of the probabilities.", PAGE_REAL},
    [PAGE_CHART_LAMBDA] = {"Lambda times R", "nats",
                           "What the resource term weighs beside the loss; added to it unless it is only reported.",
                           PAGE_REAL},
    [PAGE_CHART_WEIGHT] = {"Lambda", "lambda", "The weight of the resource term.", PAGE_REAL},
    [PAGE_CHART_BUDGET] = {"Use of the budget", "per cent",
                           "What the network that train builds costs: under the probabilities, and with the likeliest "
                           "cell within the budgets.",
                           PAGE_SHARE},
    [PAGE_CHART_MULTIPLIER] = {"Multipliers of the budgets", "nats", "The price of the whole budget in the loss.",
                               PAGE_REAL},
    [PAGE_CHART_PARAMETERS] = {"Parameters", "weights that are trained",
                               "Of the child with the search's C and L, and under the probabilities.", PAGE_COUNT},
    [PAGE_CHART_MACS] = {"Multiply-adds", "a picture",
                         "Of the child with the search's C and L, and under the probabilities.", PAGE_COUNT},
    [PAGE_CHART_REWARD] = {"Reward", "reward", "What the drawn paths have earned, mean over the epoch.", PAGE_REAL},
    [PAGE_CHART_CELLS] = {"Skips and nones", "edges", "Edges whose likeliest candidate has no weights.", PAGE_COUNT},
    [PAGE_CHART_RANK] = {"Rank in the table of known accuracies", "rank", "1 is the best cell of the space.",
                         PAGE_COUNT},
    [PAGE_CHART_RATE] = {"Learning rate", "rate", "Of the weights; and of the logits where a rule sets it.", PAGE_REAL},
    [PAGE_CHART_DROP_PATH] = {"Drop path", "probability", "That a path is left out in a step.", PAGE_REAL},
};

const page_figure_row page_figure_rows[] = {
    {"train_loss", "training", PAGE_LOSS, PAGE_CHART_LOSS},
    {"validation_loss", "supernet, validation", PAGE_LOSS, PAGE_CHART_LOSS},
    {"child_loss", "child", PAGE_LOSS, PAGE_CHART_CHILD_LOSS},
    {"train_auxiliary_loss", "auxiliary classifier", PAGE_LOSS, PAGE_CHART_LOSS},
    {"test_loss", "test", PAGE_LOSS, PAGE_CHART_LOSS},
    {"average_loss", "test, averaged weights", PAGE_LOSS, PAGE_CHART_LOSS},
    {"train_accuracy", "training", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"validation_accuracy", "supernet, validation", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"child_accuracy", "child, inherited weights", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"ranked_accuracy", "best ranked cell", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"known_accuracy", "known accuracy", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"test_accuracy", "test", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"average_accuracy", "test, averaged weights", PAGE_SHARE, PAGE_CHART_ACCURACY},
    {"test_accuracy_top5", "test, among five guesses", PAGE_SHARE, PAGE_CHARTS},
    {"average_accuracy_top5", "averaged, among five guesses", PAGE_SHARE, PAGE_CHARTS},
    {"best_accuracy", "best test accuracy", PAGE_SHARE, PAGE_CHARTS},
    {"average_best_accuracy", "best of the averaged", PAGE_SHARE, PAGE_CHARTS},
    {"entropy_normal", "normal cell", PAGE_REAL, PAGE_CHART_ENTROPY},
    {"entropy_reduce", "reduction cell", PAGE_REAL, PAGE_CHART_ENTROPY},
    {"entropy_cell", "cell", PAGE_REAL, PAGE_CHART_ENTROPY},
    {"temperature", "tau", PAGE_REAL, PAGE_CHART_TEMPERATURE},
    {"penalty", "of the draws", PAGE_REAL, PAGE_CHART_RESOURCE},
    {"expected_penalty", "of the probabilities", PAGE_REAL, PAGE_CHART_RESOURCE},
    {"lambda_penalty", "lambda R", PAGE_REAL, PAGE_CHART_LAMBDA},
    {"lambda", "lambda", PAGE_REAL, PAGE_CHART_WEIGHT},
    {"budget_parameters_expected_share", "parameters, expected", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_parameters_child_share", "parameters, cell", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_macs_expected_share", "multiply-adds, expected", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_macs_child_share", "multiply-adds, cell", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_latency_ms_expected_share", "latency, expected", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_latency_ms_child_share", "latency, cell", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_flash_bytes_expected_share", "flash, expected", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_flash_bytes_child_share", "flash, cell", PAGE_SHARE, PAGE_CHART_BUDGET},
    {"budget_parameters_multiplier", "parameters", PAGE_REAL, PAGE_CHART_MULTIPLIER},
    {"budget_macs_multiplier", "multiply-adds", PAGE_REAL, PAGE_CHART_MULTIPLIER},
    {"budget_latency_ms_multiplier", "latency", PAGE_REAL, PAGE_CHART_MULTIPLIER},
    {"budget_flash_bytes_multiplier", "flash", PAGE_REAL, PAGE_CHART_MULTIPLIER},
    {"child_parameters", "child", PAGE_COUNT, PAGE_CHART_PARAMETERS},
    {"expected_parameters", "expected", PAGE_COUNT, PAGE_CHART_PARAMETERS},
    {"child_macs", "child", PAGE_COUNT, PAGE_CHART_MACS},
    {"expected_macs", "expected", PAGE_COUNT, PAGE_CHART_MACS},
    {"reward", "reward", PAGE_REAL, PAGE_CHART_REWARD},
    {"skips_normal", "skips, normal", PAGE_COUNT, PAGE_CHART_CELLS},
    {"skips_reduce", "skips, reduction", PAGE_COUNT, PAGE_CHART_CELLS},
    {"skips_cell", "skips", PAGE_COUNT, PAGE_CHART_CELLS},
    {"nones_normal", "nones, normal", PAGE_COUNT, PAGE_CHART_CELLS},
    {"nones_reduce", "nones, reduction", PAGE_COUNT, PAGE_CHART_CELLS},
    {"nones_cell", "nones", PAGE_COUNT, PAGE_CHART_CELLS},
    {"known_rank", "rank", PAGE_COUNT, PAGE_CHART_RANK},
    {"learning_rate", "weights", PAGE_REAL, PAGE_CHART_RATE},
    {"logit_rate", "logits", PAGE_REAL, PAGE_CHART_RATE},
    {"drop_path", "drop path", PAGE_REAL, PAGE_CHART_DROP_PATH},
    {"epoch", "epoch", PAGE_COUNT, PAGE_CHARTS},
    {"step", "step", PAGE_COUNT, PAGE_CHARTS},
    {"best_epoch", "best epoch", PAGE_COUNT, PAGE_CHARTS},
    {"average_best_epoch", "best epoch of the averaged", PAGE_COUNT, PAGE_CHARTS},
    {NULL, NULL, PAGE_REAL, PAGE_CHARTS},
};

const page_figure_row *page_figure_find(const char *name)
{
    for (const page_figure_row *row = page_figure_rows; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

/* 1234567 as 1,234,567. */
static const char *grouped(snas_arena *mem, double value)
{
    char digits[32];
    snas_text text = snas_text_make(mem);
    const int length = snprintf(digits, sizeof digits, "%.0f", fabs(value));
    snas_text_add(&text, "%s", value < 0 ? "-" : "");
    for (int i = 0; i < length; i++) {
        snas_text_add(&text, i > 0 && (length - i) % 3 == 0 ? ",%c" : "%c", digits[i]);
    }
    return text.failed ? NULL : text.data;
}

static const char *count(snas_arena *mem, double value)
{
    const double size = fabs(value);
    return size >= 1e9                                       ? snas_format(mem, "%.2f G", value / 1e9)
           : size >= 1e6                                     ? snas_format(mem, "%.2f M", value / 1e6)
           : size < 1e-9                                     ? "0"
           : fabs(value - round(value)) > 1e-9 && size < 1e3 ? snas_format(mem, "%.1f", value)
                                                             : grouped(mem, value);
}

static const char *seconds(snas_arena *mem, double value)
{
    const long long whole = llround(value);
    return value < 100    ? snas_format(mem, "%.1f s", value)
           : value < 5400 ? snas_format(mem, "%lld min %02lld s", whole / 60, whole % 60)
                          : snas_format(mem, "%lld h %02lld min", whole / 3600, whole % 3600 / 60);
}

static const char *loss(snas_arena *mem, double value)
{
    return snas_format(mem, fabs(value) < 1e5 ? "%.4f" : "%.3e", value);
}

static const char *real(snas_arena *mem, double value)
{
    return snas_format(mem, "%.4g", value);
}

static const char *share(snas_arena *mem, double value)
{
    return snas_format(mem, "%.2f %%", 100 * value);
}

static const char *bytes(snas_arena *mem, double value)
{
    const double MiB = value / (1 << 20);
    return MiB >= 10240 ? snas_format(mem, "%.1f GiB", MiB / 1024) : snas_format(mem, "%.0f MiB", MiB);
}

const char *page_capital(snas_arena *mem, const char *text)
{
    const bool small = text[0] >= 'a' && text[0] <= 'z';
    return small ? snas_format(mem, "%c%s", text[0] - 'a' + 'A', text + 1) : text;
}

const char *page_number(snas_arena *mem, page_kind kind, double value)
{
    static const char *(*const writers[])(snas_arena *, double) = {
        [PAGE_SHARE] = share, [PAGE_REAL] = real,       [PAGE_LOSS] = loss,
        [PAGE_COUNT] = count, [PAGE_SECONDS] = seconds, [PAGE_BYTES] = bytes};
    return writers[kind](mem, value);
}
