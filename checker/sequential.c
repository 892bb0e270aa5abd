/*
 * Sequential consistency (Lamport 1979): some order of all operations in which
 * each client's own stand as it issued them; when they happened in real time
 * does not count.
 *
 * So what could be next is each client's next operation, or, if that one is
 * open and may be left out, the one after it.  The search is the same as in
 * search.c otherwise: depth first, no configuration twice, an accepted
 * operation that changes nothing is taken at once.  A configuration is where
 * every client stands, and the state.
 *
 *     | state, clients | head of client 0, of client 1 | ...
 *
 * Not local: the whole history at once (Herlihy, Wing 1990).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/rings.h"
#include "checker/search.h"

#include <assert.h>
#include <string.h>

/* The next item of the same client, and whose it is: kept in the links. */
static uint32_t next_of(const struct fl_search *s, uint32_t i)
{
    assert(i < s->part.count);
    return ((const struct fl_link *)s->links.data)[i].next;
}

static uint32_t client_of(const struct fl_search *s, uint32_t i)
{
    assert(i < s->part.count);
    return ((const struct fl_link *)s->links.data)[i].before;
}

/* The heads: for each client the first item that was neither taken nor left
 * out, or FL_OPEN. */
static uint32_t *heads_of(const struct fl_search *s)
{
    return s->heads.data;
}

/* Threads the items by client; clients are numbered by first call. */
static uint32_t thread_items(struct fl_search *s)
{
    struct fl_link *links = s->links.data;
    uint32_t *heads = heads_of(s);
    uint32_t *lasts = heads + s->part.count; /* of each client so far */
    uint32_t clients = 0;
    for (uint32_t i = 0; i < s->part.count; i++) {
        uint32_t c = 0;
        while (c < clients && fl_item_at(s, lasts[c])->op.client !=
                                  fl_item_at(s, i)->op.client) {
            c++;
        }
        if (c == clients) {
            heads[c] = i;
            clients++;
        } else {
            links[lasts[c]].next = i;
        }
        lasts[c] = i;
        links[i] = (struct fl_link){.next = FL_OPEN, .before = c};
    }
    return clients;
}

static enum fl_entry enter(struct fl_search *s, const struct fl_frame *frame,
                           uint32_t clients)
{
    uint64_t *key = s->key.data;
    const uint32_t *heads = heads_of(s);
    key[0] = (uint64_t)clients << 32 | frame->state;
    assert((clients + 1ul) * sizeof(*key) <= s->key.size);
    for (uint32_t c = 0; c < clients; c++) {
        key[c + 1] = heads[c];
    }
    return fl_memo_enter(&s->memo, key, clients + 1);
}

/* Lists what could be next; only an accepted operation that changes nothing,
 * if there is one at the head of its client. */
static enum fl_end expand(struct fl_search *s, struct fl_frame *frame,
                          uint32_t clients)
{
    size_t most = frame->frontier + s->part.count + 1ul;
    if (!fl_block_reserve(&s->candidates, most * sizeof(uint32_t))) {
        return FL_END_NO_MEMORY;
    }
    uint32_t *list = (uint32_t *)s->candidates.data + frame->frontier;
    const uint32_t *heads = heads_of(s);
    frame->count = 0;
    frame->next = 0;
    frame->way = 0;
    for (uint32_t c = 0; c < clients; c++) {
        uint32_t i = heads[c];
        if (i != FL_OPEN && fl_item_at(s, i)->inert &&
            fl_is_must(fl_item_at(s, i)) && !s->plain) {
            uint32_t state;
            enum fl_end end = fl_search_step(s, frame, i, &state);
            if (end != FL_END_NOT_YET) {
                return end;
            }
            if (state == FL_OPEN) {
                continue;
            }
            list[0] = i;
            frame->count = 1;
            return FL_END_NOT_YET;
        }
        bool more = i != FL_OPEN;
        while (more) {
            list[frame->count] = i;
            frame->count++;
            more = !fl_is_must(fl_item_at(s, i)) && next_of(s, i) != FL_OPEN;
            i = next_of(s, i);
        }
    }
    return FL_END_NOT_YET;
}

static void keep_longest(struct fl_search *s)
{
    const struct fl_frame *frames = s->frames.data;
    if (frames[s->depth].musts <= s->best_musts && s->best_count > 0) {
        return;
    }
    uint32_t *best = s->best.data;
    for (uint32_t d = 0; d < s->depth; d++) {
        best[d] = frames[d].taken;
    }
    s->best_count = s->depth;
    s->best_musts = frames[s->depth].musts;
}

/* Goes on through item `i`; where its client stood is kept in `latest`. */
static enum fl_end descend(struct fl_search *s, uint32_t i, uint32_t clients)
{
    struct fl_frame *frame = (struct fl_frame *)s->frames.data + s->depth;
    uint32_t state;
    enum fl_end end = fl_search_step(s, frame, i, &state);
    if (end != FL_END_NOT_YET || state == FL_OPEN) {
        return end;
    }
    uint32_t *heads = heads_of(s);
    uint32_t client = client_of(s, i);
    struct fl_frame *next = frame + 1;
    *next = (struct fl_frame){
        .state = state,
        .frontier = frame->frontier + frame->count,
        .latest = heads[client],
        .musts = frame->musts + fl_is_must(fl_item_at(s, i)),
    };
    heads[client] = next_of(s, i);
    frame->taken = i;
    s->depth++;
    if (next->musts == s->part.musts) {
        return FL_END_PASS;
    }
    enum fl_entry entry = enter(s, next, clients);
    if (entry == FL_ENTRY_NO_MEMORY) {
        return FL_END_NO_MEMORY;
    }
    if (entry == FL_ENTRY_OLD) {
        s->depth--;
        heads[client] = next->latest;
        return FL_END_NOT_YET;
    }
    return expand(s, next, clients);
}

static enum fl_end climb(struct fl_search *s, uint32_t clients)
{
    enum fl_end end = FL_END_NOT_YET;
    while (end == FL_END_NOT_YET) {
        struct fl_frame *frame = (struct fl_frame *)s->frames.data + s->depth;
        if (frame->next < frame->count) {
            const uint32_t *candidates = s->candidates.data;
            uint32_t i = candidates[frame->frontier + frame->next];
            end = descend(s, i, clients);
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
        s->depth--;
        heads_of(s)[client_of(s, (frame - 1)->taken)] = frame->latest;
    }
    return end;
}

enum fl_end fl_sequential_run(struct fl_search *s)
{
    size_t room = 2 * (s->part.count + 1ul);
    if (!fl_search_begin(s) ||
        !fl_block_reserve(&s->heads, room * sizeof(uint32_t)) ||
        !fl_block_reserve(&s->key, room * sizeof(uint64_t))) {
        return FL_END_NO_MEMORY;
    }
    uint32_t clients = thread_items(s);
    if (s->part.musts == 0) {
        return FL_END_PASS;
    }
    struct fl_frame *root = s->frames.data;
    if (!fl_search_root(s, root)) {
        return FL_END_NO_MEMORY;
    }
    enum fl_end end = expand(s, root, clients);
    if (end == FL_END_NOT_YET) {
        end = climb(s, clients);
    }
    fl_search_finish(s, end, keep_longest);
    return end;
}
