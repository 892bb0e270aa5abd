/*
 * Splitting by sorting: operations by (key, element, index).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/partition.h"

#include "checker/model.h"

#include <assert.h>
#include <stdlib.h>

struct place {
    fl_value key;
    fl_value element;
    uint32_t index;
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
