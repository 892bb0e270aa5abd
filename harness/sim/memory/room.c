/*
 * The room of a memory model: made when a scenario first asks for one, begun
 * anew for each run by a number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/buffers.h"

#include "harness/need.h"
#include "harness/scenario.h"
#include "harness/sim/heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MESSAGE_BYTES ((size_t)1 << 26)
#define HEAP_BYTES    ((size_t)ARENA_MAX / WIDE_BYTES * sizeof(struct granule))

enum {
    KEPT_WORDS = 1 << 18,   /* of messages, from run to run */
    KEPT_GRANULES = 1 << 14 /* of the heap */
};

/* Address space, zero, of which only what is touched is memory. */
static void *map(size_t size)
{
    void *got = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) {
        perror("faultline: no address space for the memory model");
        exit(70);
    }
    madvise(got, size, MADV_NOHUGEPAGE);
    return got;
}

static struct weak *make(void)
{
    struct weak *weak = map(sizeof(*weak));
    weak->arena = map(MESSAGE_BYTES);
    weak->heap = map(HEAP_BYTES);
    return weak;
}

void memory_free(struct weak *weak)
{
    if (weak == NULL) {
        return;
    }
    munmap(weak->arena, MESSAGE_BYTES);
    munmap(weak->heap, HEAP_BYTES);
    free(weak->witnesses);
    munmap(weak, sizeof(*weak));
}

/* Stamps have been used up: no entry may look like one of this run. */
static void start_over(struct weak *weak)
{
    madvise(weak->heap, HEAP_BYTES, MADV_DONTNEED);
    memset(weak->slots, 0, sizeof(weak->slots));
    memset(weak->meetings, 0, sizeof(weak->meetings));
    memset(weak->threads, 0, sizeof(weak->threads));
    memset(weak->clock, 0, sizeof(weak->clock));
    memset(weak->seen, 0, sizeof(weak->seen));
    memset(weak->buffers, 0, sizeof(weak->buffers));
    weak->stamp = 1;
}

/* Gives back what only a large run needed. */
static void give_back(struct weak *weak)
{
    if (weak->arena_used > KEPT_WORDS) {
        madvise(weak->arena + KEPT_WORDS,
                (weak->arena_used - KEPT_WORDS) * sizeof(*weak->arena),
                MADV_DONTNEED);
    }
    if (weak->heap_used > KEPT_GRANULES) {
        madvise(weak->heap + KEPT_GRANULES,
                (weak->heap_used - KEPT_GRANULES) * sizeof(*weak->heap),
                MADV_DONTNEED);
    }
}

static void reset(struct weak *weak)
{
    give_back(weak);
    weak->stamp++;
    if (weak->stamp == 0) {
        start_over(weak);
    }
    weak->strays = UNGRAPHED_NOT;
    if (weak->locations_most < weak->locations_used) {
        weak->locations_most = weak->locations_used;
    }
    weak->locations_used = 0;
    weak->threads_used = 0;
    weak->free_count = 0;
    weak->sc_views = 0;
    weak->overflow = NULL;
    weak->arena_used = 0;
    weak->lists_used = 0;
    weak->vectors_used = 0;
    weak->splits_used = 0;
    weak->heap_used = 0;
    weak->slots_used = 0;
    weak->meetings_used = 0;
    weak->witnesses_count = 0;
}

void memory_begin(struct world *w)
{
    const struct system_section *s = &w->scenario->system;
    bool network = s->kind == SYSTEM_NETWORK; /* nodes share no memory */
    enum races races = scenario_races(s);
    bool report = races == RACES_REPORT || races == RACES_STRONG;
    w->memory = NULL;
    bool strong = races == RACES_STRONG && s->memory == MEMORY_SC;
    w->orders_kept = strong ? 0 : ORDER_MASK;
    w->orders_least = strong ? ORDER_SEQ_CST : 0;
    if (network || (s->memory == MEMORY_SC && !report)) {
        return;
    }
    if (w->weak == NULL) {
        w->weak = make();
    }
    reset(w->weak);
    w->weak->newest_only = s->memory != MEMORY_C11;
    w->weak->inserts = s->memory == MEMORY_C11 && s->mo == MO_INSERT;
    w->weak->c20 = s->release_sequence == RELEASE_SEQUENCE_C20;
    w->weak->races = report;
    w->weak->few = report && !w->recording && !w->weak->many;
    w->weak->swift = false;
    w->weak->stale_max = s->stale_max_set ? s->stale_max : STALE_MAX;
    w->memory = s->memory == MEMORY_TSO ? &memory_tso : &memory_c11;
    /* Who searches looks at stores, which spots are not. */
    w->weak->spotted = w->weak->few && s->memory == MEMORY_SC &&
                       !w->by_operations && w->trace == NULL;
    if (w->weak->spotted) {
        w->memory = &memory_spots;
    }
}

void memory_settle(struct world *w)
{
    if (w->memory == &memory_tso) {
        tso_settle(w);
    }
}

struct memory_limits memory_limits(const struct world *w)
{
    struct memory_limits none = {0};
    return w->weak == NULL ? none : w->weak->limits;
}

void memory_tell(const struct world *w, struct log_step *step)
{
    const struct seen_store *last = &w->weak->last;
    step->source = last->step;
    step->stale = last->stale;
    step->newest = last->newest;
    step->order = last->order;
}

void memory_order_store(struct world *w, enum order order)
{
    if (w->recording && w->log != NULL && w->log->steps_count > 0) {
        w->log->steps[w->log->steps_count - 1].order = order;
    }
}
