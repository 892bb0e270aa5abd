/*
 * The search in breadth, which linearizes just in time (Lowe 2017).
 *
 * It goes through the events of a part in their order with the set of all
 * configurations that explain what was seen so far.  A call changes nothing.
 * At the return of `x` each configuration is led on, by items in flight, in
 * all ways, until `x` has taken effect; those in which it cannot are gone.  No
 * configuration left: a violation, at this very event.
 *
 *     events      call a    call b    ret a              ret b
 *     level       {}, []    {}, []    {a}, [1]           {a,b}, [1 2]
 *                                     {a,b}, [1 2]       {b,a}, [2 1]
 *                                     {b,a}, [2 1]
 *
 * A configuration is the state and one bit for each item in flight: what has
 * returned is in every one and needs no bit.  So the memory does not grow with
 * the history but for the trail, by which the witness is told at the end.
 *
 * Exact.  (1) Whatever order explains the whole also explains each prefix of
 * the events, if it is cut after the last item that has returned by then; so
 * every prefix has a configuration.  (2) To take an item only when a return
 * asks for one loses nothing: in any order, an item that stands behind all
 * those that have returned by some event may as well be taken later, as no
 * return of another lies between.  (3) Two equal configurations have the same
 * future.
 *
 * Quiescent cuts.  At a moment when no must is in flight, a configuration is
 * the state and the bits of the opens alone.  So the history falls into
 * segments there, joined by the set of pairs (state, opens that have taken
 * effect): what follows depends on the pair only, since all musts called
 * before are in every configuration and all others are called behind it.  An
 * open item runs through to the end: it is in flight in all later segments
 * until it is taken, and its bit says so.  Nothing of a segment is kept behind
 * the cut but that set, and of the trail the orders that lead to it.
 *
 * The reductions of the search in depth hold here for the same reasons
 * (frontier.c): an accepted must that never changes the state is taken at once
 * in whatever configuration accepts it; of twins the one that returns first is
 * taken first; of several objects only that of `x` moves, which returns before
 * all others in flight; a configuration in which a must is lost is dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/rings.h"
#include "checker/search.h"

#include <assert.h>
#include <string.h>

enum {
    GOALS_MAX = 16,         /* musts that is_lost() looks at */
    STATES_LEAST = 1 << 10, /* states; fewer are not worth collecting */
    ROWS_PER_BYTES = 64     /* rows that are led on between looks at memory */
};

static uint32_t *flight_of(const struct fl_search *s)
{
    return s->breadth.flight.data;
}

static uint32_t slot_of(const struct fl_search *s, uint32_t i)
{
    return ((const uint32_t *)s->breadth.slots.data)[i];
}

static bool is_taken(const struct fl_search *s, const uint64_t *row, uint32_t i)
{
    assert(slot_of(s, i) < s->breadth.slots_count);
    return fl_row_has(row, slot_of(s, i));
}

bool fl_breadth_room(struct fl_search *s, uint32_t room)
{
    struct fl_breadth *b = &s->breadth;
    size_t size = (room + 1ul) * sizeof(uint32_t);
    return fl_block_reserve(&b->flight, size) &&
           fl_block_reserve(&b->slots, size) &&
           fl_block_reserve(&b->vacant, size);
}

bool fl_breadth_begin(struct fl_search *s, uint32_t room)
{
    struct fl_breadth *b = &s->breadth;
    struct fl_frame root;
    if (!fl_breadth_room(s, room) ||
        !fl_block_reserve(&b->row, 2 * sizeof(uint64_t)) ||
        !fl_trail_clear(&b->trail) || !fl_search_root(s, &root)) {
        return false;
    }
    b->flight_count = 0;
    b->flight_musts = 0;
    b->slots_count = 0;
    b->vacant_count = 0;
    b->called = 0;
    b->states_kept = 1;
    b->cuts = 0;
    b->made = 1;
    b->fresh = false;
    fl_level_clear(&b->level, 2);
    fl_level_clear(&b->next, 2);
    uint64_t row[2] = {0, 0};
    fl_row_set(row, root.state, FL_TRAIL_ROOT);
    return fl_level_add(&b->level, row) == FL_LEVEL_NEW;
}

/* A slot for one more item; UINT32_MAX: no memory. */
static uint32_t take_slot(struct fl_breadth *b)
{
    if (b->vacant_count > 0) {
        b->vacant_count--;
        return ((const uint32_t *)b->vacant.data)[b->vacant_count];
    }
    uint32_t width = b->level.width;
    if (b->slots_count == (width - 1) * FL_WORD_BITS) {
        size_t size = (width + 1) * sizeof(uint64_t);
        if (!fl_block_reserve(&b->row, size) ||
            !fl_level_widen(&b->level, width + 1)) {
            return UINT32_MAX;
        }
    }
    b->slots_count++;
    return b->slots_count - 1;
}

bool fl_breadth_call(struct fl_search *s, uint32_t i)
{
    struct fl_breadth *b = &s->breadth;
    const struct fl_item *item = fl_item_at(s, i);
    uint32_t slot = take_slot(b);
    if (slot == UINT32_MAX) {
        return false;
    }
    ((uint32_t *)b->slots.data)[i] = slot;
    uint32_t *flight = flight_of(s);
    uint32_t at = b->flight_count;
    while (fl_is_must(item) && at > 0 &&
           fl_item_at(s, flight[at - 1])->op.ret > item->op.ret) {
        flight[at] = flight[at - 1];
        at--;
    }
    flight[at] = i;
    b->flight_count++;
    b->flight_musts += fl_is_must(item);
    b->fresh = b->fresh || (item->inert && fl_is_must(item));
    return true;
}

/* Adds a step by item `i` to the row's trail.  False: no memory. */
static bool trace(struct fl_breadth *b, uint64_t *row, uint32_t state,
                  uint32_t i)
{
    uint32_t step = fl_row_trail(row);
    if (b->traced) {
        step = fl_trail_add(&b->trail, step, i);
    }
    fl_row_set(row, state, step);
    return step != UINT32_MAX;
}

/* Takes whatever is in flight, must, never changes the state, and is accepted
 * in that of the row. */
static enum fl_end take_inert(struct fl_search *s, uint64_t *row)
{
    const uint32_t *flight = flight_of(s);
    for (uint32_t k = 0; k < s->breadth.flight_musts; k++) {
        uint32_t i = flight[k];
        if (!fl_item_at(s, i)->inert || is_taken(s, row, i)) {
            continue;
        }
        struct fl_frame frame = {.state = fl_row_state(row)};
        uint32_t state;
        enum fl_end end = fl_search_step(s, &frame, i, &state);
        if (end != FL_END_NOT_YET) {
            return end;
        }
        if (state == FL_OPEN) {
            continue;
        }
        assert(state == frame.state);
        fl_row_flip(row, slot_of(s, i));
        if (!trace(&s->breadth, row, state, i)) {
            return FL_END_NO_MEMORY;
        }
    }
    return FL_END_NOT_YET;
}

/* Whether anything that the row has not taken helps `goal`, in time. */
static bool is_helped(const struct fl_search *s, const uint64_t *row,
                      const struct fl_operation *goal)
{
    const struct fl_breadth *b = &s->breadth;
    const struct fl_space *space = &s->part.space;
    const uint32_t *flight = flight_of(s);
    for (uint32_t k = 0; k < b->flight_count; k++) {
        if (!is_taken(s, row, flight[k]) &&
            fl_state_helps(space, &fl_item_at(s, flight[k])->op, goal)) {
            return true;
        }
    }
    for (uint32_t i = b->called;
         i < s->part.count && fl_item_at(s, i)->op.call < goal->ret; i++) {
        if (fl_state_helps(space, &fl_item_at(s, i)->op, goal)) {
            return true;
        }
    }
    return false;
}

/* Whether a must in flight can be seen to be lost.  If nothing is known of
 * what is called later, only the one that returns now can be. */
static bool is_lost(const struct fl_search *s, const uint64_t *row)
{
    const struct fl_space *space = &s->part.space;
    if (space->history->model->lacks == NULL) {
        return false;
    }
    size_t size;
    const void *state = fl_memo_bytes(&s->memo, fl_row_state(row), &size);
    const uint32_t *flight = flight_of(s);
    uint32_t goals = s->breadth.ahead ? GOALS_MAX : 1;
    for (uint32_t k = 0; k < s->breadth.flight_musts && k < goals; k++) {
        const struct fl_operation *goal = &fl_item_at(s, flight[k])->op;
        if (!is_taken(s, row, flight[k]) &&
            fl_state_lacks(space, state, size, goal) &&
            !is_helped(s, row, goal)) {
            return true;
        }
    }
    return false;
}

/* Adds the row in b->row to the next level, settled first. */
static enum fl_end add_row(struct fl_search *s, bool changed)
{
    struct fl_breadth *b = &s->breadth;
    uint64_t *row = b->row.data;
    if (changed && !s->plain) {
        enum fl_end end = take_inert(s, row);
        if (end != FL_END_NOT_YET) {
            return end;
        }
        if (is_lost(s, row)) {
            return FL_END_NOT_YET;
        }
    }
    switch (fl_level_add(&b->next, row)) {
    case FL_LEVEL_NEW:
        b->made++;
        if (b->rows_max > 0 && b->next.count > b->rows_max) {
            return FL_END_BYTES;
        }
        break;
    case FL_LEVEL_OLD:
        break;
    case FL_LEVEL_NO_MEMORY:
        return FL_END_NO_MEMORY;
    }
    return FL_END_NOT_YET;
}

/* Leads row `r` of the next level on by item `i`, in way frame->way. */
static enum fl_end lead(struct fl_search *s, const struct fl_frame *frame,
                        uint32_t r, uint32_t i)
{
    struct fl_breadth *b = &s->breadth;
    uint32_t state;
    enum fl_end end = fl_search_step(s, frame, i, &state);
    if (end != FL_END_NOT_YET || state == FL_OPEN) {
        return end;
    }
    bool changed = state != frame->state;
    if (!fl_is_must(fl_item_at(s, i)) && !changed && !s->plain) {
        return FL_END_NOT_YET; /* leaving it out is as good */
    }
    uint64_t *row = b->row.data;
    memcpy(row, fl_level_row(&b->next, r), b->next.width * sizeof(*row));
    fl_row_flip(row, slot_of(s, i));
    uint32_t steps = b->trail.count;
    uint32_t rows = b->next.count;
    if (!trace(b, row, state, i)) {
        return FL_END_NO_MEMORY;
    }
    end = add_row(s, changed);
    if (b->next.count == rows) {
        b->trail.count = steps; /* it was known, or led nowhere */
    }
    return end;
}

/* Whether item `i` need not be tried at the return of `x`: it was tried, as it
 * is inert, or it is of another object. */
static bool is_idle(const struct fl_search *s, uint32_t x, uint32_t i)
{
    const struct fl_item *item = fl_item_at(s, i);
    if (s->plain) {
        return false;
    }
    bool is_other =
        s->part.space.keys > 1 && item->op.key != fl_item_at(s, x)->op.key;
    return is_other || (item->inert && fl_is_must(item));
}

/* Leads row `r` of the next level on by whatever is in flight. */
static enum fl_end lead_on(struct fl_search *s, uint32_t r, uint32_t x)
{
    struct fl_breadth *b = &s->breadth;
    const uint32_t *flight = flight_of(s);
    uint64_t *marks = s->marks.data;
    enum fl_end end = FL_END_NOT_YET;
    s->expansions++;
    for (uint32_t k = 0; k < b->flight_count && end == FL_END_NOT_YET; k++) {
        uint32_t i = flight[k];
        uint32_t twin = fl_item_at(s, i)->twin;
        const uint64_t *row = fl_level_row(&b->next, r);
        if (is_taken(s, row, i) || is_idle(s, x, i)) {
            continue;
        }
        if (!s->plain && marks[twin] == s->expansions) {
            continue; /* its twin returns before it */
        }
        marks[twin] = s->expansions;
        struct fl_frame frame = {.state = fl_row_state(row)};
        do {
            end = lead(s, &frame, r, i);
        } while (end == FL_END_NOT_YET && s->forks &&
                 fl_search_fork(s, &frame, i));
    }
    return end;
}

/* Copies the level to the next one, with what is inert and was called since. */
static enum fl_end copy_level(struct fl_search *s)
{
    struct fl_breadth *b = &s->breadth;
    fl_level_clear(&b->next, b->level.width);
    enum fl_end end = FL_END_NOT_YET;
    for (uint32_t r = 0; r < b->level.count && end == FL_END_NOT_YET; r++) {
        memcpy(b->row.data, fl_level_row(&b->level, r),
               b->level.width * sizeof(uint64_t));
        end = add_row(s, b->fresh);
    }
    b->fresh = false;
    return end;
}

/* Takes `x` out of the flight. */
static void land(struct fl_search *s, uint32_t x)
{
    struct fl_breadth *b = &s->breadth;
    uint32_t *flight = flight_of(s);
    uint32_t at = 0;
    while (flight[at] != x) {
        at++;
        assert(at < b->flight_count);
    }
    assert(b->flight_musts > 0 && at < b->flight_musts);
    b->flight_count--;
    memmove(flight + at, flight + at + 1,
            (b->flight_count - at) * sizeof(*flight));
    b->flight_musts--;
    b->cuts += b->flight_musts == 0;
    ((uint32_t *)b->vacant.data)[b->vacant_count] = slot_of(s, x);
    b->vacant_count++;
}

/* Of the next level keeps the rows in which the item of `slot` was taken; its
 * bit is free for another. */
static void keep_taken(struct fl_breadth *b, uint32_t slot)
{
    uint32_t kept = 0;
    for (uint32_t r = 0; r < b->next.count; r++) {
        uint64_t *row = fl_level_row(&b->next, r);
        if (!fl_row_has(row, slot)) {
            continue;
        }
        fl_row_flip(row, slot);
        memmove(fl_level_row(&b->next, kept), row,
                b->next.width * sizeof(*row));
        kept++;
    }
    assert(kept > 0 && kept <= b->next.count);
    fl_level_keep(&b->next, kept);
    struct fl_level level = b->level;
    b->level = b->next;
    b->next = level;
    fl_level_clear(&b->next, b->level.width);
}

enum fl_end fl_breadth_return(struct fl_search *s, uint32_t x)
{
    struct fl_breadth *b = &s->breadth;
    uint32_t slot = slot_of(s, x);
    assert(slot < b->slots_count);
    assert(b->level.count > 0);
    bool found = false;
    enum fl_end end = copy_level(s);
    for (uint32_t r = 0; r < b->next.count && end == FL_END_NOT_YET; r++) {
        if (fl_row_has(fl_level_row(&b->next, r), slot)) {
            found = true;
            continue;
        }
        end = lead_on(s, r, x);
        bool looks = s->budget.bytes > 0 && r % ROWS_PER_BYTES == 0;
        if (looks && end == FL_END_NOT_YET &&
            fl_search_held(s) > s->budget.bytes) {
            end = FL_END_BYTES;
        }
    }
    if (end != FL_END_NOT_YET) {
        return end;
    }
    if (!found) {
        return FL_END_VIOLATION;
    }
    keep_taken(b, slot);
    land(s, x);
    return FL_END_NOT_YET;
}

/* Keeps the states of the level's configurations only. */
static bool collect_states(struct fl_search *s)
{
    struct fl_breadth *b = &s->breadth;
    struct fl_memo kept = {.entries = 0};
    bool room = fl_memo_clear(&kept);
    for (uint32_t r = 0; r < b->level.count && room; r++) {
        uint64_t *row = fl_level_row(&b->level, r);
        size_t size;
        const void *bytes = fl_memo_bytes(&s->memo, fl_row_state(row), &size);
        uint32_t state = fl_memo_state(&kept, bytes, size);
        room = state != UINT32_MAX;
        fl_row_set(row, state, fl_row_trail(row));
    }
    if (!room) {
        fl_memo_release(&kept);
        return false;
    }
    fl_level_keep(&b->level, b->level.count);
    fl_memo_release(&s->memo);
    s->memo = kept;
    b->states_kept = kept.states_count;
    return true;
}

static bool prune_trail(struct fl_breadth *b)
{
    if (!fl_trail_prune_begin(&b->trail)) {
        return false;
    }
    for (uint32_t r = 0; r < b->level.count; r++) {
        fl_trail_prune_keep(&b->trail,
                            fl_row_trail(fl_level_row(&b->level, r)));
    }
    fl_trail_prune_end(&b->trail);
    for (uint32_t r = 0; r < b->level.count; r++) {
        uint64_t *row = fl_level_row(&b->level, r);
        uint32_t end = fl_trail_prune_moved(&b->trail, fl_row_trail(row));
        fl_row_set(row, fl_row_state(row), end);
    }
    return true;
}

bool fl_breadth_collect(struct fl_search *s)
{
    const struct fl_breadth *b = &s->breadth;
    assert(b->level.count > 0);
    if (s->memo.states_count > STATES_LEAST &&
        s->memo.states_count / 2 > b->states_kept && !collect_states(s)) {
        return false;
    }
    return !fl_trail_grown(&b->trail) || prune_trail(&s->breadth);
}

void fl_breadth_clear(struct fl_breadth *b)
{
    b->level.count = 0;
    b->level.slots_count = 0;
    b->next.count = 0;
    b->next.slots_count = 0;
    b->trail.count = 0;
}

uint64_t fl_breadth_held(const struct fl_breadth *b)
{
    return fl_level_held(&b->level) + fl_level_held(&b->next) +
           fl_trail_held(&b->trail);
}

void fl_breadth_release(struct fl_breadth *b)
{
    fl_level_release(&b->level);
    fl_level_release(&b->next);
    fl_trail_release(&b->trail);
    fl_block_release(&b->row);
    fl_block_release(&b->flight);
    fl_block_release(&b->slots);
    fl_block_release(&b->vacant);
    fl_block_release(&b->returns);
}
