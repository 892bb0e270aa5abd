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
 * Two reductions need no search (exchange arguments; with deadlines they need
 * the side conditions in may_force()): an accepted item that never changes the
 * state is taken at once and nothing else is tried; among twins only the one
 * that returns first is tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/search.h"

#include <assert.h>
#include <string.h>
#include <time.h>

enum {
    WORK_PER_CLOCK = 1024, /* nodes, and the candidates that were listed */
    WORD_BITS = 64
};

/* The neighbours of an untaken item in its ring. */
struct link {
    uint32_t next;
    uint32_t before;
};

static const struct fl_item *item_at(const struct fl_search *s, uint32_t i)
{
    return (const struct fl_item *)s->part.items.data + i;
}

static bool is_must(const struct fl_item *item)
{
    return item->op.ret != FL_OPEN;
}

/* The heads of the rings are the two links behind the items'. */
static uint32_t must_head(const struct fl_search *s)
{
    return s->part.count;
}

static uint32_t open_head(const struct fl_search *s)
{
    return s->part.count + 1;
}

static uint32_t must_words(const struct fl_search *s)
{
    return (s->part.musts + WORD_BITS - 1) / WORD_BITS;
}

static uint32_t open_words(const struct fl_search *s)
{
    return (s->part.opens + WORD_BITS - 1) / WORD_BITS;
}

static uint32_t bit_of(const struct fl_search *s, const struct fl_item *item)
{
    return is_must(item) ? item->bit : must_words(s) * WORD_BITS + item->bit;
}

static bool is_taken(const struct fl_search *s, uint32_t i)
{
    const uint64_t *done = s->done.data;
    uint32_t bit = bit_of(s, item_at(s, i));
    return done[bit / WORD_BITS] >> (bit % WORD_BITS) & 1;
}

static void flip_taken(struct fl_search *s, uint32_t i)
{
    uint64_t *done = s->done.data;
    uint32_t bit = bit_of(s, item_at(s, i));
    done[bit / WORD_BITS] ^= (uint64_t)1 << (bit % WORD_BITS);
}

static void lift(struct fl_search *s, uint32_t i)
{
    struct link *links = s->links.data;
    links[links[i].before].next = links[i].next;
    links[links[i].next].before = links[i].before;
    flip_taken(s, i);
}

static void unlift(struct fl_search *s, uint32_t i)
{
    struct link *links = s->links.data;
    links[links[i].before].next = i;
    links[links[i].next].before = i;
    flip_taken(s, i);
}

/* Whether item `i` is among the successors of `item`: the next, and if that is
 * open the one after it, and so on. */
static bool is_succ(const struct fl_search *s, const struct fl_item *item,
                    uint32_t i)
{
    uint32_t k = item->succ;
    while (k != FL_OPEN && k != i) {
        k = item_at(s, k)->succ;
    }
    return k == i && i != FL_OPEN;
}

/* Whether a successor of `item` was taken. */
static bool succ_taken(const struct fl_search *s, const struct fl_item *item)
{
    uint32_t k = item->succ;
    while (k != FL_OPEN && !is_taken(s, k)) {
        k = item_at(s, k)->succ;
    }
    return k != FL_OPEN;
}

/* Whether the conditions of the criterion allow item `i` after this frame. */
static bool is_alive(const struct fl_search *s, const struct fl_frame *frame,
                     uint32_t i)
{
    const struct fl_item *item = item_at(s, i);
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
    if (!s->part.conditional) {
        return true;
    }
    const struct fl_item *item = item_at(s, i);
    for (uint32_t k = 0; k < s->part.count; k++) {
        const struct fl_item *other = item_at(s, k);
        bool has_condition =
            other->deadline != FL_OPEN || other->succ != FL_OPEN;
        if (!has_condition || k == i || is_taken(s, k)) {
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
    s->nodes++;
    s->work++;
    if (s->deadline > 0 && s->work >= WORK_PER_CLOCK) {
        s->work = 0;
        return fl_clock_read() >= s->deadline ? FL_END_TIME : FL_END_NOT_YET;
    }
    return FL_END_NOT_YET;
}

/*
 * Applies item `i` to the frame's state.  `*state` is the state after it, or
 * FL_OPEN if the model does not accept it.
 */
static enum fl_end try_step(struct fl_search *s, const struct fl_frame *frame,
                            uint32_t i, uint32_t *state)
{
    enum fl_end end = spend_node(s);
    if (end != FL_END_NOT_YET) {
        return end;
    }
    size_t size;
    const void *bytes = fl_memo_bytes(&s->memo, frame->state, &size);
    memcpy(s->scratch.data, bytes, size);
    *state = FL_OPEN;
    const struct fl_operation *op = &item_at(s, i)->op;
    if (!fl_state_accepts(&s->part.space, s->scratch.data, &size, op)) {
        return FL_END_NOT_YET;
    }
    assert(size <= s->scratch.size);
    *state = fl_memo_state(&s->memo, s->scratch.data, size);
    return *state == UINT32_MAX ? FL_END_NO_MEMORY : FL_END_NOT_YET;
}

static bool add_candidate(struct fl_search *s, struct fl_frame *frame,
                          uint32_t i)
{
    size_t at = frame->frontier + frame->count;
    if (!fl_block_reserve(&s->candidates, (at + 1) * sizeof(uint32_t))) {
        return false;
    }
    uint32_t *candidates = s->candidates.data;
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
            uint32_t ret = item_at(s, i)->op.ret;
            uint32_t at = k;
            while (at >= gap && item_at(s, c[at - gap])->op.ret > ret) {
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
    const struct link *links = s->links.data;
    uint32_t least = FL_OPEN;
    uint32_t i = links[must_head(s)].next;
    while (i != must_head(s) && item_at(s, i)->op.call < least) {
        uint32_t ret = item_at(s, i)->op.ret;
        least = ret < least ? ret : least;
        if ((!s->part.conditional || is_alive(s, frame, i)) &&
            !add_candidate(s, frame, i)) {
            return false;
        }
        i = links[i].next;
    }
    sort_candidates(s, frame);
    i = links[open_head(s)].next;
    while (i != open_head(s) && item_at(s, i)->op.call < least) {
        if ((!s->part.conditional || is_alive(s, frame, i)) &&
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
        uint32_t twin = item_at(s, c[k])->twin;
        if (marks[twin] == s->expansions) {
            continue;
        }
        if (may_force(s, frame, c[k])) {
            marks[twin] = s->expansions;
        }
        c[kept] = c[k];
        kept++;
    }
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
        if (item_at(s, i)->inert && is_must(item_at(s, i))) {
            uint32_t state;
            enum fl_end end = try_step(s, frame, i, &state);
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
    frame->count = kept;
    return FL_END_NOT_YET;
}

static enum fl_end expand(struct fl_search *s, struct fl_frame *frame)
{
    frame->count = 0;
    frame->next = 0;
    if (!list_candidates(s, frame)) {
        return FL_END_NO_MEMORY;
    }
    s->work += frame->count / 8;
    if (s->plain) {
        return FL_END_NOT_YET;
    }
    drop_twins(s, frame);
    return take_inert(s, frame);
}

/* Writes the bits of taken opens, without those that can never be taken any
 * more: whether they were makes no difference to the future. */
static uint32_t write_opens(struct fl_search *s, const struct fl_frame *frame,
                            uint64_t *words)
{
    const uint64_t *done = s->done.data;
    uint32_t count = open_words(s);
    memcpy(words, done + must_words(s), count * sizeof(*words));
    if (!s->part.conditional) {
        return count;
    }
    for (uint32_t i = 0; i < s->part.count; i++) {
        const struct fl_item *item = item_at(s, i);
        if (!is_must(item) && !is_alive(s, frame, i)) {
            words[item->bit / WORD_BITS] &=
                ~((uint64_t)1 << (item->bit % WORD_BITS));
        }
    }
    return count;
}

static enum fl_entry enter(struct fl_search *s, const struct fl_frame *frame)
{
    const struct link *links = s->links.data;
    const uint64_t *done = s->done.data;
    uint64_t *key = s->key.data;
    uint32_t first = links[must_head(s)].next;
    assert(first != must_head(s));
    uint32_t base = item_at(s, first)->bit;
    uint32_t count = 1;
    key[0] = (uint64_t)base << 32 | frame->state;
    for (uint32_t w = base / WORD_BITS;
         frame->top > base && w <= (frame->top - 1) / WORD_BITS; w++) {
        key[count] = done[w];
        count++;
    }
    count += write_opens(s, frame, key + count);
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
    const struct fl_item *item = item_at(s, i);
    uint32_t state;
    enum fl_end end = try_step(s, frame, i, &state);
    if (end != FL_END_NOT_YET || state == FL_OPEN) {
        return end;
    }
    if (!is_must(item) && state == frame->state && !s->plain) {
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
    if (is_must(item)) {
        next->musts++;
        next->top = item->bit + 1 > next->top ? item->bit + 1 : next->top;
    }
    lift(s, i);
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
        unlift(s, i);
        return FL_END_NOT_YET;
    }
    return expand(s, next);
}

static uint64_t held_bytes(const struct fl_search *s)
{
    const struct fl_frame *frame =
        (const struct fl_frame *)s->frames.data + s->depth;
    uint64_t each = sizeof(struct fl_item) + sizeof(struct link) +
                    sizeof(uint64_t) + sizeof(uint32_t) +
                    sizeof(struct fl_frame);
    return fl_memo_held(&s->memo) + s->part.count * each +
           (frame->frontier + frame->count) * sizeof(uint32_t);
}

static enum fl_end climb(struct fl_search *s)
{
    enum fl_end end = FL_END_NOT_YET;
    while (end == FL_END_NOT_YET) {
        struct fl_frame *frame = (struct fl_frame *)s->frames.data + s->depth;
        if (frame->next < frame->count) {
            const uint32_t *candidates = s->candidates.data;
            uint32_t i = candidates[frame->frontier + frame->next];
            frame->next++;
            end = descend(s, i);
            if (end == FL_END_NOT_YET && s->budget.bytes > 0 &&
                held_bytes(s) > s->budget.bytes) {
                end = FL_END_BYTES;
            }
            continue;
        }
        keep_longest(s);
        if (s->depth == 0) {
            return FL_END_VIOLATION;
        }
        s->depth--;
        s->best_shared = s->depth < s->best_shared ? s->depth : s->best_shared;
        unlift(s, (frame - 1)->taken);
    }
    return end;
}

/* Links all items into their rings; nothing is taken. */
static void link_items(struct fl_search *s)
{
    struct link *links = s->links.data;
    uint32_t heads[2] = {must_head(s), open_head(s)};
    for (int k = 0; k < 2; k++) {
        links[heads[k]] = (struct link){heads[k], heads[k]};
    }
    for (uint32_t i = 0; i < s->part.count; i++) {
        uint32_t head = heads[!is_must(item_at(s, i))];
        uint32_t last = links[head].before;
        links[i] = (struct link){.next = head, .before = last};
        links[last].next = i;
        links[head].before = i;
    }
}

static bool reserve(struct fl_search *s)
{
    size_t count = s->part.count + 2ul;
    size_t words = must_words(s) + open_words(s) + 2ul;
    bool reserved =
        fl_block_reserve(&s->links, count * sizeof(struct link)) &&
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
    memset(s->done.data, 0, (must_words(s) + open_words(s)) * sizeof(uint64_t));
    for (uint32_t d = 0; d < s->best_count; d++) {
        flip_taken(s, best[d]);
    }
    uint32_t blocked = FL_OPEN;
    for (uint32_t i = 0; i < s->part.count; i++) {
        if (is_must(item_at(s, i)) && !is_taken(s, i) &&
            (blocked == FL_OPEN ||
             item_at(s, i)->op.ret < item_at(s, blocked)->op.ret)) {
            blocked = i;
        }
    }
    return blocked;
}

enum fl_end fl_search_run(struct fl_search *s)
{
    s->depth = 0;
    s->expansions = 0;
    s->best_count = 0;
    s->best_musts = 0;
    s->best_shared = 0;
    s->blocked = FL_OPEN;
    if (!reserve(s)) {
        return FL_END_NO_MEMORY;
    }
    link_items(s);
    if (s->part.musts == 0) {
        return FL_END_PASS;
    }
    struct fl_frame *root = s->frames.data;
    *root = (struct fl_frame){0};
    memset(s->scratch.data, 0, s->scratch.size);
    size_t size = fl_state_start(&s->part.space, s->scratch.data);
    root->state = fl_memo_state(&s->memo, s->scratch.data, size);
    if (root->state == UINT32_MAX) {
        return FL_END_NO_MEMORY;
    }
    enum fl_end end = expand(s, root);
    if (end == FL_END_NOT_YET) {
        end = climb(s);
    }
    if (end != FL_END_PASS && end != FL_END_NO_MEMORY) {
        keep_longest(s);
        s->blocked = find_blocked(s);
    }
    s->entries += s->memo.entries;
    uint64_t held = held_bytes(s);
    s->bytes = held > s->bytes ? held : s->bytes;
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
}
