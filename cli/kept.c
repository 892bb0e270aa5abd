/*
 * Reading back what a finding's folder keeps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/kept.h"
#include "harness/shrink_edit.h"

#include <assert.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* A count of the object; 0 if it is none. */
static uint64_t count_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static uint32_t small_of(const json_t *object, const char *key)
{
    uint64_t value = count_of(object, key);
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static struct fl_record_shrink shrink_of(const json_t *o)
{
    return (struct fl_record_shrink){
        .operations_before = small_of(o, "operations_before"),
        .operations_after = small_of(o, "operations_after"),
        .faults_before = small_of(o, "faults_before"),
        .faults_after = small_of(o, "faults_after"),
        .preemptions_before = small_of(o, "preemptions_before"),
        .preemptions_after = small_of(o, "preemptions_after"),
        .stale_before = small_of(o, "stale_before"),
        .stale_after = small_of(o, "stale_after"),
        .replays = count_of(o, "replays"),
        .milliseconds = small_of(o, "milliseconds"),
        .complete = json_is_true(json_object_get(o, "complete")),
        .fewest_proved = json_is_true(json_object_get(o, "fewest_proved")),
    };
}

bool kept_read(struct kept *kept, const char *directory, const char *signature,
               const struct trace *trace)
{
    assert(kept != NULL && directory != NULL);
    assert(signature != NULL && trace != NULL);
    *kept = (struct kept){0};
    char path[PATH_MAX];
    int size = snprintf(path, sizeof(path), "%s/failure.json", directory);
    if (size < 0 || (size_t)size >= sizeof(path)) {
        return false;
    }
    json_t *failure = json_load_file(path, 0, NULL);
    const char *of = json_string_value(json_object_get(failure, "signature"));
    const json_t *shrink = json_object_get(failure, "shrink");
    struct kept read = {
        .schedule = count_of(failure, "schedule"),
        .schedules = count_of(failure, "schedules"),
        .shrink = shrink_of(shrink),
    };
    bool same =
        of != NULL && strcmp(of, signature) == 0 &&
        read.shrink.operations_after == edit_operations(&trace->workload) &&
        read.shrink.faults_after == trace->occurrences_count;
    if (same) {
        *kept = read;
    }
    json_decref(failure);
    return same;
}
