/* event_tags.h -- what a figure of the metrics is called in TensorBoard. Private to the room. */
#ifndef SNAS_LOOP_EVENT_TAGS_H
#define SNAS_LOOP_EVENT_TAGS_H

enum { EVENT_TAG_BYTES = 96 };
typedef struct {
    char text[EVENT_TAG_BYTES];
} event_tag_name;

/** "train_loss" is "loss/train": TensorBoard puts what stands before the slash into one group. A figure that no rule
 *  knows keeps its name. */
event_tag_name event_tag(const char *figure);

#endif
