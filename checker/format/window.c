/*
 * Ranks for stamps as soon as they are known.
 *
 * A stamp's rank is the number of stamps below it.  All below a call have been
 * read when the next call is: calls are in order, and a return is read with
 * its call.  So returns below the call at hand leave the heap and get their
 * ranks, then the call gets its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/window.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ROOM_FIRST = 64
};

/* The return of an operation that is in flight; no rank is so large. */
#define IN_FLIGHT (FL_OPEN - 1)

static struct fl_operation *at(const struct fl_window *w, uint64_t number)
{
    struct fl_operation *ring = w->ring.data;
    assert(number >= w->first && number < w->next);
    return &ring[number & (w->room - 1)];
}

static enum fl_status refuse(struct fl_window *w, uint32_t line,
                             const char *text)
{
    w->error.line = line;
    w->error.column = 1;
    (void)snprintf(w->error.text, sizeof(w->error.text), "%s", text);
    return FL_BAD_INPUT;
}

/* Makes room for one more: doubles the ring, up to the bound. */
static enum fl_status make_room(struct fl_window *w)
{
    uint32_t room = w->room == 0 ? ROOM_FIRST : 2 * w->room;
    uint64_t waiting = w->next - w->first;
    struct fl_block block = {NULL, 0};
    struct fl_operation *more;
    if (waiting >= w->most) {
        char text[160];
        (void)snprintf(text, sizeof(text),
                       "in flight while %" PRIu32 " others are called: convert "
                       "without --stream, which holds the whole history",
                       w->most);
        return refuse(w, at(w, w->first)->line, text);
    }
    if (waiting < w->room) {
        return FL_OK;
    }
    if (!fl_block_reserve(&block, room * sizeof(*more)) ||
        !fl_block_reserve(&w->heap, (room + 1ul) * sizeof(struct fl_flying))) {
        fl_block_release(&block);
        return FL_NO_MEMORY;
    }
    more = block.data;
    for (uint64_t n = w->first; n < w->next; n++) {
        more[n & (room - 1)] = *at(w, n);
    }
    fl_block_release(&w->ring);
    w->ring = block;
    w->room = room;
    return FL_OK;
}

static bool is_before(const struct fl_flying *a, const struct fl_flying *b)
{
    return a->ret != b->ret ? a->ret < b->ret : a->number < b->number;
}

static void push(struct fl_window *w, struct fl_flying one)
{
    struct fl_flying *heap = w->heap.data;
    uint32_t place = w->flying;
    w->flying++;
    assert(w->flying * sizeof(one) <= w->heap.size);
    while (place > 0 && is_before(&one, &heap[(place - 1) / 2])) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = one;
}

static struct fl_flying pop(struct fl_window *w)
{
    struct fl_flying *heap = w->heap.data;
    assert(w->flying > 0);
    struct fl_flying first = heap[0];
    w->flying--;
    struct fl_flying last = heap[w->flying];
    uint32_t place = 0;
    for (uint32_t child = 1; child < w->flying; child = 2 * place + 1) {
        child +=
            child + 1 < w->flying && is_before(&heap[child + 1], &heap[child]);
        if (!is_before(&heap[child], &last)) {
            break;
        }
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return first;
}

/* Gives the next rank to `stamp`, which stands in `line`. */
static enum fl_status rank(struct fl_window *w, uint32_t stamp, uint32_t line,
                           uint32_t *to)
{
    if (w->ranks > 0 && stamp == w->last) {
        char text[80];
        (void)snprintf(text, sizeof(text), "stamp %" PRIu32 " is used twice",
                       stamp);
        return refuse(w, line, text);
    }
    assert(w->ranks == 0 || stamp > w->last);
    if (w->ranks >= IN_FLIGHT) {
        return refuse(w, line, "more than 2^32 - 2 stamps in a history");
    }
    w->last = stamp;
    *to = (uint32_t)w->ranks;
    w->ranks++;
    return FL_OK;
}

/* Ranks the returns up to the stamp `end`, not including it. */
static enum fl_status land(struct fl_window *w, uint32_t end)
{
    const struct fl_flying *heap = w->heap.data;
    while (w->flying > 0 && heap[0].ret < end) {
        struct fl_flying one = pop(w);
        struct fl_operation *op = at(w, one.number);
        enum fl_status status = rank(w, one.ret, op->line, &op->ret);
        if (status != FL_OK) {
            return status;
        }
        ((bool *)w->busy.data)[op->client] = false;
    }
    return FL_OK;
}

/* Tests what can be wrong with `op`, when all before it have landed. */
static enum fl_status test(struct fl_window *w, const struct fl_operation *op)
{
    size_t size = w->busy.size;
    if (op->ret != FL_OPEN && op->ret < op->call) {
        return refuse(w, op->line, "returns before its call");
    }
    if (!fl_block_reserve(&w->busy, (op->client + 1ul) * sizeof(bool))) {
        return FL_NO_MEMORY;
    }
    memset((char *)w->busy.data + size, 0, w->busy.size - size);
    if (((bool *)w->busy.data)[op->client]) {
        char text[160];
        (void)snprintf(text, sizeof(text),
                       "client %" PRIu32 " calls while another operation of it "
                       "is in flight; a client that gave up must not be used "
                       "again",
                       op->client);
        return refuse(w, op->line, text);
    }
    return FL_OK;
}

enum fl_status fl_window_add(struct fl_window *w, const struct fl_operation *op)
{
    assert(w->most > 0);
    if (w->next > 0 && op->call < w->last_call) {
        return refuse(w, op->line,
                      "called before the operation above it: put the lines in "
                      "order of \"call\", or convert without --stream");
    }
    w->last_call = op->call;
    enum fl_status status = land(w, op->call);
    status = status == FL_OK ? test(w, op) : status;
    status = status == FL_OK ? make_room(w) : status;
    if (status != FL_OK) {
        return status;
    }
    uint64_t number = w->next++;
    struct fl_operation *kept = at(w, number);
    *kept = *op;
    w->held = w->next - w->first > w->held ? w->next - w->first : w->held;
    ((bool *)w->busy.data)[op->client] = true;
    if (op->ret != FL_OPEN) {
        kept->ret = IN_FLIGHT;
        push(w, (struct fl_flying){op->ret, number});
    }
    return rank(w, op->call, op->line, &kept->call);
}

enum fl_status fl_window_end(struct fl_window *w)
{
    enum fl_status status = land(w, FL_OPEN);
    assert(status != FL_OK || w->flying == 0);
    return status;
}

const struct fl_operation *fl_window_take(struct fl_window *w)
{
    if (w->first == w->next || at(w, w->first)->ret == IN_FLIGHT) {
        return NULL;
    }
    const struct fl_operation *op = at(w, w->first);
    w->first++;
    return op;
}

void fl_window_clear(struct fl_window *w)
{
    w->first = 0;
    w->next = 0;
    w->flying = 0;
    w->ranks = 0;
    if (w->busy.size > 0) {
        memset(w->busy.data, 0, w->busy.size);
    }
}

void fl_window_release(struct fl_window *w)
{
    fl_block_release(&w->ring);
    fl_block_release(&w->heap);
    fl_block_release(&w->busy);
}
