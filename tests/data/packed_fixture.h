/* packed_fixture.h -- one packed file of a test, opened as a training of 16 pixels would. */
#ifndef PACKED_FIXTURE_H
#define PACKED_FIXTURE_H

#include "arena_fixture.h"
#include "check.h"
#include "parts.h"
#include "snas/base/status.h"

static const char *path; /* of the file; set by the test's setup */

static snas_dataset_request request(void)
{
    return (snas_dataset_request){.path = path, .photo = {.side = 16, .shorter = 20, .least_area = 0.08}};
}

static snas_dataset open_set(void)
{
    const snas_dataset_request r = request();
    snas_dataset set;
    assert_ok(data_packed_open(mem, &r, &set));
    return set;
}

static void assert_refused(snas_status status, const char *part)
{
    const snas_dataset_request r = request();
    snas_dataset set;
    assert_fails(data_packed_open(mem, &r, &set), status, part);
}

#endif
