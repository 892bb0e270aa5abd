/*
 * Making a part ready.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/part.h"

#include "checker/criterion.h"

#include <assert.h>
#include <string.h>

/* Copies the operations.  Open pure ones are left out: nobody saw them, and
 * they change nothing. */
static void copy_operations(struct fl_part *part,
                            const struct fl_selection *selection)
{
    const struct fl_history *h = selection->history;
    const struct fl_model *model = h->model;
    bool renames = model->by_client && (part->criterion == FL_DURABLE ||
                                        part->criterion == FL_DURABLE_STRICT);
    struct fl_item *items = part->items.data;
    assert(selection->count <= h->count);
    part->count = 0;
    for (uint32_t k = 0; k < selection->count; k++) {
        uint32_t i = selection->indices == NULL ? k : selection->indices[k];
        const struct fl_operation *op = &h->operations[i];
        assert(op->fn < model->types_count);
        bool is_pure = model->types[op->fn].pure;
        bool is_gone = selection->gone != NULL && selection->gone[i];
        if (is_gone || (op->ret == FL_OPEN && is_pure)) {
            continue;
        }
        struct fl_item *item = &items[part->count];
        item->op = *op;
        item->source = i;
        item->deadline = FL_OPEN;
        item->succ = FL_OPEN;
        item->inert = fl_operation_inert(model, op);
        if (renames) {
            item->op.client = fl_criterion_client(h, part->criterion, i);
        }
        part->count++;
    }
}

/* The item made of operation `source`, or FL_OPEN. */
static uint32_t find_item(const struct fl_part *part, uint32_t source)
{
    const struct fl_item *items = part->items.data;
    uint32_t low = 0;
    uint32_t high = part->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (items[middle].source < source) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < part->count && items[low].source == source;
    return found ? low : FL_OPEN;
}

static void set_conditions(struct fl_part *part, const struct fl_history *h)
{
    part->conditional = false;
    if (!fl_criterion_binds(part->criterion)) {
        return;
    }
    struct fl_item *items = part->items.data;
    for (uint32_t i = 0; i < part->count; i++) {
        struct fl_item *item = &items[i];
        if (item->op.ret != FL_OPEN) {
            continue;
        }
        item->deadline =
            fl_criterion_deadline(h, part->criterion, item->source);
        uint32_t succ = fl_criterion_succ(h, part->criterion, item->source);
        while (succ != FL_OPEN && item->succ == FL_OPEN) {
            item->succ = find_item(part, succ); /* or the one after it */
            succ = fl_criterion_succ(h, part->criterion, succ);
        }
        assert(item->succ == FL_OPEN || item->succ > i);
        part->conditional = part->conditional || item->deadline != FL_OPEN ||
                            item->succ != FL_OPEN;
    }
}

/* Whether two items may change places in any order: rules of checker.md 2. */
static bool are_twins(const struct fl_item *a, const struct fl_item *b,
                      bool by_client)
{
    return a->op.fn == b->op.fn && a->op.key == b->op.key &&
           memcmp(a->op.args, b->op.args, sizeof(a->op.args)) == 0 &&
           (a->op.ret == FL_OPEN) == (b->op.ret == FL_OPEN) &&
           (a->op.ret == FL_OPEN || a->op.result == b->op.result) &&
           a->deadline == b->deadline && a->succ == FL_OPEN &&
           b->succ == FL_OPEN && (!by_client || a->op.client == b->op.client);
}

static uint32_t hash_item(const struct fl_item *item)
{
    uint64_t hash = item->op.fn;
    hash = (hash ^ (uint64_t)item->op.key) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    for (int i = 0; i < FL_ARGS_MAX; i++) {
        hash = (hash ^ (uint64_t)item->op.args[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    hash = (hash ^ (uint64_t)item->op.result) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32);
}

/* Numbers the items, and gives twins the number of the first among them. */
static bool number_items(struct fl_part *part)
{
    uint32_t slots_count = 8;
    while (slots_count / 2 < part->count && slots_count < UINT32_MAX / 2) {
        slots_count *= 2;
    }
    size_t size = slots_count * sizeof(uint32_t);
    if (!fl_block_reserve(&part->table, size)) {
        return false;
    }
    uint32_t *slots = part->table.data;
    memset(slots, 0, size);
    bool by_client = part->space.history->model->by_client;
    struct fl_item *items = part->items.data;
    part->musts = 0;
    part->opens = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        struct fl_item *item = &items[i];
        uint32_t *counter =
            item->op.ret == FL_OPEN ? &part->opens : &part->musts;
        item->bit = *counter;
        (*counter)++;
        uint32_t at = hash_item(item) & (slots_count - 1);
        while (slots[at] != 0 &&
               !are_twins(&items[slots[at] - 1], item, by_client)) {
            at = (at + 1) & (slots_count - 1);
        }
        if (slots[at] == 0) {
            slots[at] = i + 1;
        }
        item->twin = slots[at] - 1;
    }
    assert(part->musts + part->opens == part->count);
    return true;
}

/* The space of one object: what fl_space_init() finds, without a walk through
 * the whole history for each of its parts. */
static void init_space(struct fl_part *part,
                       const struct fl_selection *selection)
{
    const struct fl_history *h = selection->history;
    part->space = (struct fl_space){
        .history = h,
        .initial = h->initial,
        .strings = h->strings,
        .keys = 1,
    };
    for (uint32_t k = 0; k < selection->count; k++) {
        uint32_t i = selection->indices == NULL ? k : selection->indices[k];
        assert(i < h->count);
        part->space.adds += !h->model->types[h->operations[i].fn].pure;
    }
}

bool fl_part_fill(struct fl_part *part, const struct fl_selection *selection)
{
    const struct fl_history *h = selection->history;
    assert(h->model != NULL);
    part->criterion = selection->criterion;
    if (selection->one_object) {
        init_space(part, selection);
    } else {
        fl_space_init(&part->space, h);
    }
    fl_space_limit(&part->space, selection->capacity, selection->relax);
    size_t size = (selection->count + 1ul) * sizeof(struct fl_item);
    if (!fl_block_reserve(&part->items, size)) {
        return false;
    }
    copy_operations(part, selection);
    set_conditions(part, h);
    bool promoted = selection->plain || fl_part_promote(part);
    return promoted && number_items(part);
}

void fl_part_release(struct fl_part *part)
{
    fl_block_release(&part->items);
    fl_block_release(&part->table);
}
