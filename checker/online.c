/*
 * Two queues: operations that were called and wait, in the order of calls,
 * until it is known what became of the first; and returns of those that were
 * handed to their object, in the order of moments.  An operation is handed
 * over after all returns before its call, so that each object sees its events
 * in their order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/online.h"

#include "checker/object.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONFIGURATIONS_MAX = 1 << 16,
    WAITING_MAX = 1 << 20,
    OBJECT_SLOTS_FIRST = 16
};

/* An operation that waits. */
struct waiting {
    struct fl_operation op;
    bool known; /* what became of it */
};

/* A return that is to come: of an item of an object. */
struct landing {
    uint32_t ret;
    uint32_t object;
    uint32_t item;
};

struct fl_online {
    struct fl_online_setup setup;
    struct fl_online_view view;
    struct fl_block waits; /* struct waiting: by call, from `first` on */
    uint32_t first;
    uint32_t end;
    struct fl_block landings; /* struct landing: a heap, the least first */
    uint32_t landings_count;
    struct fl_block objects; /* struct fl_object * */
    uint32_t objects_count;
    struct fl_block slots; /* uint32_t: object + 1, by key; or 0 */
    uint32_t slots_count;
    struct fl_block gone; /* uint32_t: clients of open operations of files */
    uint32_t gone_count;
    uint32_t now;  /* the next moment */
    uint32_t last; /* the call of the last operation that was handed over */
};

struct fl_online *fl_online_new(const struct fl_online_setup *setup)
{
    assert(setup->model != NULL);
    struct fl_online *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        return NULL;
    }
    o->setup = *setup;
    (void)fl_strings_hold(setup->strings);
    if (o->setup.configurations_max == 0) {
        o->setup.configurations_max = CONFIGURATIONS_MAX;
    }
    if (o->setup.waiting_max == 0) {
        o->setup.waiting_max = WAITING_MAX;
    }
    o->view.verdict = FL_PASS;
    return o;
}

static struct fl_object *object_at(const struct fl_online *o, uint32_t number)
{
    assert(number < o->objects_count);
    return ((struct fl_object **)o->objects.data)[number];
}

void fl_online_free(struct fl_online *o)
{
    if (o == NULL) {
        return;
    }
    for (uint32_t k = 0; k < o->objects_count; k++) {
        fl_object_free(object_at(o, k));
    }
    fl_strings_release(o->setup.strings);
    fl_block_release(&o->waits);
    fl_block_release(&o->landings);
    fl_block_release(&o->objects);
    fl_block_release(&o->slots);
    fl_block_release(&o->gone);
    free(o);
}

/* --- objects by key ------------------------------------------------------- */

static uint32_t hash_key(fl_value key)
{
    return (uint32_t)(((uint64_t)key * 0x9e3779b97f4a7c15u) >> 32);
}

/* Makes the table of objects twice as large. */
static bool grow_slots(struct fl_online *o)
{
    uint32_t count =
        o->slots_count == 0 ? OBJECT_SLOTS_FIRST : o->slots_count * 2;
    if (!fl_block_reserve(&o->slots, count * sizeof(uint32_t))) {
        return false;
    }
    uint32_t *slots = o->slots.data;
    memset(slots, 0, count * sizeof(*slots));
    for (uint32_t k = 0; k < o->objects_count; k++) {
        uint32_t at = hash_key(object_at(o, k)->key) & (count - 1);
        while (slots[at] != 0) {
            at = (at + 1) & (count - 1);
        }
        slots[at] = k + 1;
    }
    o->slots_count = count;
    return true;
}

/* The number of the object of `key`, made if it is new; FL_OPEN: no memory. */
static uint32_t find_object(struct fl_online *o, fl_value key)
{
    if (o->objects_count >= o->slots_count / 2 && !grow_slots(o)) {
        return FL_OPEN;
    }
    uint32_t *slots = o->slots.data;
    uint32_t at = hash_key(key) & (o->slots_count - 1);
    while (slots[at] != 0) {
        if (object_at(o, slots[at] - 1)->key == key) {
            return slots[at] - 1;
        }
        at = (at + 1) & (o->slots_count - 1);
    }
    struct fl_object *made = NULL;
    size_t size = (o->objects_count + 1ul) * sizeof(void *);
    if (fl_block_reserve(&o->objects, size)) {
        made = fl_object_new(&o->setup, key);
    }
    if (made == NULL) {
        return FL_OPEN;
    }
    ((struct fl_object **)o->objects.data)[o->objects_count] = made;
    slots[at] = o->objects_count + 1;
    o->objects_count++;
    assert(o->objects_count <= o->slots_count);
    return o->objects_count - 1;
}

/* --- returns to come ------------------------------------------------------ */

static bool push_landing(struct fl_online *o, struct landing landing)
{
    size_t size = (o->landings_count + 1ul) * sizeof(landing);
    if (!fl_block_reserve(&o->landings, size)) {
        return false;
    }
    struct landing *heap = o->landings.data;
    uint32_t at = o->landings_count;
    while (at > 0 && heap[(at - 1) / 2].ret > landing.ret) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = landing;
    o->landings_count++;
    return true;
}

static struct landing pop_landing(struct fl_online *o)
{
    struct landing *heap = o->landings.data;
    assert(o->landings_count > 0);
    struct landing least = heap[0];
    o->landings_count--;
    struct landing moved = heap[o->landings_count];
    uint32_t count = o->landings_count;
    uint32_t at = 0;
    for (uint32_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child + 1].ret < heap[child].ret) {
            child++;
        }
        if (heap[child].ret >= moved.ret) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
    return least;
}

/* --- judging -------------------------------------------------------------- */

/* Judges the return of an item. */
static enum fl_status land(struct fl_online *o, const struct landing *landing)
{
    struct fl_object *object = object_at(o, landing->object);
    struct fl_operation op = *fl_object_operation(object, landing->item);
    fl_object_return(object, landing->item);
    o->view.judged++;
    switch (object->end) {
    case FL_END_NOT_YET:
    case FL_END_PASS:
        return FL_OK;
    case FL_END_VIOLATION:
        o->view.verdict = FL_VIOLATION;
        o->view.blocked = op;
        return FL_OK;
    case FL_END_NODES:
    case FL_END_BYTES:
    case FL_END_TIME:
        o->view.verdict = FL_INCONCLUSIVE;
        o->view.exhausted = FL_BYTES;
        o->view.blocked = op;
        return FL_OK;
    case FL_END_NO_MEMORY:
        return FL_NO_MEMORY;
    }
    assert(false);
    return FL_NO_MEMORY;
}

/* Judges all returns before moment `until`. */
static enum fl_status land_until(struct fl_online *o, uint32_t until)
{
    enum fl_status status = FL_OK;
    while (status == FL_OK && o->view.verdict == FL_PASS &&
           o->landings_count > 0 &&
           ((const struct landing *)o->landings.data)[0].ret < until) {
        struct landing landing = pop_landing(o);
        status = land(o, &landing);
    }
    return status;
}

/* Hands an operation, whose end is known, to its object. */
static enum fl_status hand_over(struct fl_online *o,
                                const struct fl_operation *op)
{
    enum fl_status status = land_until(o, op->call);
    bool is_seen = op->ret != FL_OPEN || !o->setup.model->types[op->fn].pure;
    o->view.open += op->ret == FL_OPEN;
    if (status != FL_OK || o->view.verdict != FL_PASS || !is_seen) {
        return status;
    }
    struct landing landing = {.ret = op->ret};
    landing.object = find_object(o, op->key);
    if (landing.object == FL_OPEN ||
        !fl_object_call(object_at(o, landing.object), op, &landing.item)) {
        return FL_NO_MEMORY;
    }
    if (op->ret == FL_OPEN) {
        return FL_OK;
    }
    return push_landing(o, landing) ? FL_OK : FL_NO_MEMORY;
}

/* --- events --------------------------------------------------------------- */

static struct waiting *wait_at(const struct fl_online *o, uint32_t k)
{
    assert(k >= o->first && k < o->end);
    return (struct waiting *)o->waits.data + k;
}

/* Hands over whatever waits for nothing, and judges what is certain. */
static enum fl_status advance(struct fl_online *o)
{
    enum fl_status status = FL_OK;
    while (status == FL_OK && o->first < o->end &&
           wait_at(o, o->first)->known) {
        struct fl_operation op = wait_at(o, o->first)->op;
        o->first++;
        status = hand_over(o, &op);
    }
    if (status != FL_OK) {
        return status;
    }
    bool is_empty = o->first == o->end;
    status = land_until(o, is_empty ? o->now : wait_at(o, o->first)->op.call);
    if (is_empty && o->landings_count == 0) {
        o->now = 0; /* quiescent: moments begin anew */
    }
    return status;
}

/* The operation of `client` that has not ended; FL_OPEN: there is none. */
static uint32_t find_waiting(const struct fl_online *o, uint32_t client)
{
    for (uint32_t k = o->end; k-- > o->first;) {
        if (!wait_at(o, k)->known && wait_at(o, k)->op.client == client) {
            return k;
        }
    }
    return FL_OPEN;
}

/* Room for one more that waits; what is before the first is dropped. */
static bool make_room(struct fl_online *o)
{
    if (o->first > 0 && (o->first == o->end || o->first > o->end / 2)) {
        struct waiting *waits = o->waits.data;
        memmove(waits, waits + o->first, (o->end - o->first) * sizeof(*waits));
        o->end -= o->first;
        o->first = 0;
    }
    return fl_block_reserve(&o->waits, (o->end + 1ul) * sizeof(struct waiting));
}

enum fl_status fl_online_call(struct fl_online *o, uint32_t client, uint32_t fn,
                              fl_value key, const fl_value *args)
{
    assert(fn < o->setup.model->types_count);
    o->view.operations++;
    if (o->view.verdict != FL_PASS) {
        return FL_OK;
    }
    if (find_waiting(o, client) != FL_OPEN) {
        return FL_BAD_INPUT;
    }
    if (o->end - o->first >= o->setup.waiting_max || o->now >= FL_OPEN - 2) {
        o->view.verdict = FL_INCONCLUSIVE;
        o->view.exhausted = FL_NODES;
        return FL_OK;
    }
    if (!make_room(o)) {
        return FL_NO_MEMORY;
    }
    o->end++;
    struct waiting *w = wait_at(o, o->end - 1);
    *w = (struct waiting){.op = {.client = client,
                                 .fn = fn,
                                 .call = o->now,
                                 .ret = FL_OPEN,
                                 .key = key,
                                 .result = FL_NONE}};
    memcpy(w->op.args, args, sizeof(w->op.args));
    o->now++;
    return FL_OK;
}

enum fl_status fl_online_return(struct fl_online *o, uint32_t client,
                                fl_value result)
{
    if (o->view.verdict != FL_PASS) {
        return FL_OK;
    }
    uint32_t k = find_waiting(o, client);
    if (k == FL_OPEN) {
        return FL_BAD_INPUT;
    }
    struct waiting *w = wait_at(o, k);
    assert(w->op.call < o->now);
    w->op.ret = o->now;
    w->op.result = result;
    w->known = true;
    o->now++;
    return advance(o);
}

enum fl_status fl_online_cut(struct fl_online *o, uint32_t client)
{
    if (o->view.verdict != FL_PASS) {
        return FL_OK;
    }
    uint32_t k = find_waiting(o, client);
    if (k == FL_OPEN) {
        return FL_BAD_INPUT;
    }
    wait_at(o, k)->known = true;
    return advance(o);
}

/* Whether the client of `op` has another operation in flight when it calls. */
static bool overlaps(const struct fl_online *o, const struct fl_operation *op)
{
    const struct landing *heap = o->landings.data;
    for (uint32_t k = 0; k < o->landings_count; k++) {
        const struct fl_operation *other =
            fl_object_operation(object_at(o, heap[k].object), heap[k].item);
        if (other->client == op->client) {
            return true;
        }
    }
    const uint32_t *gone = o->gone.data;
    for (uint32_t k = 0; k < o->gone_count; k++) {
        if (gone[k] == op->client) {
            return true;
        }
    }
    return false;
}

enum fl_status fl_online_operation(struct fl_online *o,
                                   const struct fl_operation *op)
{
    assert(op->fn < o->setup.model->types_count);
    assert(o->first == o->end); /* no events */
    o->view.operations++;
    if (o->view.verdict != FL_PASS) {
        return FL_OK;
    }
    if (op->call < o->last || op->ret <= op->call) {
        return FL_BAD_INPUT;
    }
    o->last = op->call;
    enum fl_status status = land_until(o, op->call);
    if (status != FL_OK || o->view.verdict != FL_PASS) {
        return status;
    }
    if (overlaps(o, op)) {
        return FL_BAD_INPUT;
    }
    if (op->ret == FL_OPEN) {
        if (!fl_block_reserve(&o->gone,
                              (o->gone_count + 1ul) * sizeof(uint32_t))) {
            return FL_NO_MEMORY;
        }
        ((uint32_t *)o->gone.data)[o->gone_count] = op->client;
        o->gone_count++;
    }
    return hand_over(o, op);
}

enum fl_status fl_online_finish(struct fl_online *o)
{
    for (uint32_t k = o->first; k < o->end; k++) {
        wait_at(o, k)->known = true;
    }
    enum fl_status status = o->view.verdict == FL_PASS ? advance(o) : FL_OK;
    return status == FL_OK ? land_until(o, FL_OPEN) : status;
}

enum fl_verdict fl_online_verdict(const struct fl_online *o)
{
    return o->view.verdict;
}

const struct fl_online_view *fl_online_now(struct fl_online *o)
{
    struct fl_online_view *view = &o->view;
    view->objects = o->objects_count;
    view->waiting = o->end - o->first + o->landings_count;
    view->configurations = 0;
    view->steps = 0;
    view->cuts = 0;
    view->bytes = sizeof(*o) + (uint64_t)o->waits.size + o->landings.size +
                  o->slots.size + o->objects.size;
    for (uint32_t k = 0; k < o->objects_count; k++) {
        const struct fl_object *object = object_at(o, k);
        view->configurations += object->search.breadth.made;
        view->steps += object->search.nodes;
        view->cuts += object->search.breadth.cuts;
        view->bytes += fl_object_held(object);
    }
    return view;
}
