/* memory.c -- pictures of one size that are held in memory: reading one is pointing at it. */
#include "parts.h"

static const uint8_t *pixels_of(const snas_pictures *pictures, int i)
{
    const int64_t size = (int64_t)pictures->side * pictures->side * pictures->channels;
    return pictures->pixels + i * size;
}

static snas_status read(const snas_pictures *pictures, int i, snas_arena *scratch, snas_picture *out)
{
    (void)scratch;
    *out = (snas_picture){.height = pictures->side, .width = pictures->side, .pixels = pixels_of(pictures, i)};
    return SNAS_OK;
}

static snas_status prepare(const snas_pictures *pictures, const data_task *task, snas_arena *scratch, float *to)
{
    (void)scratch;
    data_augment(task->augment, task->normal, task->rng, pictures->side, pixels_of(pictures, task->index), to);
    return SNAS_OK;
}

snas_pictures data_pictures_in_memory(int count, int side, const uint8_t *pixels, const int *labels)
{
    return (snas_pictures){.count = count,
                           .side = side,
                           .channels = 3,
                           .labels = labels,
                           .pixels = pixels,
                           .read = read,
                           .prepare = prepare};
}
