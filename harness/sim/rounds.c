/*
 * Rounds: places of a loop, and what becomes of whoever goes round them.
 *
 * Who is taken for one that waits, and computes, loses nothing but his turn: he
 * is let go on when others have made some steps, or cannot make any, and then
 * for longer and longer.  So a sum over an array of ten, made a million times,
 * has a few points more than it would.
 *
 * A search over operations must be told by what a thread itself has done where
 * its points are, which is not so here.  There is none then, and only whoever
 * is proved to wait for ever ends the run: it has no verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/rounds.h"

#include "harness/sim/access.h"
#include "harness/sim/spin.h"

#include <string.h>

enum {
    KNOWN_MIN = 64,      /* accesses of places that were known, in a loop */
    KNOWN_MAX = 1024,    /* without the first place: that was none of it */
    LOOKS_DOUBLED = 16,  /* looks before there are twice as many accesses */
    DOUBLED_BESIDE = 6,  /* so often, while others run, */
    DOUBLED_ALONE = 14,  /* and when nobody could */
    SPENT_MAX = 1 << 27, /* accesses, alone: then the run is given up */
    PAGE_FIRST = 4096 /* below it nothing is mapped: the access ends the run */
};

/* From here on plain accesses of the current fiber are counted anew. */
static void begin(struct world *w)
{
    struct rounds *r = &w->rounds;
    r->fiber = w->current->id;
    r->step = w->step;
    r->left = ROUNDS_AFTER;
    r->close = false;
    r->sought = false;
    r->count = 0;
    r->looks = 0;
    r->spent = 0;
    r->state = 0;
}

void rounds_begin(struct world *w)
{
    w->rounds.left = ROUNDS_AFTER;
    w->rounds.fiber = NO_FIBER;
    w->rounds.step = 0;
}

/* What lies there now, as far as it is compared. */
static uint64_t value_at(const void *address, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, address, size < sizeof(value) ? size : sizeof(value));
    return value;
}

static bool overlap(const struct round_place *a, const struct round_place *b)
{
    uintptr_t first = (uintptr_t)a->address;
    uintptr_t other = (uintptr_t)b->address;
    return first < other + b->size && other < first + a->size;
}

/* Whether the loop itself stores to what it reads at `read`. */
static bool is_own(const struct rounds *r, const struct round_place *read)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (!r->places[i].read && overlap(&r->places[i], read)) {
            return true;
        }
    }
    return false;
}

static void add_place(struct plain_loop *loop, const struct round_place *p)
{
    assert(loop->count < READS_MAX);
    loop->reads[loop->count++] = (struct seen_read){
        .pc = p->pc, .address = p->address, .value = p->value, .size = p->size};
}

/* What it may be waiting for: what it has only read, and found the same. */
static bool is_waited(const struct rounds *r, const struct round_place *p)
{
    return p->read && !p->changes && !is_own(r, p);
}

/* False: it waits for nothing. */
static bool find_loop(const struct rounds *r, struct plain_loop *loop)
{
    loop->count = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        if (is_waited(r, &r->places[i])) {
            add_place(loop, &r->places[i]);
        }
    }
    loop->waited = loop->count;
    for (uint32_t i = 0; i < r->count; i++) {
        if (!is_waited(r, &r->places[i])) {
            struct round_place now = r->places[i];
            now.value = value_at(now.address, now.size);
            add_place(loop, &now);
        }
    }
    return loop->waited > 0;
}

static struct round_place *find_place(struct rounds *r,
                                      const struct plain_access *access)
{
    for (uint32_t i = 0; i < r->count; i++) {
        struct round_place *p = &r->places[i];
        if (p->pc == access->pc && p->address == access->address) {
            return p;
        }
    }
    return NULL;
}

static void note(struct round_place *p, const struct plain_access *access)
{
    uint64_t value = value_at(access->address, access->size);
    p->read = p->read && !access->writes;
    p->changes = p->changes || p->value != value;
    p->value = value;
}

/* The next look is after `left` accesses; it begins at the first place of this
 * one, so that states can be compared. */
static void look_again(struct world *w, uint64_t left)
{
    struct rounds *r = &w->rounds;
    assert(left > 0 && left <= SPENT_MAX);
    r->left = (uint32_t)left;
    r->count = 1;
    r->close = false;
    r->sought = true;
}

/* It does not wait: no look for longer. */
static void leave_alone(struct rounds *r)
{
    r->left = LOOKS_DOUBLED * ROUNDS_AFTER;
    r->close = false;
    r->sought = false;
    r->count = 0;
}

static void give_up(struct world *w)
{
    world_keep_stack(w, "a loop that reaches no point");
    world_fail(w, RUN_STUCK,
               "T%u waits in a loop for a plain variable, and reaches no "
               "point; make it atomic, or say `races: explore`",
               w->current->id);
}

/* Accesses until the next look, after so many that came to nothing. */
static uint64_t accesses_next(const struct world *w)
{
    const struct fiber *f = w->current;
    uint32_t doubled = w->rounds.looks / LOOKS_DOUBLED;
    uint32_t most = DOUBLED_BESIDE;
    if (w->by_operations || f->spin_rounds > SPIN_ROUNDS) {
        doubled = w->by_operations ? w->rounds.looks
                                   : f->spin_rounds - (uint32_t)SPIN_ROUNDS;
        most = DOUBLED_ALONE;
    }
    return (uint64_t)KNOWN_MIN << (doubled < most ? doubled : most);
}

/* It goes on, with nobody beside it if `alone`. */
static void go_on(struct world *w, bool alone)
{
    struct rounds *r = &w->rounds;
    uint64_t left = accesses_next(w);
    r->spent = alone ? r->spent + left : 0;
    if (r->spent > SPENT_MAX) {
        give_up(w);
        return;
    }
    look_again(w, left);
}

/* A point, at which others may come, and a wait. */
static void wait_for(struct world *w, const struct plain_loop *loop)
{
    struct rounds *r = &w->rounds;
    const struct round_place place = r->places[0];
    uint32_t looks = r->looks + 1;
    uint64_t spent = r->spent;
    spin_plainly(w, loop);
    begin(w);
    r->places[0] = place;
    r->looks = looks;
    r->spent = spent;
    go_on(w, w->current->probing);
}

/* There is no point: only what comes back for ever is noticed. */
static void prove(struct world *w, uintptr_t pc)
{
    struct rounds *r = &w->rounds;
    uint64_t state = probe_state(w, pc);
    if (state != 0 && state == r->state) {
        give_up(w);
        return;
    }
    r->state = state;
    r->looks++;
    go_on(w, true);
}

/* The first place again, and there were no others. */
static void conclude(struct world *w, uintptr_t pc)
{
    struct plain_loop loop;
    if (!find_loop(&w->rounds, &loop)) {
        leave_alone(&w->rounds);
    } else if (w->by_operations) {
        prove(w, pc);
    } else {
        wait_for(w, &loop);
    }
}

/* One more access of a fiber that is looked at closely. */
static void look_closely(struct world *w, const struct plain_access *access)
{
    struct rounds *r = &w->rounds;
    struct round_place *p = find_place(r, access);
    if (r->sought && p == NULL && ++r->known < KNOWN_MIN) {
        return; /* not yet at the first place of the look before */
    }
    if (r->sought) {
        r->sought = false;
        r->known = 0;
        r->count = 0;
        p = NULL;
    }
    if (p == NULL && r->count == PLACES_MAX) {
        leave_alone(r);
    } else if (p == NULL) {
        r->known = 0;
        r->places[r->count++] = (struct round_place){
            .pc = access->pc,
            .address = access->address,
            .value = value_at(access->address, access->size),
            .size = (uint32_t)access->size,
            .read = !access->writes};
    } else {
        note(p, access);
        r->known++;
        bool round = p == &r->places[0];
        if (round && r->known >= KNOWN_MIN) {
            conclude(w, access->pc);
        } else if (r->known >= KNOWN_MAX) {
            r->count = 0;
        }
    }
}

void rounds_look(struct world *w, const struct plain_access *access)
{
    struct rounds *r = &w->rounds;
    bool nowhere = (uintptr_t)access->address < PAGE_FIRST;
    if (w->current == NULL || w->ended || nowhere) {
        r->left = ROUNDS_AFTER;
        return;
    }
    if (r->fiber != w->current->id || r->step != w->step) {
        begin(w);
        return;
    }
    if (!r->close) {
        r->close = true;
        r->known = 0;
    }
    r->left = 0; /* the next one comes here, too */
    look_closely(w, access);
}
