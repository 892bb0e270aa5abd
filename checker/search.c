/*
 * The search for a linearization.
 *
 * This is the algorithm of Wing and Gong (1993) in the form that Lowe (2017)
 * gave it: take an operation that could be next and that the model accepts, go
 * on from there, and come back when stuck.  Two paths that have taken the same
 * operations and stand in the same state have the same future, so each such
 * configuration is entered once.
 *
 *     taken {}          taken {a}          taken {a,c}
 *     state []   --a--> state [1]   --c--> state []    ...
 *         \                                   ^
 *          `--c--> refused: pop() = 1 from an empty stack
 *
 * Untaken items stand in two rings by call, one of those that must and one of
 * those that may take effect.  The ones that could be next are a prefix of
 * each ring: those called before the least return among the untaken musts.
 * They are tried by return, open ones last; the order changes the speed only.
 *
 * A configuration's key does not grow with the history:
 *
 *     | state, base | words of taken musts from base on | words of opens |
 *
 * where all musts before `base` are taken and the one at `base` is not.
 *
 * A configuration in which some must is lost (the value it saw is gone, and
 * nobody is left to bring it back) is a dead end at once.
 *
 * Two reductions need no search (exchange arguments; with deadlines they need
 * the side conditions in frontier.c): an accepted item that never changes the
 * state is taken at once and nothing else is tried; among twins only the one
 * that returns first is tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/search.h"

#include "checker/frontier.h"
#include "checker/rings.h"

#include <assert.h>
#include <string.h>
#include <time.h>

enum {
    WORK_PER_CLOCK = 1024 /* nodes, and the candidates that were listed */
};

uint64_t fl_clock_read(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Counts one model step.  Says which budget has run out, if any. */
static enum fl_end spend_node(struct fl_search *s)
{
    if (s->budget.nodes > 0 && s->nodes >= s->budget.nodes) {
        return FL_END_NODES;
    }
    assert(s->nodes < UINT64_MAX);
    s->nodes++;
    s->work++;
    if (s->deadline > 0 && s->work >= WORK_PER_CLOCK) {
        s->work = 0;
        return fl_clock_read() >= s->deadline ? FL_END_TIME : FL_END_NOT_YET;
    }
    return FL_END_NOT_YET;
}

enum fl_end fl_search_step(struct fl_search *s, const struct fl_frame *frame,
                           uint32_t i, uint32_t *state)
{
    enum fl_end end = spend_node(s);
    if (end != FL_END_NOT_YET) {
        return end;
    }
    size_t size;
    const void *bytes = fl_memo_bytes(&s->memo, frame->state, &size);
    assert(i < s->part.count);
    assert(size <= s->scratch.size);
    memcpy(s->scratch.data, bytes, size);
    *state = FL_OPEN;
    const struct fl_operation *op = &fl_item_at(s, i)->op;
    void *state_now = s->scratch.data;
    bool is_accepted =
        s->forks ? fl_state_go(&s->part.space, state_now, &size, op, frame->way)
                 : fl_state_accepts(&s->part.space, state_now, &size, op);
    if (!is_accepted) {
        return FL_END_NOT_YET;
    }
    assert(size <= s->scratch.size);
    *state = fl_memo_state(&s->memo, s->scratch.data, size);
    return *state == UINT32_MAX ? FL_END_NO_MEMORY : FL_END_NOT_YET;
}

/* Writes the bits of taken opens, without those that can never be taken any
 * more: whether they were makes no difference to the future. */
static uint32_t write_opens(struct fl_search *s, const struct fl_frame *frame,
                            uint64_t *words)
{
    const uint64_t *done = s->done.data;
    uint32_t count = fl_open_words(s);
    memcpy(words, done + fl_must_words(s), count * sizeof(*words));
    if (!s->part.conditional) {
        return count;
    }
    for (uint32_t i = 0; i < s->part.count; i++) {
        const struct fl_item *item = fl_item_at(s, i);
        if (!fl_is_must(item) && !fl_frontier_alive(s, frame, i)) {
            words[item->bit / FL_WORD_BITS] &=
                ~((uint64_t)1 << (item->bit % FL_WORD_BITS));
        }
    }
    return count;
}

static enum fl_entry enter(struct fl_search *s, const struct fl_frame *frame)
{
    const struct fl_link *links = s->links.data;
    const uint64_t *done = s->done.data;
    uint64_t *key = s->key.data;
    uint32_t first = links[fl_must_head(s)].next;
    assert(first != fl_must_head(s));
    uint32_t base = fl_item_at(s, first)->bit;
    uint32_t count = 1;
    key[0] = (uint64_t)base << 32 | frame->state;
    for (uint32_t w = base / FL_WORD_BITS;
         frame->top > base && w <= (frame->top - 1) / FL_WORD_BITS; w++) {
        key[count] = done[w];
        count++;
    }
    count += write_opens(s, frame, key + count);
    assert(count * sizeof(*key) <= s->key.size);
    return fl_memo_enter(&s->memo, key, count);
}

/* Remembers the deepest dead end: it is what a report shows. */
static void keep_longest(struct fl_search *s)
{
    const struct fl_frame *frames = s->frames.data;
    bool is_longer = s->best_count == 0 && s->depth > 0;
    if (!is_longer && frames[s->depth].musts <= s->best_musts) {
        return;
    }
    uint32_t *best = s->best.data;
    assert(s->best_shared <= s->depth);
    for (uint32_t d = s->best_shared; d < s->depth; d++) {
        best[d] = frames[d].taken;
    }
    s->best_count = s->depth;
    s->best_musts = frames[s->depth].musts;
    s->best_shared = s->depth;
}

/* Goes from the top frame on through item `i`, if that leads anywhere new. */
static enum fl_end descend(struct fl_search *s, uint32_t i)
{
    struct fl_frame *frame = (struct fl_frame *)s->frames.data + s->depth;
    const struct fl_item *item = fl_item_at(s, i);
    uint32_t state;
    enum fl_end end = fl_search_step(s, frame, i, &state);
    if (end != FL_END_NOT_YET || state == FL_OPEN) {
        return end;
    }
    if (!fl_is_must(item) && state == frame->state && !s->plain) {
        return FL_END_NOT_YET; /* leaving it out is as good */
    }
    struct fl_frame *next = frame + 1;
    uint32_t call = item->op.call + 1;
    next->state = state;
    next->count = 0;
    next->frontier = frame->frontier + frame->count;
    next->latest = call > frame->latest ? call : frame->latest;
    next->top = frame->top;
    next->musts = frame->musts;
    if (fl_is_must(item)) {
        next->musts++;
        next->top = item->bit + 1 > next->top ? item->bit + 1 : next->top;
    }
    assert(!fl_is_taken(s, i));
    fl_item_lift(s, i);
    frame->taken = i;
    s->depth++;
    if (next->musts == s->part.musts) {
        return FL_END_PASS;
    }
    enum fl_entry entry = enter(s, next);
    if (entry == FL_ENTRY_NO_MEMORY) {
        return FL_END_NO_MEMORY;
    }
    if (entry == FL_ENTRY_OLD) {
        s->depth--;
        fl_item_unlift(s, i);
        return FL_END_NOT_YET;
    }
    return fl_frontier_expand(s, next);
}

uint64_t fl_search_held(const struct fl_search *s)
{
    const struct fl_frame *frame =
        (const struct fl_frame *)s->frames.data + s->depth;
    uint64_t each = sizeof(struct fl_item) + sizeof(struct fl_link) +
                    sizeof(uint64_t) + sizeof(uint32_t) +
                    sizeof(struct fl_frame);
    return fl_memo_held(&s->memo) + s->part.count * each +
           (frame->frontier + frame->count) * sizeof(uint32_t) +
           fl_breadth_held(&s->breadth);
}

/* Goes on to the next way of item `i`; false if that was the last. */
bool fl_search_fork(const struct fl_search *s, struct fl_frame *frame,
                    uint32_t i)
{
    size_t size;
    const void *state = fl_memo_bytes(&s->memo, frame->state, &size);
    const struct fl_operation *op = &fl_item_at(s, i)->op;
    frame->way++;
    if (frame->way >= fl_state_ways(&s->part.space, state, size, op)) {
        frame->way = 0;
    }
    return frame->way > 0;
}

static enum fl_end climb(struct fl_search *s)
{
    enum fl_end end = FL_END_NOT_YET;
    while (end == FL_END_NOT_YET) {
        struct fl_frame *frame = (struct fl_frame *)s->frames.data + s->depth;
        if (frame->next < frame->count) {
            const uint32_t *candidates = s->candidates.data;
            uint32_t i = candidates[frame->frontier + frame->next];
            end = descend(s, i);
            if (!s->forks || !fl_search_fork(s, frame, i)) {
                frame->next++;
            }
            if (end == FL_END_NOT_YET && s->budget.bytes > 0 &&
                fl_search_held(s) > s->budget.bytes) {
                end = FL_END_BYTES;
            }
            continue;
        }
        keep_longest(s);
        if (s->depth == 0) {
            return FL_END_VIOLATION;
        }
        assert(s->depth <= s->part.count);
        s->depth--;
        s->best_shared = s->depth < s->best_shared ? s->depth : s->best_shared;
        fl_item_unlift(s, (frame - 1)->taken);
    }
    return end;
}

/* Links all items into their rings; nothing is taken. */
static void link_items(struct fl_search *s)
{
    struct fl_link *links = s->links.data;
    uint32_t heads[2] = {fl_must_head(s), fl_open_head(s)};
    for (int k = 0; k < 2; k++) {
        links[heads[k]] = (struct fl_link){heads[k], heads[k]};
    }
    for (uint32_t i = 0; i < s->part.count; i++) {
        uint32_t head = heads[!fl_is_must(fl_item_at(s, i))];
        uint32_t last = links[head].before;
        links[i] = (struct fl_link){.next = head, .before = last};
        links[last].next = i;
        links[head].before = i;
    }
}

static bool reserve(struct fl_search *s)
{
    size_t count = s->part.count + 2ul;
    size_t words = fl_must_words(s) + fl_open_words(s) + 2ul;
    bool reserved =
        fl_block_reserve(&s->links, count * sizeof(struct fl_link)) &&
        fl_block_reserve(&s->done, words * sizeof(uint64_t)) &&
        fl_block_reserve(&s->marks, count * sizeof(uint64_t)) &&
        fl_block_reserve(&s->frames, count * sizeof(struct fl_frame)) &&
        fl_block_reserve(&s->best, count * sizeof(uint32_t)) &&
        fl_block_reserve(&s->key, words * sizeof(uint64_t)) &&
        fl_block_reserve(&s->scratch, fl_state_max(&s->part.space) + 16) &&
        fl_block_reserve(&s->candidates, sizeof(uint32_t)) &&
        fl_memo_clear(&s->memo);
    if (reserved) {
        memset(s->done.data, 0, words * sizeof(uint64_t));
        memset(s->marks.data, 0, count * sizeof(uint64_t));
    }
    return reserved;
}

/* The must-item that could not be next after the longest prefix: of those that
 * were not taken the one that returned first. */
static uint32_t find_blocked(struct fl_search *s)
{
    const uint32_t *best = s->best.data;
    memset(s->done.data, 0,
           (fl_must_words(s) + fl_open_words(s)) * sizeof(uint64_t));
    for (uint32_t d = 0; d < s->best_count; d++) {
        fl_flip_taken(s, best[d]);
    }
    uint32_t blocked = FL_OPEN;
    for (uint32_t i = 0; i < s->part.count; i++) {
        if (fl_is_must(fl_item_at(s, i)) && !fl_is_taken(s, i) &&
            (blocked == FL_OPEN ||
             fl_item_at(s, i)->op.ret < fl_item_at(s, blocked)->op.ret)) {
            blocked = i;
        }
    }
    return blocked;
}

bool fl_search_begin(struct fl_search *s)
{
    s->depth = 0;
    s->expansions = 0;
    s->best_count = 0;
    s->best_musts = 0;
    s->best_shared = 0;
    s->blocked = FL_OPEN;
    fl_breadth_clear(&s->breadth);
    s->forks = s->part.space.history->model->ways != NULL;
    return reserve(s);
}

bool fl_search_root(struct fl_search *s, struct fl_frame *root)
{
    *root = (struct fl_frame){0};
    memset(s->scratch.data, 0, s->scratch.size);
    size_t size = fl_state_start(&s->part.space, s->scratch.data);
    root->state = fl_memo_state(&s->memo, s->scratch.data, size);
    return root->state != UINT32_MAX;
}

void fl_search_finish(struct fl_search *s, enum fl_end end,
                      void (*keep)(struct fl_search *))
{
    if (end != FL_END_PASS && end != FL_END_NO_MEMORY) {
        keep(s);
        s->blocked = find_blocked(s);
    }
    s->entries += s->memo.entries;
    uint64_t held = fl_search_held(s);
    s->bytes = held > s->bytes ? held : s->bytes;
}

enum fl_end fl_search_run(struct fl_search *s)
{
    if (!fl_search_begin(s)) {
        return FL_END_NO_MEMORY;
    }
    link_items(s);
    if (s->part.musts == 0) {
        return FL_END_PASS;
    }
    struct fl_frame *root = s->frames.data;
    if (!fl_search_root(s, root)) {
        return FL_END_NO_MEMORY;
    }
    enum fl_end end = fl_frontier_expand(s, root);
    if (end == FL_END_NOT_YET) {
        end = climb(s);
    }
    fl_search_finish(s, end, keep_longest);
    return end;
}

void fl_search_release(struct fl_search *s)
{
    fl_part_release(&s->part);
    fl_memo_release(&s->memo);
    fl_block_release(&s->links);
    fl_block_release(&s->done);
    fl_block_release(&s->marks);
    fl_block_release(&s->frames);
    fl_block_release(&s->best);
    fl_block_release(&s->key);
    fl_block_release(&s->scratch);
    fl_block_release(&s->candidates);
    fl_block_release(&s->heads);
    fl_breadth_release(&s->breadth);
}
