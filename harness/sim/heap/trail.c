/*
 * Trails: the stacks on which blocks were allocated and freed.
 *
 * A memory error is understood from three stacks: where it happened, where the
 * block was freed, where it was allocated.  Runs that explore keep none: a
 * failing run is repeated to be recorded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap/blocks.h"

#include "harness/need.h"
#include "harness/runner.h"
#include "harness/sim/journal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void grow(struct heap *heap)
{
    uint32_t max = heap->max;
    struct trail *more =
        need(realloc(heap->trails, max * sizeof(*more)), "the heap");
    heap->trails = more;
    heap->trails_max = max;
}

/* Stores the frames from the one that returns to `pc` on. */
static uint32_t capture(uintptr_t pc, uintptr_t *kept)
{
    uint32_t count = journal_stack(pc, kept, STACK_MAX);
    if (count == 0) { /* not on this stack: then the caller is all */
        kept[0] = pc;
        count = 1;
    }
    return count;
}

void trail_keep(struct world *w, uint32_t index, uint32_t which, uintptr_t pc)
{
    struct heap *heap = w->heap;
    assert(w->recording);
    assert(index < heap->count);
    assert(which <= TRAIL_FREED);
    if (heap->trails_max < heap->max) {
        grow(heap);
    }
    struct trail *trail = &heap->trails[index];
    if (which == TRAIL_ALLOCATED) {
        trail->count[TRAIL_FREED] = 0;
    }
    trail->count[which] = capture(pc, trail->pc[which]);
}

const char *trail_name(const struct world *w, uint32_t thread, char *text)
{
    if (w->runner != NULL && thread < w->runner->lanes) {
        (void)snprintf(text, 16, "%.15s", w->runner->names[thread]);
    } else if (thread == NO_FIBER) {
        memcpy(text, "set-up", sizeof("set-up"));
    } else {
        (void)snprintf(text, 16, "T%u", thread % 1000);
    }
    return text;
}

void trail_mark(struct world *w, const char *what, uintptr_t address,
                size_t size, uintptr_t pc)
{
    if (!w->recording) {
        return;
    }
    struct log_step *step = world_log(w, FL_STEP_CRASH, pc);
    if (step != NULL) {
        step->address = address;
        step->size = (uint32_t)size;
        step->name = what;
    }
}

static void tell(struct world *w, const char *what, uint32_t thread,
                 const struct trail *trail, uint32_t which)
{
    struct run_log *log = w->log;
    uint32_t max = sizeof(log->stacks) / sizeof(log->stacks[0]);
    if (log->stacks_count == max || trail->count[which] == 0) {
        return;
    }
    struct log_stack *stack = &log->stacks[log->stacks_count++];
    char name[16];
    (void)snprintf(stack->title, sizeof(stack->title), "%s by %s", what,
                   trail_name(w, thread, name));
    stack->count = trail->count[which];
    memcpy(stack->pc, trail->pc[which], sizeof(stack->pc));
}

void trail_tell(struct world *w, uint32_t index)
{
    const struct heap *heap = w->heap;
    if (!w->recording || w->log == NULL || index >= heap->trails_max) {
        return;
    }
    const struct block *block = &heap->blocks[index];
    const struct trail *trail = &heap->trails[index];
    if (!block->live) {
        tell(w, "freed", block->freed_by, trail, TRAIL_FREED);
    }
    tell(w, "allocated", block->thread, trail, TRAIL_ALLOCATED);
}
