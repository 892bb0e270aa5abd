/*
 * The rings of untaken items, and the bits of taken ones.
 *
 * Two doubly linked rings by call, one of the items that must and one of those
 * that may take effect, as indices in one array; their heads are the two links
 * behind those of the items.  Taking an item lifts it out of its ring, and
 * since it keeps its own links, putting it back in reverse order is O(1)
 * (Knuth's dancing links).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_RINGS_H
#define FL_RINGS_H

#include "checker/search.h"

enum {
    FL_WORD_BITS = 64
};

/* The neighbours of an untaken item in its ring. */
struct fl_link {
    uint32_t next;
    uint32_t before;
};

static inline const struct fl_item *fl_item_at(const struct fl_search *s,
                                               uint32_t i)
{
    return (const struct fl_item *)s->part.items.data + i;
}

static inline bool fl_is_must(const struct fl_item *item)
{
    return item->op.ret != FL_OPEN;
}

/* The heads of the rings are the two links behind the items'. */
static inline uint32_t fl_must_head(const struct fl_search *s)
{
    return s->part.count;
}

static inline uint32_t fl_open_head(const struct fl_search *s)
{
    return s->part.count + 1;
}

static inline uint32_t fl_must_words(const struct fl_search *s)
{
    return (s->part.musts + FL_WORD_BITS - 1) / FL_WORD_BITS;
}

static inline uint32_t fl_open_words(const struct fl_search *s)
{
    return (s->part.opens + FL_WORD_BITS - 1) / FL_WORD_BITS;
}

static inline uint32_t fl_bit_of(const struct fl_search *s,
                                 const struct fl_item *item)
{
    return fl_is_must(item) ? item->bit
                            : fl_must_words(s) * FL_WORD_BITS + item->bit;
}

static inline bool fl_is_taken(const struct fl_search *s, uint32_t i)
{
    const uint64_t *done = (const uint64_t *)s->done.data;
    uint32_t bit = fl_bit_of(s, fl_item_at(s, i));
    return done[bit / FL_WORD_BITS] >> (bit % FL_WORD_BITS) & 1;
}

static inline void fl_flip_taken(struct fl_search *s, uint32_t i)
{
    uint64_t *done = (uint64_t *)s->done.data;
    uint32_t bit = fl_bit_of(s, fl_item_at(s, i));
    done[bit / FL_WORD_BITS] ^= (uint64_t)1 << (bit % FL_WORD_BITS);
}

static inline void fl_item_lift(struct fl_search *s, uint32_t i)
{
    struct fl_link *links = (struct fl_link *)s->links.data;
    links[links[i].before].next = links[i].next;
    links[links[i].next].before = links[i].before;
    fl_flip_taken(s, i);
}

static inline void fl_item_unlift(struct fl_search *s, uint32_t i)
{
    struct fl_link *links = (struct fl_link *)s->links.data;
    links[links[i].before].next = i;
    links[links[i].next].before = i;
    fl_flip_taken(s, i);
}

#endif
