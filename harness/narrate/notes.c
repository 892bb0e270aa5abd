/*
 * Notes: what became of blocks, and the shared state after a step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    SHARED_MAX = 4, /* members shown beside the steps */
    CHAIN_MAX = 6,  /* blocks shown behind the first */
    SHORT_NAME = 12 /* bytes of a name that is said again */
};

/* The members of the root whose values are shown. */
struct shared {
    uint32_t count;
    uintptr_t address[SHARED_MAX];
    uint64_t value[SHARED_MAX];
    struct location at[SHARED_MAX];
};

/* The record step, from 1, at which a block was freed. */
static uint32_t freed_number(const struct teller *t, uint32_t block)
{
    assert(block < t->log->blocks_count);
    return steps_number(t, t->log->blocks[block].freed);
}

/* The block that had the address of block `block` before it, if it was freed
 * in this run; UINT32_MAX if it is fresh. */
static uint32_t block_before(const struct teller *t, uint32_t block)
{
    assert(block < t->log->blocks_count);
    for (uint32_t i = block; i > 0; i--) {
        const struct log_block *before = &t->log->blocks[i - 1];
        if (before->address == t->log->blocks[block].address) {
            return before->freed < t->log->steps_count ? i - 1 : UINT32_MAX;
        }
    }
    return UINT32_MAX;
}

static void note_reuse(struct teller *t, uint32_t i)
{
    assert(i < t->count);
    const struct log_step *from = &t->log->steps[t->log_of[i]];
    uint32_t block = names_block(t, from->address, t->log_of[i]);
    uint32_t before = block == UINT32_MAX ? UINT32_MAX : block_before(t, block);
    if (before == UINT32_MAX) {
        return;
    }
    struct fl_step *step = &t->steps[i];
    uint32_t freed = freed_number(t, before);
    step->note = arena_print(t->arena, "freed at %u", freed);
    step->cause = freed - 1;
    step->cause_text =
        arena_print(t->arena, "%s, freed at %u, comes back at %u",
                    names_of_block(t, block), freed, i + 1);
}

static void note_freed(struct teller *t, uint32_t i)
{
    assert(i < t->count);
    uint32_t at = t->log_of[i];
    const struct log_step *from = &t->log->steps[at];
    struct fl_step *step = &t->steps[i];
    bool wide = from->size >= sizeof(void *);
    uint32_t now = wide ? names_freed(t, from->after, at) : UINT32_MAX;
    uint32_t before = wide ? names_freed(t, from->before, at) : UINT32_MAX;
    uint32_t where = names_freed(t, from->address, at);
    if (steps_changes(from) && now != UINT32_MAX) {
        struct location location = names_location(t, from->address, at);
        const char *name = location.name;
        step->note = arena_print(t->arena, "<== %s%sholds freed %s",
                                 strlen(name) > SHORT_NAME ? "" : name,
                                 strlen(name) > SHORT_NAME ? "" : " ",
                                 names_of_block(t, now));
        return;
    }
    uint32_t block = where != UINT32_MAX ? where : before;
    block = block != UINT32_MAX ? block : now;
    if (block != UINT32_MAX) {
        step->note =
            arena_print(t->arena, "%s freed at %u", names_of_block(t, block),
                        freed_number(t, block));
    }
}

/* --- the shared state ----------------------------------------------------- */

static uint32_t find_shared(const struct shared *shared, uintptr_t address)
{
    for (uint32_t i = 0; i < shared->count; i++) {
        if (shared->address[i] == address) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* Adds the members of the root that change, with the values they had first:
 * those with a name of their own, or the elements of arrays. */
static void find_members(const struct teller *t, struct shared *shared,
                         bool elements)
{
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = t->log_of[i];
        const struct log_step *step = &t->log->steps[at];
        if (!steps_changes(step) || shared->count == SHARED_MAX ||
            find_shared(shared, step->address) != UINT32_MAX) {
            continue;
        }
        struct location location = names_location(t, step->address, at);
        bool element = strchr(location.name, '[') != NULL;
        if (location.root && element == elements) {
            shared->address[shared->count] = step->address;
            shared->value[shared->count] = step->before;
            shared->at[shared->count++] = location;
        }
    }
}

/* --- chains --------------------------------------------------------------- */

/* What lay at `address` at log step `at`: as last stored or read before, or as
 * first found later.  False: nobody ever looked. */
static bool value_at(const struct teller *t, uintptr_t address, uint32_t at,
                     uint64_t *value)
{
    for (uint32_t i = at + 1; i > 0; i--) {
        const struct log_step *step = &t->log->steps[i - 1];
        if (step->address == address && steps_accesses(step)) {
            *value = step->after;
            return true;
        }
    }
    for (uint32_t i = at + 1; i < t->log->steps_count; i++) {
        const struct log_step *step = &t->log->steps[i];
        if (step->address == address && steps_accesses(step)) {
            *value = step->before;
            return true;
        }
        if (step->address == address && step->kind == FL_STEP_ALLOC) {
            return false;
        }
    }
    return false;
}

/* The one member of a block that leads to other blocks; 0: none, or several. */
static uintptr_t find_link(const struct teller *t, uint32_t block)
{
    assert(block < t->log->blocks_count);
    uintptr_t link = 0;
    uintptr_t start = t->log->blocks[block].address;
    for (uint32_t i = 0; i < t->pointers_count; i++) {
        uintptr_t at = t->pointers[i];
        if (at < start || at - start >= t->log->blocks[block].size) {
            continue;
        }
        if (link != 0 && link != at) {
            return 0;
        }
        link = at;
    }
    return link;
}

/* " n2 n3": the blocks that `block` leads to, as far as is known. */
static const char *tell_chain(const struct teller *t, uint32_t block,
                              uint32_t at)
{
    const char *text = "";
    for (uint32_t i = 0; i < CHAIN_MAX; i++) {
        uintptr_t link = find_link(t, block);
        uint64_t value = 0;
        if (link == 0 || !value_at(t, link, at, &value)) {
            return text;
        }
        block = names_target(t, value, at);
        if (block == UINT32_MAX) {
            return text;
        }
        bool freed = t->log->blocks[block].freed <= at;
        text = arena_print(t->arena, "%s %s%s", text, names_of_block(t, block),
                           freed ? ":freed" : "");
        if (freed) {
            return text;
        }
    }
    return arena_print(t->arena, "%s ...", text);
}

static const char *value_of(const struct teller *t, const struct shared *shared,
                            uint32_t k, uint32_t at)
{
    assert(k < shared->count);
    const char *value = names_value(t, shared->value[k], at, &shared->at[k]);
    if (names_freed(t, shared->value[k], at) != UINT32_MAX) {
        return arena_print(t->arena, "%s:freed", value);
    }
    uint32_t block = names_target(t, shared->value[k], at);
    if (shared->count == 1 && block != UINT32_MAX) {
        return arena_print(t->arena, "%s%s", value, tell_chain(t, block, at));
    }
    return value;
}

static const char *tell_state(const struct teller *t,
                              const struct shared *shared, uint32_t at)
{
    assert(shared->count > 0);
    if (shared->count == 1) {
        return value_of(t, shared, 0, at);
    }
    const char *text = "";
    for (uint32_t k = 0; k < shared->count; k++) {
        text = arena_print(t->arena, "%s%s%s=%s", text, k == 0 ? "" : "  ",
                           shared->at[k].name, value_of(t, shared, k, at));
    }
    return text;
}

static void tell_title(struct teller *t, const struct shared *shared)
{
    const char *title = "shared state:";
    for (uint32_t k = 0; k < shared->count; k++) {
        title = arena_print(t->arena, "%s%s %s", title, k == 0 ? "" : ",",
                            shared->at[k].name);
    }
    t->record->memory_title = title;
}

static void tell_memory(struct teller *t)
{
    struct shared shared = {.count = 0};
    find_members(t, &shared, false);
    if (shared.count == 0) {
        find_members(t, &shared, true);
    }
    if (shared.count == 0) {
        return;
    }
    tell_title(t, &shared);
    if (t->count > 0) {
        t->steps[0].memory = arena_print(t->arena, "init  %s",
                                         tell_state(t, &shared, t->log_of[0]));
    }
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = t->log_of[i];
        const struct log_step *step = &t->log->steps[at];
        uint32_t k = find_shared(&shared, step->address);
        if (k != UINT32_MAX && steps_changes(step)) {
            shared.value[k] = step->after;
            t->steps[i].memory = tell_state(t, &shared, at);
        }
    }
}

void notes_tell(struct teller *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct log_step *step = &t->log->steps[t->log_of[i]];
        if (step->kind == FL_STEP_ALLOC && step->address != 0) {
            note_reuse(t, i);
        } else if (steps_accesses(step)) {
            note_freed(t, i);
        }
    }
    tell_memory(t);
}
