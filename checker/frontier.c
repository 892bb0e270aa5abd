/*
 * Candidates: musts by return ("who must go first"), then opens by call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/frontier.h"

#include "checker/rings.h"

#include <assert.h>

enum {
    GOALS_MAX = 16 /* musts, by call, that is_lost() looks at */
};

/* Whether item `i` is among the successors of `item`: the next, and if that is
 * open the one after it, and so on. */
static bool is_succ(const struct fl_search *s, const struct fl_item *item,
                    uint32_t i)
{
    uint32_t k = item->succ;
    while (k != FL_OPEN && k != i) {
        k = fl_item_at(s, k)->succ;
    }
    return k == i && i != FL_OPEN;
}

/* Whether a successor of `item` was taken. */
static bool succ_taken(const struct fl_search *s, const struct fl_item *item)
{
    uint32_t k = item->succ;
    while (k != FL_OPEN && !fl_is_taken(s, k)) {
        k = fl_item_at(s, k)->succ;
    }
    return k != FL_OPEN;
}

bool fl_frontier_alive(const struct fl_search *s, const struct fl_frame *frame,
                       uint32_t i)
{
    const struct fl_item *item = fl_item_at(s, i);
    if (item->deadline != FL_OPEN && item->deadline < frame->latest) {
        return false;
    }
    return !succ_taken(s, item);
}

/*
 * Whether taking item `i` early, or in place of a twin, cannot spoil another's
 * condition: its call must not pass a deadline, nor may it be a successor.
 */
static bool may_force(const struct fl_search *s, const struct fl_frame *frame,
                      uint32_t i)
{
    assert(!fl_is_taken(s, i));
    if (!s->part.conditional) {
        return true;
    }
    const struct fl_item *item = fl_item_at(s, i);
    for (uint32_t k = 0; k < s->part.count; k++) {
        const struct fl_item *other = fl_item_at(s, k);
        bool has_condition =
            other->deadline != FL_OPEN || other->succ != FL_OPEN;
        if (!has_condition || k == i || fl_is_taken(s, k)) {
            continue;
        }
        if (is_succ(s, other, i)) {
            return false;
        }
        if (item->op.call >= frame->latest &&
            other->deadline <= item->op.call) {
            return false;
        }
    }
    return true;
}

static bool add_candidate(struct fl_search *s, struct fl_frame *frame,
                          uint32_t i)
{
    size_t at = frame->frontier + frame->count;
    if (!fl_block_reserve(&s->candidates, (at + 1) * sizeof(uint32_t))) {
        return false;
    }
    uint32_t *candidates = s->candidates.data;
    assert(frame->count < s->part.count);
    candidates[at] = i;
    frame->count++;
    return true;
}

/* Sorts the candidates by return (Shell 1959): mostly they nearly are. */
static void sort_candidates(struct fl_search *s, const struct fl_frame *frame)
{
    uint32_t *c = (uint32_t *)s->candidates.data + frame->frontier;
    uint32_t gap = 1;
    while (gap < frame->count / 9) {
        gap = gap * 3 + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (uint32_t k = gap; k < frame->count; k++) {
            uint32_t i = c[k];
            uint32_t ret = fl_item_at(s, i)->op.ret;
            uint32_t at = k;
            while (at >= gap && fl_item_at(s, c[at - gap])->op.ret > ret) {
                c[at] = c[at - gap];
                at -= gap;
            }
            c[at] = i;
        }
    }
}

/* Lists the items that could be next: musts by return, then opens by call. */
static bool list_candidates(struct fl_search *s, struct fl_frame *frame)
{
    const struct fl_link *links = s->links.data;
    uint32_t least = FL_OPEN;
    uint32_t i = links[fl_must_head(s)].next;
    while (i != fl_must_head(s) && fl_item_at(s, i)->op.call < least) {
        uint32_t ret = fl_item_at(s, i)->op.ret;
        assert(fl_is_must(fl_item_at(s, i)));
        least = ret < least ? ret : least;
        if ((!s->part.conditional || fl_frontier_alive(s, frame, i)) &&
            !add_candidate(s, frame, i)) {
            return false;
        }
        i = links[i].next;
    }
    sort_candidates(s, frame);
    i = links[fl_open_head(s)].next;
    while (i != fl_open_head(s) && fl_item_at(s, i)->op.call < least) {
        if ((!s->part.conditional || fl_frontier_alive(s, frame, i)) &&
            !add_candidate(s, frame, i)) {
            return false;
        }
        i = links[i].next;
    }
    return true;
}

/* Of twins keeps the one that returns first. */
static void drop_twins(struct fl_search *s, struct fl_frame *frame)
{
    uint64_t *marks = s->marks.data;
    uint32_t *c = (uint32_t *)s->candidates.data + frame->frontier;
    uint32_t kept = 0;
    s->expansions++;
    for (uint32_t k = 0; k < frame->count; k++) {
        uint32_t twin = fl_item_at(s, c[k])->twin;
        if (marks[twin] == s->expansions) {
            continue;
        }
        if (may_force(s, frame, c[k])) {
            marks[twin] = s->expansions;
        }
        c[kept] = c[k];
        kept++;
    }
    assert(kept <= frame->count);
    frame->count = kept;
}

/*
 * Takes an accepted item that never changes the state, and nothing else.
 * Those that are not accepted here are no candidates here.
 */
static enum fl_end take_inert(struct fl_search *s, struct fl_frame *frame)
{
    uint32_t *c = (uint32_t *)s->candidates.data + frame->frontier;
    uint32_t kept = 0;
    for (uint32_t k = 0; k < frame->count; k++) {
        uint32_t i = c[k];
        if (fl_item_at(s, i)->inert && fl_is_must(fl_item_at(s, i))) {
            uint32_t state;
            enum fl_end end = fl_search_step(s, frame, i, &state);
            if (end != FL_END_NOT_YET) {
                return end;
            }
            if (state == FL_OPEN) {
                continue;
            }
            assert(state == frame->state);
            if (may_force(s, frame, i)) {
                c[0] = i;
                frame->count = 1;
                return FL_END_NOT_YET;
            }
        }
        c[kept] = i;
        kept++;
    }
    assert(kept <= frame->count);
    frame->count = kept;
    return FL_END_NOT_YET;
}

/* Whether an untaken item of the ring of `head` helps `goal`, in time. */
static bool ring_helps(const struct fl_search *s, uint32_t head,
                       const struct fl_operation *goal)
{
    const struct fl_link *links = s->links.data;
    const struct fl_space *space = &s->part.space;
    for (uint32_t i = links[head].next;
         i != head && fl_item_at(s, i)->op.call < goal->ret;
         i = links[i].next) {
        if (fl_state_helps(space, &fl_item_at(s, i)->op, goal)) {
            return true;
        }
    }
    return false;
}

/* Whether one of the musts that come soon can be seen to be lost already. */
static bool is_lost(const struct fl_search *s, const struct fl_frame *frame)
{
    const struct fl_space *space = &s->part.space;
    if (space->history->model->lacks == NULL) {
        return false;
    }
    const struct fl_link *links = s->links.data;
    size_t size;
    const void *state = fl_memo_bytes(&s->memo, frame->state, &size);
    uint32_t i = links[fl_must_head(s)].next;
    for (int k = 0; k < GOALS_MAX && i != fl_must_head(s); k++) {
        const struct fl_operation *goal = &fl_item_at(s, i)->op;
        if (fl_state_lacks(space, state, size, goal) &&
            !ring_helps(s, fl_must_head(s), goal) &&
            !ring_helps(s, fl_open_head(s), goal)) {
            return true;
        }
        i = links[i].next;
    }
    return false;
}

/*
 * Of a history of several objects that is not split keeps the candidates of
 * one object: that of `x`, the untaken must that returns first.
 *
 * Exact.  Take any order that completes the configuration, and let A be what
 * it takes on the object of `x` before `x`, and B what it takes on others
 * before `x`.  Taking A, x, B instead leaves every object the sequence of its
 * own operations, so all are accepted as before.  It also respects *precedes*:
 * had some b of B to come before some a of A or before x, then b returned
 * before the call of that one, which lies before the return of x, since it
 * was taken before x or is x.  But b was not taken, and none of those returned
 * before x did.
 */
static void keep_object(struct fl_search *s, struct fl_frame *frame)
{
    uint32_t *c = (uint32_t *)s->candidates.data + frame->frontier;
    if (s->part.space.keys <= 1 || s->part.conditional || frame->count == 0) {
        return;
    }
    assert(fl_is_must(fl_item_at(s, c[0])));
    fl_value key = fl_item_at(s, c[0])->op.key;
    uint32_t kept = 0;
    for (uint32_t k = 0; k < frame->count; k++) {
        if (fl_item_at(s, c[k])->op.key == key) {
            c[kept] = c[k];
            kept++;
        }
    }
    assert(kept > 0);
    frame->count = kept;
}

enum fl_end fl_frontier_expand(struct fl_search *s, struct fl_frame *frame)
{
    frame->count = 0;
    frame->next = 0;
    frame->way = 0;
    if (!s->plain && is_lost(s, frame)) {
        return FL_END_NOT_YET; /* no candidates: a dead end */
    }
    if (!list_candidates(s, frame)) {
        return FL_END_NO_MEMORY;
    }
    s->work += frame->count / 8;
    if (s->plain) {
        return FL_END_NOT_YET;
    }
    keep_object(s, frame);
    drop_twins(s, frame);
    return take_inert(s, frame);
}
