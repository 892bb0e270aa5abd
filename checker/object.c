/*
 * How large a state may become is not known beforehand where the history has
 * no end.  A state that some operations lead to from another is at most as
 * large as that one and what the model says of a history of those operations
 * alone (model.h asks for this): so the bound is raised with each operation,
 * and lowered from time to time to what the states really have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/object.h"

#include "checker/rings.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_FIRST = 16,
    MEASURE_EVERY = 1 << 12 /* operations */
};

static struct fl_item *item_at(struct fl_object *o, uint32_t i)
{
    assert(i < o->room);
    return (struct fl_item *)o->search.part.items.data + i;
}

/* Makes room for `room` items, of which the new ones are free. */
static bool make_room(struct fl_object *o, uint32_t room)
{
    struct fl_search *s = &o->search;
    uint32_t before = o->room;
    assert(room > before);
    if (!fl_block_reserve(&s->part.items, room * sizeof(struct fl_item)) ||
        !fl_block_reserve(&s->marks, (room + 2ul) * sizeof(uint64_t)) ||
        !fl_block_reserve(&o->vacant, room * sizeof(uint32_t)) ||
        !fl_breadth_room(s, room)) {
        return false;
    }
    uint64_t *marks = s->marks.data;
    memset(marks + before, 0, (room + 2ul - before) * sizeof(*marks));
    uint32_t *vacant = o->vacant.data;
    for (uint32_t i = room; i-- > before;) {
        vacant[o->vacant_count] = i;
        o->vacant_count++;
    }
    o->room = room;
    s->part.count = room;
    return true;
}

static bool begin(struct fl_object *o, const struct fl_online_setup *setup)
{
    struct fl_search *s = &o->search;
    o->shown = fl_history_new(setup->model, 1, 0);
    if (o->shown == NULL) {
        return false;
    }
    o->shown->initial = setup->initial;
    o->shown->strings = fl_strings_hold(setup->strings);
    s->part.space = (struct fl_space){.history = o->shown,
                                      .initial = setup->initial,
                                      .strings = setup->strings,
                                      .keys = 1};
    fl_space_limit(&s->part.space, setup->capacity, setup->relax);
    s->breadth.rows_max = setup->configurations_max;
    o->growth = fl_state_max(&s->part.space);
    if (!fl_search_begin(s) || !make_room(o, ROOM_FIRST) ||
        !fl_breadth_begin(s, ROOM_FIRST)) {
        return false;
    }
    s->breadth.called = UINT32_MAX; /* nothing is known of what comes */
    return true;
}

struct fl_object *fl_object_new(const struct fl_online_setup *setup,
                                fl_value key)
{
    assert(setup->model != NULL);
    struct fl_object *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        return NULL;
    }
    o->key = key;
    o->end = FL_END_NOT_YET;
    if (!begin(o, setup)) {
        fl_object_free(o);
        return NULL;
    }
    return o;
}

void fl_object_free(struct fl_object *object)
{
    if (object != NULL) {
        fl_search_release(&object->search);
        fl_history_free(object->shown);
        fl_block_release(&object->vacant);
        free(object);
    }
}

/* Raises the bound by what a history of this operation alone may hold. */
static void raise_bound(struct fl_object *o, const struct fl_operation *op)
{
    struct fl_space *space = &o->search.part.space;
    o->shown->operations[0] = *op;
    o->shown->count = 1;
    space->adds = !o->shown->model->types[op->fn].pure;
    o->growth += o->shown->model->state_max(space);
}

/* Lowers the bound to the largest state there is, and what is in flight. */
static void measure(struct fl_object *o)
{
    const struct fl_search *s = &o->search;
    const struct fl_breadth *b = &s->breadth;
    o->growth = 0;
    for (uint32_t r = 0; r < b->level.count; r++) {
        size_t size;
        (void)fl_memo_bytes(&s->memo, fl_row_state(fl_level_row(&b->level, r)),
                            &size);
        o->growth = size > o->growth ? size : o->growth;
    }
    const uint32_t *flight = b->flight.data;
    for (uint32_t k = 0; k < b->flight_count; k++) {
        raise_bound(o, &item_at(o, flight[k])->op);
    }
    o->since = 0;
}

static bool are_twins(const struct fl_operation *a,
                      const struct fl_operation *b, bool by_client)
{
    return a->fn == b->fn && memcmp(a->args, b->args, sizeof(a->args)) == 0 &&
           (a->ret == FL_OPEN) == (b->ret == FL_OPEN) &&
           (a->ret == FL_OPEN || a->result == b->result) &&
           (!by_client || a->client == b->client);
}

/* A number that item `i` shares with its twins in flight, and with nobody
 * else. */
static uint32_t number_twin(struct fl_object *o, uint32_t i)
{
    const struct fl_breadth *b = &o->search.breadth;
    const uint32_t *flight = b->flight.data;
    bool by_client = o->shown->model->by_client;
    for (uint32_t k = 0; k < b->flight_count; k++) {
        if (are_twins(&item_at(o, flight[k])->op, &item_at(o, i)->op,
                      by_client)) {
            return item_at(o, flight[k])->twin;
        }
    }
    /* An item that left may have given its number to one that stayed. */
    uint32_t number = i;
    uint32_t k = 0;
    while (k < b->flight_count) {
        bool is_used = item_at(o, flight[k])->twin == number;
        number = is_used ? (number + 1) % o->room : number;
        k = is_used ? 0 : k + 1;
    }
    return number;
}

bool fl_object_call(struct fl_object *o, const struct fl_operation *op,
                    uint32_t *item)
{
    struct fl_search *s = &o->search;
    if (o->since >= MEASURE_EVERY) {
        measure(o);
    }
    raise_bound(o, op);
    o->since++;
    if (!fl_block_reserve(&s->scratch, o->growth + 16) ||
        (o->vacant_count == 0 && !make_room(o, o->room * 2))) {
        return false;
    }
    assert(o->vacant_count > 0);
    o->vacant_count--;
    uint32_t i = ((const uint32_t *)o->vacant.data)[o->vacant_count];
    struct fl_item *made = item_at(o, i);
    *made = (struct fl_item){.op = *op,
                             .source = FL_OPEN,
                             .deadline = FL_OPEN,
                             .succ = FL_OPEN,
                             .inert = fl_operation_inert(o->shown->model, op)};
    made->twin = number_twin(o, i);
    *item = i;
    return fl_breadth_call(s, i);
}

const struct fl_operation *fl_object_operation(const struct fl_object *object,
                                               uint32_t item)
{
    return &fl_item_at(&object->search, item)->op;
}

void fl_object_return(struct fl_object *o, uint32_t item)
{
    struct fl_search *s = &o->search;
    assert(o->end == FL_END_NOT_YET);
    o->end = fl_breadth_return(s, item);
    if (o->end == FL_END_NOT_YET) {
        uint32_t *vacant = o->vacant.data;
        vacant[o->vacant_count] = item;
        o->vacant_count++;
        o->end = fl_breadth_collect(s) ? FL_END_NOT_YET : FL_END_NO_MEMORY;
    }
}

uint64_t fl_object_held(const struct fl_object *object)
{
    const struct fl_search *s = &object->search;
    return sizeof(*object) + fl_memo_held(&s->memo) +
           fl_breadth_held(&s->breadth) +
           (uint64_t)object->room * (sizeof(struct fl_item) + 32);
}
