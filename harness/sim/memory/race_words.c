/*
 * Data races, in words and with both stacks.
 *
 * A run that explores keeps no stacks: the verdict says who and what.  When
 * the run is recorded, each access leaves its stack here, and the report gets
 * that of the earlier access beside that of the later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/model.h"

#include "harness/need.h"
#include "harness/sim/heap/blocks.h"
#include "harness/sim/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_HERE = 16,
    TEXT_HERE = 80
};

static const char *const words[USES] = {
    [USE_WRITE] = "write",
    [USE_READ] = "read",
    [USE_ATOMIC_WRITE] = "atomic write",
    [USE_ATOMIC_READ] = "atomic read",
};

static struct witness *find(const struct weak *weak, uintptr_t cell,
                            uint32_t thread, enum use use)
{
    for (uint32_t i = weak->witnesses_count; i-- > 0;) {
        struct witness *one = &weak->witnesses[i];
        if (one->cell == cell && one->thread == thread && one->use == use) {
            return one;
        }
    }
    return NULL;
}

void race_witness(struct world *w, uintptr_t cell, enum use use,
                  const struct conflict *access)
{
    struct weak *weak = w->weak;
    uint32_t self = w->current->id;
    struct witness *one = find(weak, cell, self, use);
    if (one == NULL) {
        if (weak->witnesses_count == weak->witnesses_max) {
            weak->witnesses_max =
                weak->witnesses_max == 0 ? 64 : weak->witnesses_max * 2;
            weak->witnesses =
                need(realloc(weak->witnesses,
                             weak->witnesses_max * sizeof(*weak->witnesses)),
                     "the memory model");
        }
        one = &weak->witnesses[weak->witnesses_count++];
    }
    *one = (struct witness){.cell = cell,
                            .thread = self,
                            .use = use,
                            .step = w->log->steps_count,
                            .size = (uint32_t)access->size,
                            .address = access->address};
    one->count = journal_stack(access->pc, one->pc, STACK_MAX);
    if (one->count == 0) {
        one->pc[0] = access->pc;
        one->count = 1;
    }
}

static const char *word_of(const struct conflict *conflict)
{
    return conflict->frees ? "free" : words[conflict->use];
}

/* "8 bytes of n3", "4 bytes at offset 8 of n3", "4 bytes" */
static void describe(const struct world *w, const struct conflict *conflict,
                     char *text)
{
    size_t size = conflict->size;
    const char *plural = size == 1 ? "" : "s";
    uint32_t block = blocks_owner(w->heap, conflict->address);
    if (block == NO_BLOCK) {
        (void)snprintf(text, TEXT_HERE, "%zu byte%s", size, plural);
        return;
    }
    char name[NAME_MAX_HERE] = "the object";
    uint32_t number = blocks_number(w, block);
    if (number != 0) {
        (void)snprintf(name, sizeof(name), "n%u", number);
    }
    uintptr_t offset = conflict->address - blocks_address(w->heap, block);
    if (offset == 0) {
        (void)snprintf(text, TEXT_HERE, "%zu byte%s of %s", size, plural, name);
    } else {
        (void)snprintf(text, TEXT_HERE, "%zu byte%s at offset %zu of %s", size,
                       plural, (size_t)offset, name);
    }
}

/* The stack of the earlier access. */
static void tell_other(struct world *w, const struct conflict *conflict,
                       const char *other)
{
    struct run_log *log = w->log;
    const struct witness *one =
        find(w->weak, conflict->cell, conflict->other, conflict->other_use);
    uint32_t max = sizeof(log->stacks) / sizeof(log->stacks[0]);
    if (one == NULL || log->stacks_count == max) {
        return;
    }
    struct log_stack *stack = &log->stacks[log->stacks_count++];
    (void)snprintf(stack->title, sizeof(stack->title), "earlier %s by %s",
                   words[conflict->other_use], other);
    stack->count = one->count;
    memcpy(stack->pc, one->pc, sizeof(stack->pc));
    log->race = (struct log_race){.set = true,
                                  .thread = w->current->id,
                                  .other = conflict->other,
                                  .other_step = one->step,
                                  .other_pc = one->pc[0],
                                  .other_address = one->address,
                                  .word = word_of(conflict),
                                  .other_word = words[conflict->other_use]};
}

void race_fail(struct world *w, const struct conflict *conflict)
{
    char self[NAME_MAX_HERE];
    char other[NAME_MAX_HERE];
    char what[TEXT_HERE];
    char title[TEXT_HERE];
    trail_name(w, w->current->id, self);
    trail_name(w, conflict->other, other);
    describe(w, conflict, what);
    const char *word = word_of(conflict);
    (void)snprintf(title, sizeof(title), "%s by %s", word, self);
    world_keep_stack(w, title);
    if (w->recording && w->log != NULL) {
        tell_other(w, conflict, other);
        bool writes =
            conflict->use == USE_WRITE || conflict->use == USE_ATOMIC_WRITE;
        trail_mark(w,
                   conflict->frees ? "free"
                   : writes        ? "write"
                                   : "read",
                   conflict->address, conflict->size, conflict->pc);
    }
    world_fail(w, RUN_RACE, "%s's %s of %s is not ordered after %s's %s", self,
               word, what, other, words[conflict->other_use]);
}
