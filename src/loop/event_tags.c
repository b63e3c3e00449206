/* event_tags.c -- the table of figures and tags. What begins with a word of it that ends in '_' keeps the rest. */
#include "event_tags.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "snas/base/text.h"

static const struct {
    const char *figure, *tag;
} TAGS[] = {
    {"learning_rate", "rate/weights"},
    {"logit_rate", "rate/logits"},
    {"drop_path", "rate/drop_path"},
    {"train_loss", "loss/train"},
    {"train_auxiliary_loss", "loss/train_auxiliary"},
    {"validation_loss", "loss/validation"},
    {"child_loss", "loss/child"},
    {"test_loss", "loss/test"},
    {"average_loss", "loss/average"},
    {"train_accuracy", "accuracy/train"},
    {"validation_accuracy", "accuracy/validation"},
    {"child_accuracy", "accuracy/child"},
    {"known_accuracy", "accuracy/known"},
    {"ranked_accuracy", "accuracy/ranked"},
    {"test_accuracy", "accuracy/test"},
    {"test_accuracy_top5", "accuracy/test_top5"},
    {"best_accuracy", "accuracy/best"},
    {"average_accuracy", "accuracy/average"},
    {"average_accuracy_top5", "accuracy/average_top5"},
    {"average_best_accuracy", "accuracy/average_best"},
    {"best_epoch", "epoch/best"},
    {"average_best_epoch", "epoch/average_best"},
    {"penalty", "resource/R"},
    {"lambda_penalty", "resource/lambda_R"},
    {"expected_penalty", "resource/expected_R"},
    {"expected_parameters", "cost/expected_parameters"},
    {"expected_macs", "cost/expected_multiply_adds"},
    {"child_parameters", "cost/parameters"},
    {"child_macs", "cost/multiply_adds"},
    {"entropy_", "entropy/"},
    {"skips_", "skips/"},
    {"nones_", "nones/"},
};

event_tag_name event_tag(const char *figure)
{
    event_tag_name tag;
    snprintf(tag.text, sizeof tag.text, "%s", figure);
    for (size_t i = 0; i < sizeof TAGS / sizeof TAGS[0]; i++) {
        const char *known = TAGS[i].figure;
        if (strcmp(known, figure) == 0 || (snas_ends(known, "_") && snas_starts(figure, known))) {
            snprintf(tag.text, sizeof tag.text, "%s%s", TAGS[i].tag, figure + strlen(known));
            break;
        }
    }
    return tag;
}
