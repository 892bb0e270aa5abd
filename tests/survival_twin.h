/*
 * The twin of the buffered criteria: all cuts and all orders, straight from the
 * definitions, never made faster.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SURVIVAL_TWIN_H
#define TESTS_SURVIVAL_TWIN_H

#include "tests/random_history.h"
#include "tests/twin.h"

struct survival {
    const struct fl_history *h;
    const struct fl_options *options;
    uint32_t eras;
    uint32_t era[RANDOM_OPERATIONS_MAX];
    bool kept[RANDOM_OPERATIONS_MAX]; /* survived the eras before */
};

/* Whether the crash at the end of `era` came too long after `a` returned. */
static inline bool is_too_old(const struct survival *s,
                              const struct fl_operation *a, uint32_t era)
{
    uint32_t number = 0;
    for (uint32_t e = 0; e < s->h->events_count; e++) {
        const struct fl_event *event = &s->h->events[e];
        if (event->kind == FL_EVENT_CRASH_ALL && number++ == era) {
            return s->options->loss_timed &&
                   s->h->times[event->at] >=
                       s->h->times[a->ret] + s->options->loss_ns;
        }
    }
    return false;
}

static inline bool may_lose(const struct survival *s, uint32_t era)
{
    const struct fl_history *h = s->h;
    uint32_t lost = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *a = &h->operations[i];
        if (s->era[i] != era) {
            continue;
        }
        for (uint32_t k = 0; k < h->count; k++) {
            /* closed under precedence */
            if (s->era[k] == era && s->kept[k] && !s->kept[i] &&
                a->ret < h->operations[k].call) {
                return false;
            }
        }
        lost += !s->kept[i] && a->ret != FL_OPEN;
        if (!s->kept[i] && a->ret != FL_OPEN && is_too_old(s, a, era)) {
            return false;
        }
        uint32_t at = 0;
        for (uint32_t e = 0; e < h->events_count; e++) {
            at += h->events[e].kind == FL_EVENT_CRASH_ALL;
            if (h->events[e].kind == FL_EVENT_SYNC && at == era &&
                !s->kept[i] && a->ret < h->events[e].at) {
                return false;
            }
        }
    }
    return !s->options->loss_bounded || lost <= s->options->loss_max;
}

/* Whether P0 ... P(era-1) E(era) is linearizable. */
static inline bool is_explained(struct survival *s, uint32_t era)
{
    bool keep[RANDOM_OPERATIONS_MAX];
    for (uint32_t i = 0; i < s->h->count; i++) {
        keep[i] = s->era[i] == era || (s->era[i] < era && s->kept[i]);
    }
    struct fl_history *part = fl_history_copy(s->h, keep);
    assert(part != NULL);
    struct fl_options options = *s->options;
    options.criterion = FL_DURABLE; /* plain, with new names in each era */
    bool passes = twin_passes(part, &options);
    fl_history_free(part);
    return passes;
}

static inline bool textbook(struct survival *s, uint32_t era)
{
    if (!is_explained(s, era)) {
        return false;
    }
    if (era + 1 == s->eras) {
        return true;
    }
    for (uint32_t subset = 0; subset < 1u << s->h->count; subset++) {
        bool is_of_era = true;
        for (uint32_t i = 0; i < s->h->count; i++) {
            bool in = subset >> i & 1;
            is_of_era = is_of_era && (s->era[i] == era || !in);
        }
        if (!is_of_era) {
            continue;
        }
        bool before[RANDOM_OPERATIONS_MAX];
        memcpy(before, s->kept, sizeof(before));
        for (uint32_t i = 0; i < s->h->count; i++) {
            s->kept[i] = s->kept[i] || (subset >> i & 1);
        }
        bool found = may_lose(s, era) && textbook(s, era + 1);
        memcpy(s->kept, before, sizeof(before));
        if (found) {
            return true;
        }
    }
    return false;
}

/* The strict reading: one order of each era, and a beginning of it. */
struct line {
    struct survival *s;
    struct twin *t;
    uint32_t era;
    bool cut; /* the beginning that survives has ended */
    _Alignas(16) unsigned char survived[TWIN_STATE_MAX];
    size_t survived_size;
};

static inline bool strictly(struct survival *s, struct twin *t, uint32_t era,
                            const void *state, size_t size);

static inline bool extend(struct line *l, const void *state, size_t size);

/* Whether the era can end well if what survives it ends here. */
static inline bool ends_here(const struct line *l, const void *state,
                             size_t size)
{
    struct line cut = *l;
    cut.cut = true;
    cut.survived_size = size;
    memcpy(cut.survived, state, size);
    return extend(&cut, state, size);
}

/* Whether operation `i` may come next. */
static inline bool may_follow(const struct line *l, uint32_t i)
{
    const struct survival *s = l->s;
    bool may = s->era[i] == l->era && !l->t->placed[i];
    for (uint32_t k = 0; k < s->h->count; k++) {
        may = may && (s->era[k] != l->era || l->t->placed[k] ||
                      s->h->operations[k].ret >= s->h->operations[i].call);
    }
    return may;
}

/* Whether the era can end well if operation `i` comes next. */
static inline bool goes_on(struct line *l, uint32_t i, const void *state,
                           size_t size)
{
    struct fl_operation renamed = l->s->h->operations[i];
    renamed.client += 1000 * l->era;
    uint32_t ways = fl_state_ways(&l->t->space, state, size, &renamed);
    bool found = false;
    for (uint32_t way = 0; way < ways && !found; way++) {
        _Alignas(16) unsigned char next[TWIN_STATE_MAX];
        size_t next_size = size;
        memcpy(next, state, size);
        if (fl_state_go(&l->t->space, next, &next_size, &renamed, way)) {
            l->t->placed[i] = true;
            found = extend(l, next, next_size);
            l->t->placed[i] = false;
        }
    }
    return found;
}

static inline bool extend(struct line *l, const void *state, size_t size)
{
    struct survival *s = l->s;
    bool done = true;
    for (uint32_t i = 0; i < s->h->count; i++) {
        done = done && (s->era[i] != l->era || l->t->placed[i] ||
                        s->h->operations[i].ret == FL_OPEN);
    }
    if (done && l->era + 1 == s->eras) {
        return true;
    }
    if (done && l->cut &&
        strictly(s, l->t, l->era + 1, l->survived, l->survived_size)) {
        return true;
    }
    if (!l->cut) {
        memcpy(s->kept, l->t->placed, sizeof(l->t->placed));
        if (l->era + 1 < s->eras && may_lose(s, l->era) &&
            ends_here(l, state, size)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < s->h->count; i++) {
        if (may_follow(l, i) && goes_on(l, i, state, size)) {
            return true;
        }
    }
    return false;
}

static inline bool strictly(struct survival *s, struct twin *t, uint32_t era,
                            const void *state, size_t size)
{
    struct twin fresh = *t;
    memset(fresh.placed, 0, sizeof(fresh.placed));
    struct line l = {.s = s, .t = &fresh, .era = era};
    return extend(&l, state, size);
}

static inline bool survives(const struct fl_history *h,
                            const struct fl_options *options)
{
    struct survival s = {.h = h, .options = options, .eras = 1};
    for (uint32_t e = 0; e < h->events_count; e++) {
        s.eras += h->events[e].kind == FL_EVENT_CRASH_ALL;
        for (uint32_t i = 0; i < h->count; i++) {
            s.era[i] += h->events[e].kind == FL_EVENT_CRASH_ALL &&
                        h->events[e].at < h->operations[i].call;
        }
    }
    if (options->criterion == FL_BUFFERED_DURABLE) {
        return textbook(&s, 0);
    }
    struct twin t = {.h = h};
    fl_space_init(&t.space, h);
    fl_space_limit(&t.space, options->capacity, options->relax);
    _Alignas(16) unsigned char state[TWIN_STATE_MAX];
    assert(fl_state_max(&t.space) <= sizeof(state));
    size_t size = fl_state_start(&t.space, state);
    return strictly(&s, &t, 0, state, size);
}

#endif
