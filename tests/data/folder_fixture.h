/* folder_fixture.h -- a folder of pictures of its own for every test: made piece by piece, opened, refused. */
#ifndef SNAS_TESTS_FOLDER_FIXTURE_H
#define SNAS_TESTS_FOLDER_FIXTURE_H

#include <stdio.h>

#include "check.h"
#include "parts.h"
#include "scratch.h"
#include "snas/base/file.h"
#include "snas/base/text.h"
#include "snas/format/png.h"
#include "two_arenas_fixture.h"

enum { SIDE = 16, SHORTER = 20, SIZE = SIDE * SIDE * 3 };

static char root[512];

/* A fresh root for every test. */
static inline int setup(void **state)
{
    static int roots;
    char name[32];
    snprintf(name, sizeof name, "root%d", roots++);
    snprintf(root, sizeof root, "%s", scratch_path(name));
    return arenas_setup(state);
}

static inline const char *at(const char *name)
{
    return snas_format(mem, "%s/%s", root, name);
}

static inline void make_folder(const char *name)
{
    assert_ok(snas_folder_make(at(name)));
}

/* A picture with a gradient that starts at `light`. */
static inline void make_picture(const char *name, int width, int height, int light)
{
    snas_raster picture;
    assert_ok(snas_raster_create(mem, width, height, &picture));
    for (int i = 0; i < width * height * 3; i++) {
        picture.rgb[i] = (uint8_t)(light + i / 3 % width + i / 3 / width);
    }
    assert_ok(snas_png_save(mem, at(name), &picture));
}

static inline void make_text(const char *name)
{
    assert_ok(snas_file_replace_text(at(name), "this is no picture"));
}

/* Two classes, three training pictures and a test picture each, of all shapes; class "b" comes before "c". */
static inline void make_set(void)
{
    static const char *const FOLDERS[] = {"train/c", "train/b", "val/b", "val/c"};
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0]; i++) {
        make_folder(FOLDERS[i]);
    }
    make_picture("train/c/3.png", 30, 40, 30);
    make_picture("train/c/1.png", 50, 20, 40);
    make_picture("train/c/2.png", 24, 24, 50);
    make_picture("train/b/10.png", 20, 33, 60);
    make_picture("train/b/9.png", 31, 21, 70);
    make_picture("train/b/1.JPEG", 64, 48, 80);
    make_picture("val/b/x.png", 41, 29, 90);
    make_picture("val/c/y.png", 17, 60, 100);
    make_text("train/.hidden");
    make_text("train/readme.txt");
}

static inline snas_dataset_request request(void)
{
    return (snas_dataset_request){.path = root,
                                  .photo = {.side = SIDE, .shorter = SHORTER, .least_area = 0.08, .test_share = 0.25}};
}

static inline void assert_refused(snas_status status, const char *part)
{
    const snas_dataset_request r = request();
    snas_dataset set;
    assert_fails(data_folder_open(mem, &r, &set), status, part);
}

static inline snas_dataset open_set(bool skip)
{
    snas_dataset_request r = request();
    snas_dataset set;
    r.photo.skip_broken = skip;
    assert_ok(data_folder_open(mem, &r, &set));
    return set;
}

#endif
