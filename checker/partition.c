/*
 * Splitting by sorting: operations by (key, element, index); or, where keys are
 * numbers close together, as they mostly are, by counting.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/partition.h"

#include "checker/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct place {
    fl_value key;
    fl_value element;
    uint32_t index;
};

/* The keys of a history, as a range. */
struct keys {
    fl_value least;
    uint32_t range;
};

static int compare_values(fl_value a, fl_value b)
{
    return a < b ? -1 : a > b;
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->key != b->key) {
        return compare_values(a->key, b->key);
    }
    if (a->element != b->element) {
        return compare_values(a->element, b->element);
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

/* "The next operation on the same object" of recoverable linearizability may
 * be on another element, so elements are not independent there. */
static bool splits_by_element(const struct fl_history *h,
                              enum fl_criterion criterion)
{
    return h->model->by_element && criterion != FL_RECOVERABLE;
}

static bool is_one_part(const struct fl_history *h,
                        const struct fl_options *options)
{
    if (options->whole || options->criterion == FL_PERSISTENT ||
        options->criterion == FL_SEQUENTIAL) {
        return true;
    }
    if (splits_by_element(h, options->criterion)) {
        return h->count <= 1;
    }
    if (!h->model->keyed) {
        return true;
    }
    for (uint32_t i = 1; i < h->count; i++) {
        if (h->operations[i].key != h->operations[0].key) {
            return false;
        }
    }
    return true;
}

static bool is_same_part(const struct place *a, const struct place *b)
{
    return a->key == b->key && a->element == b->element;
}

/* Whether the keys lie so close together that they can be counted. */
static bool is_dense(const struct fl_history *h, struct keys *keys)
{
    fl_value most = h->operations[0].key;
    keys->least = most;
    for (uint32_t i = 1; i < h->count; i++) {
        fl_value key = h->operations[i].key;
        keys->least = key < keys->least ? key : keys->least;
        most = key > most ? key : most;
    }
    uint64_t range = (uint64_t)most - (uint64_t)keys->least;
    keys->range = (uint32_t)(range + 1);
    return range < h->count;
}

/* Which of them the operation has. */
static uint32_t key_number(const struct keys *keys,
                           const struct fl_operation *op)
{
    return (uint32_t)((uint64_t)op->key - (uint64_t)keys->least);
}

/* The parts by key, in as many steps as there are operations and keys. */
static void count_keys(struct fl_partition *partition,
                       const struct fl_history *h, const struct keys *keys)
{
    uint32_t *indices = partition->indices.data;
    uint32_t *starts = partition->starts.data;
    uint32_t *next = partition->places.data; /* by key: where its next goes */
    assert(partition->places.size >= keys->range * sizeof(*next));
    memset(next, 0, keys->range * sizeof(*next));
    for (uint32_t i = 0; i < h->count; i++) {
        next[key_number(keys, &h->operations[i])]++;
    }
    uint32_t start = 0;
    partition->count = 0;
    for (uint32_t k = 0; k < keys->range; k++) {
        uint32_t size = next[k];
        next[k] = start;
        if (size > 0) {
            starts[partition->count++] = start;
        }
        start += size;
    }
    assert(start == h->count);
    starts[partition->count] = start;
    for (uint32_t i = 0; i < h->count; i++) {
        indices[next[key_number(keys, &h->operations[i])]++] = i;
    }
}

bool fl_partition_fill(struct fl_partition *partition,
                       const struct fl_history *h,
                       const struct fl_options *options)
{
    assert(h->model != NULL);
    size_t size = (h->count + 2ul) * sizeof(uint32_t);
    partition->count = 1;
    if (is_one_part(h, options)) {
        return true;
    }
    if (!fl_block_reserve(&partition->indices, size) ||
        !fl_block_reserve(&partition->starts, size) ||
        !fl_block_reserve(&partition->places,
                          h->count * sizeof(struct place))) {
        return false;
    }
    bool by_element = splits_by_element(h, options->criterion);
    struct keys keys;
    if (!by_element && is_dense(h, &keys)) {
        count_keys(partition, h, &keys);
        return true;
    }
    struct place *places = partition->places.data;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        places[i] = (struct place){
            .key = h->model->keyed ? op->key : FL_NONE,
            .element = by_element ? op->args[0] : FL_NONE,
            .index = i,
        };
    }
    qsort(places, h->count, sizeof(*places), compare_places);
    uint32_t *indices = partition->indices.data;
    uint32_t *starts = partition->starts.data;
    partition->count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        if (i == 0 || !is_same_part(&places[i - 1], &places[i])) {
            starts[partition->count] = i;
            partition->count++;
        }
        indices[i] = places[i].index;
    }
    assert(partition->count <= h->count);
    starts[partition->count] = h->count;
    assert(partition->count > 0);
    return true;
}

void fl_partition_release(struct fl_partition *partition)
{
    fl_block_release(&partition->places);
    fl_block_release(&partition->indices);
    fl_block_release(&partition->starts);
}
