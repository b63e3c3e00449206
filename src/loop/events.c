/* events.c -- event files written: rows, pictures and the config as records, appended at every save. */
#include "snas/loop/events.h"

#include <math.h>
#include <string.h>

#include "event_tags.h"
#include "events_before.h"
#include "snas/base/clock.h"
#include "snas/format/image.h"
#include "snas/format/tfrecord.h"

static const size_t picture_most = (size_t)1 << 24;

/* Numbers of the fields that are written, a message a line. */
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION = 7 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_NUMBER = 2, VALUE_IMAGE = 4, VALUE_TENSOR = 8, VALUE_METADATA = 9 };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH = 2, IMAGE_COLOURS = 3, IMAGE_PNG = 4 };
enum { METADATA_PLUGIN = 1, METADATA_CLASS = 4, PLUGIN_NAME = 1 };
enum { TENSOR_TYPE = 1, TENSOR_SHAPE = 2, TENSOR_STRING = 8 };
enum { SESSION_STATUS = 1 };
/* Values that have a name there: RGB, a string, a tensor, the start of a process. */
enum { COLOURS_RGB = 3, TYPE_STRING = 7, CLASS_TENSOR = 2, STATUS_START = 1 };

/* --- records ------------------------------------------------------------------------------------------------------ */

static snas_protobuf event_at(snas_arena *scratch, int64_t step)
{
    snas_protobuf event = snas_protobuf_make(scratch);
    snas_protobuf_double(&event, EVENT_WALL_TIME, snas_clock_since_1970());
    if (step > 0) {
        snas_protobuf_int(&event, EVENT_STEP, step);
    }
    return event;
}

/* A value of a summary is open: its tag stands there. */
static snas_protobuf_nested open_value(snas_protobuf *event, const char *tag)
{
    const snas_protobuf_nested value = snas_protobuf_open(event, SUMMARY_VALUE);
    snas_protobuf_text(event, VALUE_TAG, tag);
    return value;
}

/* A text, which the plugin of that name shows as Markdown: indented lines are shown as they are. */
static void add_text(snas_protobuf *event, const char *tag, const char *text)
{
    snas_text indented = snas_text_make(event->small.mem);
    for (const char *at = text; *at != '\0';) {
        const size_t size = strcspn(at, "\n");
        snas_text_add(&indented, "    %.*s\n", (int)size, at);
        at += size + (at[size] == '\n');
    }
    const snas_protobuf_nested value = open_value(event, tag);
    const snas_protobuf_nested metadata = snas_protobuf_open(event, VALUE_METADATA);
    const snas_protobuf_nested plugin = snas_protobuf_open(event, METADATA_PLUGIN);
    snas_protobuf_text(event, PLUGIN_NAME, "text");
    snas_protobuf_close(event, plugin);
    snas_protobuf_int(event, METADATA_CLASS, CLASS_TENSOR);
    snas_protobuf_close(event, metadata);
    const snas_protobuf_nested tensor = snas_protobuf_open(event, VALUE_TENSOR);
    snas_protobuf_int(event, TENSOR_TYPE, TYPE_STRING);
    snas_protobuf_close(event, snas_protobuf_open(event, TENSOR_SHAPE)); /* no dimension: one string */
    snas_protobuf_text(event, TENSOR_STRING, indented.data);
    snas_protobuf_close(event, tensor);
    snas_protobuf_close(event, value);
    event->failed = event->failed || indented.failed;
}

/* --- what stands at the beginning of a file ----------------------------------------------------------------------- */

static void add_version(snas_arena *scratch, snas_events *events)
{
    snas_protobuf event = event_at(scratch, 0);
    snas_protobuf_text(&event, EVENT_VERSION, "brain.Event:2");
    snas_tfrecord_add(&events->records, &event);
}

/* Steps from here on are told by this process: who has read them from another one forgets them. TensorBoard does so
 * from the second start on that it sees, so the first process tells its own too. */
static void add_start(snas_arena *scratch, snas_events *events)
{
    snas_protobuf event = event_at(scratch, events->first + 1);
    const snas_protobuf_nested session = snas_protobuf_open(&event, EVENT_SESSION);
    snas_protobuf_int(&event, SESSION_STATUS, STATUS_START);
    snas_protobuf_close(&event, session);
    snas_tfrecord_add(&events->records, &event);
}

static void begin(snas_arena *scratch, snas_events *events)
{
    if (events->begun) {
        return;
    }
    events->begun = true;
    add_version(scratch, events);
    add_start(scratch, events);
}

static void add_config(snas_arena *scratch, snas_events *events, const snas_events_start *start)
{
    const snas_mark mark = snas_arena_mark(scratch);
    begin(scratch, events);
    snas_protobuf event = event_at(scratch, start->step);
    const snas_protobuf_nested summary = snas_protobuf_open(&event, EVENT_SUMMARY);
    add_text(&event, "config", start->config);
    snas_protobuf_close(&event, summary);
    snas_tfrecord_add(&events->records, &event);
    snas_arena_release(scratch, mark);
}

/* --- open --------------------------------------------------------------------------------------------------------- */

/* The rows that come after the last one that is there. */
static snas_status take_up(snas_arena *scratch, snas_events *events, const char *rows)
{
    for (const char *at = rows; *at != '\0';) {
        const size_t size = strcspn(at, "\n");
        snas_metrics_row row;
        SNAS_TRY(snas_metrics_row_parse(scratch, "metrics.jsonl", at, size, &row));
        const snas_metrics_figure *step = snas_metrics_row_find(&row, "step");
        if (step != NULL && step->value > (double)events->last) {
            snas_events_row(scratch, events, &row);
        }
        at += size + (at[size] == '\n');
    }
    return SNAS_OK;
}

static snas_status open_files(snas_arena *mem, snas_arena *scratch, const snas_events_start *start, snas_events *out)
{
    events_before before;
    out->folder = snas_format(mem, "%s/" SNAS_EVENTS_FOLDER, start->folder);
    SNAS_TRY(snas_taken(out->folder));
    SNAS_TRY(snas_link_refuse(out->folder));
    SNAS_TRY(events_before_cut(scratch, out->folder, start->step, &before));
    const int64_t now = (int64_t)snas_clock_since_1970();
    out->path = events_file_name(mem, out->folder, now > before.newest ? now : before.newest + 1);
    SNAS_TRY(snas_taken(out->path));
    out->last = before.last;
    if (before.last < 0 || start->has_changed) {
        add_config(scratch, out, start);
    }
    return take_up(scratch, out, start->rows);
}

snas_status snas_events_open(snas_arena *mem, snas_arena *scratch, const snas_events_start *start, snas_events *out)
{
    *out = (snas_events){.wanted = true, .records = snas_text_make(mem), .first = start->step, .last = -1};
    snas_status status = open_files(mem, scratch, start, out);
    status = status == SNAS_OK ? snas_text_done(&out->records) : status;
    if (status != SNAS_OK) {
        *out = (snas_events){0};
    }
    return status;
}

/* --- an epoch ----------------------------------------------------------------------------------------------------- */

static void add_scalars(snas_protobuf *event, const snas_metrics_row *row)
{
    for (int i = 0; i < row->count; i++) {
        const snas_metrics_figure *figure = &row->figures[i];
        if (isfinite(figure->value) && strcmp(figure->name, "step") != 0) {
            const snas_protobuf_nested value = open_value(event, event_tag(figure->name).text);
            snas_protobuf_float(event, VALUE_NUMBER, (float)figure->value);
            snas_protobuf_close(event, value);
        }
    }
}

void snas_events_row(snas_arena *scratch, snas_events *events, const snas_metrics_row *row)
{
    if (!events->wanted) {
        return;
    }
    const snas_mark mark = snas_arena_mark(scratch);
    const snas_metrics_figure *step = snas_metrics_row_find(row, "step");
    begin(scratch, events);
    events->last = step == NULL ? 0 : (int64_t)step->value;
    events->shows = true;
    snas_protobuf event = event_at(scratch, events->last);
    const snas_protobuf_nested summary = snas_protobuf_open(&event, EVENT_SUMMARY);
    add_scalars(&event, row);
    if (row->genotype != NULL) {
        add_text(&event, "genotype", row->genotype);
    }
    snas_protobuf_close(&event, summary);
    snas_tfrecord_add(&events->records, &event);
    snas_arena_release(scratch, mark);
}

static snas_status add_picture(snas_arena *scratch, snas_events *events, const char *tag, const char *path)
{
    snas_bytes png;
    snas_image size;
    SNAS_TRY(snas_file_read(scratch, path, picture_most, &png));
    SNAS_TRY(snas_image_measure(scratch, path, png, &size));
    snas_protobuf event = event_at(scratch, events->last);
    const snas_protobuf_nested summary = snas_protobuf_open(&event, EVENT_SUMMARY);
    const snas_protobuf_nested value = open_value(&event, tag);
    const snas_protobuf_nested image = snas_protobuf_open(&event, VALUE_IMAGE);
    snas_protobuf_int(&event, IMAGE_HEIGHT, size.height);
    snas_protobuf_int(&event, IMAGE_WIDTH, size.width);
    snas_protobuf_int(&event, IMAGE_COLOURS, COLOURS_RGB);
    snas_protobuf_borrow(&event, IMAGE_PNG, png);
    snas_protobuf_close(&event, image);
    snas_protobuf_close(&event, value);
    snas_protobuf_close(&event, summary);
    snas_tfrecord_add(&events->records, &event);
    return SNAS_OK;
}

snas_status snas_events_picture(snas_arena *scratch, snas_events *events, const char *tag, const char *path)
{
    if (!events->wanted || !snas_file_is(path)) {
        return SNAS_OK;
    }
    const snas_mark mark = snas_arena_mark(scratch);
    const snas_status status = add_picture(scratch, events, tag, path);
    snas_arena_release(scratch, mark);
    return status;
}

/* --- save --------------------------------------------------------------------------------------------------------- */

snas_status snas_events_save(snas_events *events)
{
    snas_text *records = &events->records;
    if (!events->wanted || records->size == 0) {
        return SNAS_OK;
    }
    SNAS_TRY(snas_text_done(records));
    SNAS_TRY(snas_folder_make(events->folder));
    if (events->torn) {
        SNAS_TRY(snas_file_cut(events->path, events->size));
    }
    events->torn = true;
    SNAS_TRY(snas_file_append_bytes_nofollow(events->path, (snas_bytes){.data = records->data, .size = records->size}));
    events->torn = false;
    events->size += (int64_t)records->size;
    records->size = 0;
    records->data[0] = '\0';
    return SNAS_OK;
}
