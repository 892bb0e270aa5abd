/*
 * Families: threads that the code makes itself, and that are alike (twins.h).
 *
 *     for (i = 0; i < n; i++) pthread_create(&t[i], NULL, work, NULL);
 *     ...
 *     for (i = 0; i < n; i++) pthread_join(t[i], NULL);
 *
 * Threads are of one family if one thread makes them, of the same function,
 * argument and attributes, and does nothing in between that others could see:
 * no step, no plain write to what another thread accesses at any time, and no
 * plain read of what one writes.  So whatever is before the first of them
 * is before each, under any memory model.  Where a higher one does something
 * that a lower one that did the same has not done yet, both are there, and can
 * exchange names from there on: what one of them did before the other was made
 * stays as it is.
 *
 * Their maker has their names, and must make nothing of them: it joins all or
 * none, and from the first to the last of the family does no more than that
 * either.
 * Then it goes on when all have ended, whoever was the first, and no other
 * thread notices when it joined which.  What they return must be the same if it
 * is looked at.  Nobody else may use a handle, nor may a member read it where
 * pthread_create() put it.
 *
 * What breaks this tells all twins apart, and the search begins anew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_FAMILIES_H
#define HX_SIM_FAMILIES_H

#include "harness/sim/table.h"
#include "harness/sim/world.h"

enum {
    FAMILIES_MAX = 16,       /* kept; later threads are not alike */
    FAMILIES_SEEN_MAX = 128, /* accesses that are kept, of each sort */
};

struct family {
    uint32_t maker;
    uint64_t members; /* bits */
    uint64_t joined;
    struct sim_start start;
    const void *attributes;
    void *result; /* of the first that was joined */
    bool differs; /* ... and another one's is another one, */
    bool looks;   /* and somebody looked */
};

struct range {
    uintptr_t at;
    size_t size;
};

/* Ranges of memory; if there are more than there is room for: all. */
struct ranges {
    uint32_t count;
    struct range list[FAMILIES_SEEN_MAX];
};

struct families {
    bool kept; /* else nobody makes threads that are alike */
    uint32_t count;
    struct family list[FAMILIES_MAX];
    uint32_t latest[FIBERS_MAX];  /* of each maker: 1 + its family; 0: none */
    uint64_t step[FIBERS_MAX];    /* own steps when it last made or joined */
    const void *slot[FIBERS_MAX]; /* where the handle of a thread was put */
    uint64_t makers;              /* bits: who has made threads, */
    uint64_t touched;             /* has accessed memory since, */
    uint64_t joining;             /* and is in a join */
    uint64_t handled;             /* threads whose handle is of use */
    bool spoiled;          /* another thread met what a maker did in between */
    struct ranges seen;    /* accessed by any thread but the only maker, */
    struct ranges written; /* and written; */
    struct ranges read;    /* by makers: read, perhaps in between, */
    struct ranges stored;  /* and written */
};

/* A run begins.  `kept`: threads that the code makes may be alike. */
void families_begin(struct families *families, bool kept);

/* Whether the current fiber has done nothing since it made a thread; asked when
 * it is about to make another one. */
bool family_goes_on(const struct world *w);

/* It has made `thread`, whose handle is at `slot`.  `at_once`: what
 * family_goes_on() said. */
void family_add(struct world *w, uint32_t thread, const void *slot,
                const void *attributes, bool at_once);

/* It is about to join `thread`, without a limit; and it has, and looks at the
 * result if `looks`. */
void family_join(struct world *w, uint32_t thread);
void family_joined(struct world *w, uint32_t thread, void *result, bool looks);

/* It uses the handle of `thread` in another way. */
void family_handle(struct world *w, uint32_t thread);

/* It accesses memory. */
void family_touch(struct world *w, const void *address, size_t size,
                  bool writes);

/* It uses an object of pthreads. */
void family_act(struct world *w);

/* The run is over. */
void families_end(struct world *w);

#endif
