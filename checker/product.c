/*
 * The product: the state of several objects that are not checked apart.
 *
 * Splitting a history by key is sound for most criteria, and then a state is
 * that of one object.  Where it is not (persistent atomicity), or where it is
 * switched off, the state holds all objects of the history:
 *
 *     | count | key size | key size | ... | object | object | ...
 *
 * in ascending order of keys, objects padded with zeros to 8 bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/model.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct object {
    fl_value key;
    uint64_t size;
};

static size_t round_up(size_t size)
{
    return (size + 7) / 8 * 8;
}

static size_t product_max(const struct fl_space *space)
{
    size_t each = sizeof(struct object) + round_up(space->object_max);
    return sizeof(uint64_t) + space->keys * each;
}

/* Twice: a step builds the new state behind the old one. */
size_t fl_state_max(const struct fl_space *space)
{
    if (space->keys <= 1) {
        return space->history->model->state_max(space);
    }
    return 2 * product_max(space);
}

/* Applies `op` to one object and says whether the model accepts it. */
static bool accept_one(const struct fl_space *space, void *state, size_t *size,
                       const struct fl_operation *op)
{
    const struct fl_model *model = space->history->model;
    if (op->ret != FL_OPEN && model->allows != NULL) {
        return model->allows(space, state, size, op);
    }
    fl_value answer = model->step(space, state, size, op);
    if (op->ret == FL_OPEN) {
        return answer != FL_REFUSED;
    }
    return answer == op->result;
}

/* The same, in one of several ways. */
static bool accept_way(const struct fl_space *space, void *state, size_t *size,
                       const struct fl_operation *op, uint32_t way)
{
    const struct fl_model *model = space->history->model;
    if (model->ways == NULL) {
        assert(way == 0);
        return accept_one(space, state, size, op);
    }
    if (way >= model->ways(space, state, *size, op)) {
        return false;
    }
    fl_value given = model->go(space, state, size, op, way);
    assert(op->ret == FL_OPEN || given == op->result);
    return given != FL_REFUSED;
}

/* Walks the objects of a product: the directory and, beside it, the bytes. */
struct walk {
    const struct object *objects;
    const char *bytes;
    uint64_t count;
};

static struct walk begin_walk(const void *state)
{
    uint64_t count;
    memcpy(&count, state, sizeof(count));
    const struct object *objects =
        (const void *)((const char *)state + sizeof(count));
    return (struct walk){objects, (const char *)(objects + count), count};
}

/* An operation as it is applied: stepped, or gone one of its ways. */
struct move {
    const struct fl_operation *op;
    bool steps;
    uint32_t way;
    fl_value answer; /* what step answers */
    bool accepted;   /* whether the way is */
};

/*
 * Builds in `next` the product after `move`, which is applied to its object on
 * the way: objects before it, it, objects after it.
 */
static void build_next(const struct fl_space *space, const void *state,
                       void *next, struct move *move)
{
    const struct fl_operation *op = move->op;
    const struct fl_model *model = space->history->model;
    struct walk old = begin_walk(state);
    uint64_t at = 0;
    while (at < old.count && old.objects[at].key < op->key) {
        at++;
    }
    bool found = at < old.count && old.objects[at].key == op->key;
    uint64_t count = old.count + !found;
    assert(count <= space->keys);
    memcpy(next, &count, sizeof(count));
    struct object *objects = (void *)((char *)next + sizeof(count));
    char *end = (char *)(objects + count);
    const char *from = old.bytes;
    uint64_t source = 0;
    for (uint64_t i = 0; i < count; i++) {
        bool is_old = i != at || found;
        size_t size = 0;
        if (is_old) {
            size = old.objects[source].size;
            memcpy(end, from, round_up(size));
            from += round_up(size);
            source++;
        } else {
            size = model->start(space, end);
        }
        if (i == at && move->steps) {
            move->answer = model->step(space, end, &size, op);
        } else if (i == at) {
            move->accepted = accept_way(space, end, &size, op, move->way);
        }
        assert(size <= space->object_max);
        memset(end + size, 0, round_up(size) - size);
        objects[i].key = i == at ? op->key : old.objects[source - 1].key;
        objects[i].size = size;
        end += round_up(size);
    }
}

static size_t product_size(const void *state)
{
    struct walk walk = begin_walk(state);
    const char *end = walk.bytes;
    for (uint64_t i = 0; i < walk.count; i++) {
        end += round_up(walk.objects[i].size);
    }
    return (size_t)(end - (const char *)state);
}

/* The least key of the history above `floor`; false if there is none. */
static bool next_key(const struct fl_history *h, const fl_value *floor,
                     fl_value *key)
{
    bool any = floor == NULL;
    fl_value least = any ? 0 : *floor; /* it may be `key` itself */
    bool found = false;
    for (uint32_t i = 0; i < h->count; i++) {
        fl_value other = h->operations[i].key;
        bool is_above = any || other > least;
        if (is_above && (!found || other < *key)) {
            *key = other;
            found = true;
        }
    }
    return found;
}

/* All objects are there from the start: a read of one adds nothing. */
size_t fl_state_start(const struct fl_space *space, void *state)
{
    const struct fl_history *h = space->history;
    if (space->keys <= 1) {
        return h->model->start(space, state);
    }
    uint64_t count = 0;
    fl_value key = FL_NONE;
    for (bool more = next_key(h, NULL, &key); more;
         more = next_key(h, &key, &key)) {
        count++;
    }
    assert(count <= space->keys || h->count == 0);
    memcpy(state, &count, sizeof(count));
    struct object *objects = (void *)((char *)state + sizeof(count));
    char *end = (char *)(objects + count);
    for (uint64_t i = 0; i < count; i++) {
        (void)next_key(h, i == 0 ? NULL : &key, &key);
        size_t size = h->model->start(space, end);
        memset(end + size, 0, round_up(size) - size);
        objects[i] = (struct object){.key = key, .size = size};
        end += round_up(size);
    }
    return (size_t)(end - (char *)state);
}

fl_value fl_state_step(const struct fl_space *space, void *state, size_t *size,
                       const struct fl_operation *op)
{
    if (space->keys <= 1) {
        return space->history->model->step(space, state, size, op);
    }
    assert(*size <= product_max(space));
    void *next = (char *)state + product_max(space);
    struct move move = {.op = op, .steps = true, .answer = FL_NONE};
    build_next(space, state, next, &move);
    *size = product_size(next);
    memmove(state, next, *size);
    return move.answer;
}

bool fl_state_go(const struct fl_space *space, void *state, size_t *size,
                 const struct fl_operation *op, uint32_t way)
{
    if (space->keys <= 1) {
        return accept_way(space, state, size, op, way);
    }
    assert(*size <= product_max(space));
    void *next = (char *)state + product_max(space);
    struct move move = {.op = op, .way = way};
    build_next(space, state, next, &move);
    *size = product_size(next);
    memmove(state, next, *size);
    return move.accepted;
}

bool fl_state_accepts(const struct fl_space *space, void *state, size_t *size,
                      const struct fl_operation *op)
{
    if (space->keys <= 1 && space->history->model->ways == NULL) {
        return accept_one(space, state, size, op);
    }
    return fl_state_go(space, state, size, op, 0);
}

/* The bytes of the object of `key` in a product; NULL: there is none. */
static const void *find_object(const void *state, fl_value key, size_t *size)
{
    struct walk walk = begin_walk(state);
    const char *bytes = walk.bytes;
    for (uint64_t at = 0; at < walk.count; at++) {
        if (walk.objects[at].key == key) {
            *size = walk.objects[at].size;
            return bytes;
        }
        bytes += round_up(walk.objects[at].size);
    }
    return NULL;
}

uint32_t fl_state_ways(const struct fl_space *space, const void *state,
                       size_t size, const struct fl_operation *op)
{
    const struct fl_model *model = space->history->model;
    if (model->ways == NULL) {
        return 1;
    }
    if (space->keys <= 1) {
        return model->ways(space, state, size, op);
    }
    const void *object = find_object(state, op->key, &size);
    if (object == NULL) {
        return 1; /* an object that nothing was done to yet */
    }
    return model->ways(space, object, size, op);
}

bool fl_state_lacks(const struct fl_space *space, const void *state,
                    size_t size, const struct fl_operation *goal)
{
    const struct fl_model *model = space->history->model;
    assert(model->lacks != NULL);
    const void *object =
        space->keys <= 1 ? state : find_object(state, goal->key, &size);
    return object != NULL && model->lacks(space, object, size, goal);
}

bool fl_state_helps(const struct fl_space *space, const struct fl_operation *op,
                    const struct fl_operation *goal)
{
    assert(space->history->model->helps != NULL);
    return (space->keys <= 1 || op->key == goal->key) &&
           space->history->model->helps(space, op, goal);
}

const char *fl_state_describe(const struct fl_space *space, const void *state,
                              size_t size, char *text, size_t max)
{
    const struct fl_model *model = space->history->model;
    if (space->keys <= 1) {
        return model->describe(space, state, size, text, max);
    }
    assert(max > 0);
    struct walk walk = begin_walk(state);
    const char *bytes = walk.bytes;
    size_t at = 0;
    text[0] = '\0';
    for (uint64_t i = 0; i < walk.count; i++) {
        char key[32];
        fl_describe_key(space->history, walk.objects[i].key, key, sizeof(key));
        int written =
            snprintf(text + at, max - at, "%s%s: ", i == 0 ? "" : "  ", key);
        if (written < 0 || (size_t)written >= max - at) {
            break; /* cut */
        }
        at += (size_t)written;
        model->describe(space, bytes, walk.objects[i].size, text + at,
                        max - at);
        at += strlen(text + at);
        bytes += round_up(walk.objects[i].size);
    }
    return text;
}
