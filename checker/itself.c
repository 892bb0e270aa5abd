/*
 * The tree of sequences, and the model that walks it.
 *
 *     node      call it adds, answer, first child, next sibling, parent
 *     state     4 bytes: the node's number; 0 is the fresh object
 *
 * Each node is performed once, from the start; a node that refuses (the call
 * waits, or broke) has no children.  With digests, a node whose object equals
 * an earlier one's stands for it from then on: its children are the other's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/itself.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NODES_KEPT = 1 << 18, /* more of them are forgotten by a trim */
    NO_NODE = 0           /* no child: the root is nobody's */
};

struct node {
    struct fl_itself_call call;
    uint32_t parent;
    uint32_t child;
    uint32_t sibling;
    uint32_t depth;
    uint32_t same; /* the node that this state is; usually itself */
    fl_value answer;
    uint64_t hash; /* of its digest */
    size_t digest; /* its place among the bytes */
    size_t digest_size;
};

/* Memory that grows; unlike a block it may fail quietly. */
struct pile {
    unsigned char *bytes;
    size_t size;
    size_t max;
};

struct fl_itself {
    struct fl_model model;
    struct fl_itself *self; /* behind the model: how step finds its way back */
    struct fl_operation_type *types;
    struct fl_itself_object object;
    struct node *nodes;
    uint32_t count;
    uint32_t max;
    struct fl_itself_call *path; /* from the start, room for path_max */
    uint32_t path_max;
    struct pile digests;
    uint64_t performed;
    bool broke;
    bool no_memory;
    char broken[160];
};

_Static_assert(offsetof(struct fl_itself, model) == 0,
               "a pointer to the model is one to the whole");

/* The whole that a model is part of. */
static struct fl_itself *whole_of(const struct fl_space *space)
{
    const struct fl_itself *itself = (const void *)space->history->model;
    assert(&itself->model == space->history->model);
    return itself->self;
}

static size_t bound_state(const struct fl_space *space)
{
    (void)space;
    return sizeof(uint32_t);
}

static size_t start(const struct fl_space *space, void *state)
{
    (void)space;
    memset(state, 0, sizeof(uint32_t));
    return sizeof(uint32_t);
}

static bool is_same_call(const struct fl_itself_call *a,
                         const struct fl_itself_call *b)
{
    return a->client == b->client && a->fn == b->fn && a->key == b->key &&
           memcmp(a->args, b->args, sizeof(a->args)) == 0;
}

static uint32_t find_child(const struct fl_itself *it, uint32_t parent,
                           const struct fl_itself_call *call)
{
    uint32_t at = it->nodes[parent].child;
    while (at != NO_NODE && !is_same_call(&it->nodes[at].call, call)) {
        at = it->nodes[at].sibling;
    }
    return at;
}

/* Makes room for one node more, and a path of `depth`. */
static bool make_room(struct fl_itself *it, uint32_t depth)
{
    if (it->count == it->max) {
        uint32_t max = it->max * 2;
        struct node *more = realloc(it->nodes, max * sizeof(*more));
        if (more == NULL) {
            return false;
        }
        it->nodes = more;
        it->max = max;
    }
    if (depth > it->path_max) {
        uint32_t max = depth * 2;
        struct fl_itself_call *more = realloc(it->path, max * sizeof(*more));
        if (more == NULL) {
            return false;
        }
        it->path = more;
        it->path_max = max;
    }
    return true;
}

static uint64_t hash_bytes(const unsigned char *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    return hash;
}

static bool keep_digest(struct fl_itself *it, struct node *node,
                        const void *bytes, size_t size)
{
    struct pile *pile = &it->digests;
    if (pile->max - pile->size < size) {
        size_t max = 2 * (pile->max + size);
        unsigned char *more = realloc(pile->bytes, max);
        if (more == NULL) {
            return false;
        }
        pile->bytes = more;
        pile->max = max;
    }
    memcpy(pile->bytes + pile->size, bytes, size);
    node->digest = pile->size;
    node->digest_size = size;
    pile->size += size;
    return true;
}

/* Looks for a node whose object was the same as now; the whole bytes decide.
 * Histories are short: a walk over all nodes costs less than performing. */
static void identify(struct fl_itself *it, uint32_t index)
{
    struct node *node = &it->nodes[index];
    size_t size = 0;
    const void *bytes = it->object.digest(it->object.context, &size);
    if (bytes == NULL || size == 0) {
        return;
    }
    node->hash = hash_bytes(bytes, size);
    for (uint32_t i = 1; i < index; i++) {
        const struct node *other = &it->nodes[i];
        if (other->same == i && other->digest_size == size &&
            other->hash == node->hash &&
            memcmp(it->digests.bytes + other->digest, bytes, size) == 0) {
            node->same = i;
            return;
        }
    }
    /* Without the bytes it is merely not recognised later. */
    (void)keep_digest(it, node, bytes, size);
}

/* Says of the first sequence that broke what it was. */
static void note_broken(struct fl_itself *it, const struct node *node)
{
    if (it->broke) {
        return;
    }
    it->broke = true;
    const struct fl_operation_type *type = &it->types[node->call.fn];
    (void)snprintf(it->broken, sizeof(it->broken),
                   "%s fails even alone, after %u other operations", type->name,
                   node->depth - 1);
}

/* Performs the sequence that ends in the new node, and keeps the answer. */
static void perform(struct fl_itself *it, uint32_t index)
{
    struct node *node = &it->nodes[index];
    uint32_t at = index;
    for (uint32_t i = node->depth; i > 0; i--) {
        it->path[i - 1] = it->nodes[at].call;
        at = it->nodes[at].parent;
    }
    assert(at == 0);
    it->performed++;
    node->answer = FL_NONE;
    switch (it->object.perform(it->object.context, it->path, node->depth,
                               &node->answer)) {
    case FL_ITSELF_ANSWERED:
        if (it->object.digest != NULL) {
            identify(it, index);
        }
        return;
    case FL_ITSELF_BROKE:
        note_broken(it, node);
        break;
    case FL_ITSELF_WAITS:
        break;
    }
    node->answer = FL_REFUSED;
}

/* The node after `call` in `parent`; NO_NODE when memory ends. */
static uint32_t take_child(struct fl_itself *it, uint32_t parent,
                           const struct fl_itself_call *call)
{
    uint32_t found = find_child(it, parent, call);
    if (found != NO_NODE) {
        return found;
    }
    uint32_t depth = it->nodes[parent].depth + 1;
    if (!make_room(it, depth)) {
        it->no_memory = true;
        return NO_NODE;
    }
    uint32_t index = it->count++;
    it->nodes[index] = (struct node){.call = *call,
                                     .parent = parent,
                                     .sibling = it->nodes[parent].child,
                                     .depth = depth,
                                     .same = index};
    it->nodes[parent].child = index;
    perform(it, index);
    return index;
}

// cppcheck-suppress constParameter ; the port is the same for all models
static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    struct fl_itself *it = whole_of(space);
    uint32_t at;
    assert(*size == sizeof(at));
    memcpy(&at, state, sizeof(at));
    assert(at < it->count);
    struct fl_itself_call call = {
        .client = op->client, .fn = op->fn, .key = op->key};
    memcpy(call.args, op->args, sizeof(call.args));
    uint32_t next = take_child(it, at, &call);
    if (next == NO_NODE) {
        return FL_REFUSED;
    }
    const struct node *node = &it->nodes[next];
    if (node->answer != FL_REFUSED) {
        memcpy(state, &node->same, sizeof(node->same));
    }
    return node->answer;
}

/* "after 3 operations: enqueue(1) enqueue(2) dequeue()". */
static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    const struct fl_itself *it = whole_of(space);
    uint32_t at;
    assert(size == sizeof(at) && max > 0);
    memcpy(&at, state, sizeof(at));
    uint32_t depth = it->nodes[at].depth;
    text[0] = '\0';
    size_t used = 0;
    for (uint32_t i = 1; i <= depth && used + 1 < max; i++) {
        uint32_t node = at; /* the i-th from the start */
        for (uint32_t up = depth; up > i; up--) {
            node = it->nodes[node].parent;
        }
        const struct fl_itself_call *call = &it->nodes[node].call;
        struct fl_operation op = {
            .client = call->client, .fn = call->fn, .key = call->key};
        memcpy(op.args, call->args, sizeof(op.args));
        char one[80];
        (void)fl_describe_call(space->history, &op, one, sizeof(one));
        int added = snprintf(text + used, max - used, "%s%s",
                             i == 1 ? "after " : " ", one);
        used += added > 0 ? (size_t)added : 0;
    }
    if (depth == 0) {
        (void)snprintf(text, max, "fresh");
    }
    return text;
}

static bool copy_types(struct fl_itself *it,
                       const struct fl_operation_type *types, uint32_t count)
{
    it->types = malloc(count * sizeof(*types));
    if (it->types == NULL) {
        return false;
    }
    memcpy(it->types, types, count * sizeof(*types));
    for (uint32_t i = 0; i < count; i++) {
        it->types[i].pure = false; /* who knows? */
    }
    return true;
}

struct fl_itself *fl_itself_new(const char *name,
                                const struct fl_operation_type *types,
                                uint32_t types_count,
                                const struct fl_itself_object *object)
{
    assert(name != NULL && types != NULL && types_count > 0);
    assert(object != NULL && object->perform != NULL);
    struct fl_itself *it = calloc(1, sizeof(*it));
    if (it == NULL) {
        return NULL;
    }
    it->self = it;
    it->object = *object;
    it->max = 64;
    it->nodes = calloc(it->max, sizeof(*it->nodes));
    if (it->nodes == NULL || !copy_types(it, types, types_count)) {
        fl_itself_free(it);
        return NULL;
    }
    it->count = 1; /* the fresh object */
    it->model = (struct fl_model){
        .name = name,
        .about = "what the object itself answers, used alone",
        .types = it->types,
        .types_count = types_count,
        .state_max = bound_state,
        .start = start,
        .step = step,
        .describe = describe,
        .by_client = true,
    };
    return it;
}

void fl_itself_free(struct fl_itself *it)
{
    if (it == NULL) {
        return;
    }
    free(it->nodes);
    free(it->path);
    free(it->types);
    free(it->digests.bytes);
    free(it);
}

const struct fl_model *fl_itself_model(const struct fl_itself *it)
{
    return &it->model;
}

void fl_itself_trim(struct fl_itself *it)
{
    if (it->count > NODES_KEPT) {
        it->count = 1;
        it->nodes[0].child = NO_NODE;
        it->digests.size = 0;
    }
}

bool fl_itself_broke(const struct fl_itself *it, char *text, size_t max)
{
    assert(text != NULL && max > 0);
    (void)snprintf(text, max, "%s",
                   it->no_memory ? "no memory to use the object alone"
                                 : it->broken);
    return it->broke || it->no_memory;
}

uint64_t fl_itself_performed(const struct fl_itself *it)
{
    return it->performed;
}
