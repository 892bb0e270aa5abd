/*
 * Ranks for stamps as soon as they are known.
 *
 * A stamp's rank is the number of stamps below it.  All below a call have been
 * read when the next call is: calls are in order, and a return is read with
 * its call.  So returns below the call at hand leave the heap and get their
 * ranks, then the call gets its own.
 *
 * Among equal stamps the order is that of checker/format/draft_finish.c.  Where
 * returns come first, operations that are called and return at one stamp lie
 * between those that end and those that begin there, so that those called at
 * one stamp wait until a later call is read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/window.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
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
                             const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum fl_status refuse(struct fl_window *w, uint32_t line,
                             const char *format, ...)
{
    w->error.line = line;
    w->error.column = 1;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(w->error.text, sizeof(w->error.text), format, list);
    va_end(list);
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
        return refuse(w, at(w, w->first)->line,
                      "in flight while %" PRIu32 " others are called: too long "
                      "for a stream, which does not hold the whole history",
                      w->most);
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
static enum fl_status rank(struct fl_window *w, int64_t stamp, uint32_t line,
                           uint32_t *to)
{
    if (w->ties == FL_TIES_REFUSED && w->ranks > 0 && stamp == w->last) {
        return refuse(w, line, "stamp %" PRId64 " is used twice", stamp);
    }
    assert(w->ranks == 0 || stamp >= w->last);
    if (w->ranks >= IN_FLIGHT) {
        return refuse(w, line, "more than 2^32 - 2 stamps in a history");
    }
    w->last = stamp;
    *to = (uint32_t)w->ranks;
    w->ranks++;
    return FL_OK;
}

/* Ranks the return that comes first. */
static enum fl_status land_first(struct fl_window *w)
{
    struct fl_flying one = pop(w);
    struct fl_operation *op = at(w, one.number);
    enum fl_status status = rank(w, one.ret, op->line, &op->ret);
    if (status != FL_OK) {
        return status;
    }
    ((bool *)w->busy.data)[op->client] = false;
    if (w->is_crowd) {
        assert(w->free_count < w->crowd);
        ((uint32_t *)w->free.data)[w->free_count] = op->client;
        w->free_count++;
    }
    return FL_OK;
}

/* Ranks the returns that come before a call at `moment`. */
static enum fl_status land(struct fl_window *w, int64_t moment)
{
    const struct fl_flying *heap = w->heap.data;
    bool early = w->ties == FL_TIES_RETURNS_FIRST;
    enum fl_status status = FL_OK;
    while (status == FL_OK && w->flying > 0 &&
           (heap[0].ret < moment || (early && heap[0].ret == moment))) {
        status = land_first(w);
    }
    return status;
}

/* Says who calls, where nobody is named. */
static enum fl_status choose_client(struct fl_window *w,
                                    struct fl_operation *op)
{
    if (op->client != FL_WINDOW_NOBODY) {
        return FL_OK;
    }
    w->is_crowd = true;
    if (w->free_count > 0) {
        w->free_count--;
        op->client = ((const uint32_t *)w->free.data)[w->free_count];
        return FL_OK;
    }
    if (w->crowd > FL_JSONL_CLIENT_MAX) {
        return refuse(w, op->line, "more than %d clients",
                      FL_JSONL_CLIENT_MAX + 1);
    }
    op->client = w->crowd;
    w->crowd++;
    return fl_block_reserve(&w->free, w->crowd * sizeof(uint32_t))
               ? FL_OK
               : FL_NO_MEMORY;
}

/* Marks the client as busy, which it must not be. */
static enum fl_status engage(struct fl_window *w, const struct fl_operation *op)
{
    size_t size = w->busy.size;
    assert(op->client <= FL_JSONL_CLIENT_MAX);
    if (!fl_block_reserve(&w->busy, (op->client + 1ul) * sizeof(bool))) {
        return FL_NO_MEMORY;
    }
    bool *busy = w->busy.data;
    memset((char *)w->busy.data + size, 0, w->busy.size - size);
    if (busy[op->client]) {
        return refuse(w, op->line,
                      "client %" PRIu32 " calls while another operation of it "
                      "is in flight; a client that gave up must not be used "
                      "again",
                      op->client);
    }
    busy[op->client] = true;
    return FL_OK;
}

/* Gives an operation its place, when all before its call have theirs. */
static enum fl_status seat(struct fl_window *w, const struct fl_arrival *a)
{
    struct fl_operation op = a->op;
    enum fl_status status = choose_client(w, &op);
    status = status == FL_OK ? engage(w, &op) : status;
    status = status == FL_OK ? make_room(w) : status;
    if (status != FL_OK) {
        return status;
    }
    uint64_t number = w->next++;
    struct fl_operation *kept = at(w, number);
    *kept = op;
    w->held = w->next - w->first > w->held ? w->next - w->first : w->held;
    if (op.ret != FL_OPEN) {
        kept->ret = IN_FLIGHT;
        push(w, (struct fl_flying){a->ret, number});
    }
    return rank(w, a->call, op.line, &kept->call);
}

/* Seats those that were called at one stamp: first those that also return
 * there. */
static enum fl_status seat_group(struct fl_window *w)
{
    const struct fl_arrival *group = w->group.data;
    enum fl_status status = land(w, w->last_call);
    for (int late = 0; late < 2; late++) {
        for (uint32_t i = 0; status == FL_OK && i < w->group_count; i++) {
            bool is_late =
                group[i].op.ret == FL_OPEN || group[i].ret > group[i].call;
            if (is_late == (late == 1)) {
                status = seat(w, &group[i]);
            }
        }
        status = status == FL_OK ? land(w, w->last_call) : status;
    }
    w->group_count = 0;
    return status;
}

static enum fl_status join_group(struct fl_window *w,
                                 const struct fl_arrival *a)
{
    assert(w->ties == FL_TIES_RETURNS_FIRST);
    if (w->group_count >= w->most) {
        return refuse(w, a->op.line,
                      "more than %" PRIu32 " calls at one stamp: too many for "
                      "a stream, which does not hold the whole history",
                      w->most);
    }
    if (!fl_block_reserve(&w->group, (w->group_count + 1ul) * sizeof(*a))) {
        return FL_NO_MEMORY;
    }
    ((struct fl_arrival *)w->group.data)[w->group_count] = *a;
    w->group_count++;
    return FL_OK;
}

enum fl_status fl_window_add(struct fl_window *w, const struct fl_arrival *a)
{
    assert(w->most > 0);
    if (w->any && a->call < w->last_call) {
        return refuse(w, a->op.line,
                      "called at %" PRId64 ", before the operation above it: a "
                      "stream must be in the order of calls",
                      a->call);
    }
    if (a->op.ret != FL_OPEN && a->ret < a->call) {
        return refuse(w, a->op.line,
                      "returns at %" PRId64 ", before its call at %" PRId64,
                      a->ret, a->call);
    }
    enum fl_status status = FL_OK;
    if (w->any && a->call > w->last_call) {
        status = seat_group(w);
    }
    w->any = true;
    w->last_call = a->call;
    if (status == FL_OK && w->ties == FL_TIES_RETURNS_FIRST) {
        return join_group(w, a);
    }
    status = status == FL_OK ? land(w, a->call) : status;
    return status == FL_OK ? seat(w, a) : status;
}

enum fl_status fl_window_end(struct fl_window *w)
{
    enum fl_status status = w->any ? seat_group(w) : FL_OK;
    while (status == FL_OK && w->flying > 0) {
        status = land_first(w);
    }
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
    w->any = false;
    w->group_count = 0;
    w->is_crowd = false;
    w->free_count = 0;
    w->crowd = 0;
    if (w->busy.size > 0) {
        memset(w->busy.data, 0, w->busy.size);
    }
}

void fl_window_release(struct fl_window *w)
{
    fl_block_release(&w->ring);
    fl_block_release(&w->heap);
    fl_block_release(&w->busy);
    fl_block_release(&w->group);
    fl_block_release(&w->free);
}
