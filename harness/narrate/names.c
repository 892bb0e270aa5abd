/*
 * Names: of blocks, of what lies in them, of values.
 *
 * Blocks are n1, n2, ... in order of allocation; an address that comes back
 * keeps its name, since that it is the same is the point of the story.  The
 * object that create() returned is the root: its members stand alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_BITS (((uint64_t)1 << 48) - 1) /* of an address */

enum {
    TAG_SHIFT = 48,
    HALF_SHIFT = 32,
    HALF_MAX = 1 << 20, /* a packed half that is worth showing as a number */
};

static uintptr_t end_of(const struct log_block *block)
{
    return block->address + (block->size == 0 ? 1 : block->size);
}

uint32_t names_block(const struct teller *t, uintptr_t address, uint32_t step)
{
    for (uint32_t i = t->log->blocks_count; i > 0; i--) {
        const struct log_block *block = &t->log->blocks[i - 1];
        bool before =
            block->allocated == FL_NO_STEP || block->allocated <= step;
        if (before && address >= block->address && address < end_of(block)) {
            return i - 1;
        }
    }
    return UINT32_MAX;
}

uint32_t names_target(const struct teller *t, uint64_t value, uint32_t step)
{
    assert(step <= t->log->steps_count);
    return names_block(t, (uintptr_t)(value & PLAIN_BITS), step);
}

uint32_t names_freed(const struct teller *t, uint64_t value, uint32_t step)
{
    uint32_t block = names_target(t, value, step);
    return block != UINT32_MAX && t->log->blocks[block].freed <= step
               ? block
               : UINT32_MAX;
}

const char *names_of_block(const struct teller *t, uint32_t block)
{
    assert(block < t->log->blocks_count);
    uint32_t number = t->blocks[block].number;
    return number == 0 ? "the object" : arena_print(t->arena, "n%u", number);
}

/* --- learning ------------------------------------------------------------ */

/* The log step that allocated a block, among those of the set-up, too. */
static uint32_t find_maker(const struct teller *t, uint32_t block)
{
    assert(block < t->log->blocks_count);
    const struct log_block *b = &t->log->blocks[block];
    if (b->allocated != FL_NO_STEP) {
        return b->allocated;
    }
    for (uint32_t i = 0; i < t->log->steps_count; i++) {
        const struct log_step *step = &t->log->steps[i];
        if (step->kind == FL_STEP_ALLOC && step->address == b->address) {
            return i;
        }
    }
    return FL_NO_STEP;
}

static bool is_root(const struct teller *t, const struct log_block *block)
{
    uintptr_t root = t->log->root;
    return root >= block->address && root < end_of(block);
}

static void number_blocks(struct teller *t)
{
    uint32_t next = 1;
    for (uint32_t i = 0; i < t->log->blocks_count; i++) {
        const struct log_block *block = &t->log->blocks[i];
        t->blocks[i] = (struct block_text){
            .number = UINT32_MAX, .type = NO_TYPE, .maker = find_maker(t, i)};
        if (block->setup && is_root(t, block)) {
            t->blocks[i].number = 0;
            continue;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (t->log->blocks[j].address == block->address) {
                t->blocks[i].number = t->blocks[j].number;
            }
        }
        if (t->blocks[i].number == UINT32_MAX) {
            t->blocks[i].number = next++;
        }
    }
}

/* An object outside the heap at `base`, of which the source speaks as
 * `lvalue`. */
static void add_object(struct teller *t, uintptr_t base, uint32_t type,
                       const char *lvalue)
{
    assert(type != NO_TYPE);
    for (uint32_t i = 0; i < t->objects_count; i++) {
        if (t->objects[i].base == base) {
            return;
        }
    }
    uint64_t size = symbols_size(t->symbols, type);
    if (t->objects_count == OBJECTS_MAX || size == 0) {
        return;
    }
    struct object_text *object = &t->objects[t->objects_count++];
    *object = (struct object_text){.base = base, .size = size, .type = type};
    const char *arrow = NULL;
    for (const char *at = lvalue; (at = strstr(at, "->")) != NULL; at += 2) {
        arrow = at;
    }
    size_t size_of_name =
        arrow == NULL ? strlen(lvalue) : (size_t)(arrow - lvalue);
    (void)snprintf(object->name, sizeof(object->name), "%.*s",
                   (int)size_of_name, lvalue);
}

/* A step touched the part that `lvalue` names: what is the whole? */
static void learn_object(struct teller *t, uint32_t step,
                         const struct source_object *object, const char *lvalue)
{
    assert(step < t->log->steps_count);
    assert(object->type != NO_TYPE);
    uintptr_t address = t->log->steps[step].address;
    uintptr_t base = address - object->offset;
    uint32_t block = names_block(t, address, step);
    if (block == UINT32_MAX) {
        char text[NAME_SIZE];
        if (!object->indexed &&
            !symbols_variable(t->symbols, address, text, sizeof(text))) {
            add_object(t, base, object->type, lvalue);
        }
        return;
    }
    uintptr_t start = t->log->blocks[block].address;
    uint64_t size = symbols_size(t->symbols, object->type);
    bool whole = base == start ||
                 (size > 0 && base > start && (base - start) % size == 0);
    if (object->indexed) {
        whole = base >= start;
    }
    /* A line may speak of several objects: one too large is another. */
    bool fits = size <= t->log->blocks[block].size;
    if (whole && fits && t->blocks[block].type == NO_TYPE) {
        t->blocks[block].type = object->type;
    }
}

/* A block is what the pointer points to that its maker stored it in. */
static void learn_made(struct teller *t, uint32_t block)
{
    assert(block < t->log->blocks_count);
    uint32_t maker = t->blocks[block].maker;
    if (maker == FL_NO_STEP || t->site_of[maker] == FL_NO_STEP) {
        return;
    }
    const struct site_text *site = &t->sites[t->site_of[maker]];
    if (site->lvalues_count > 0 && site->objects[0].type != NO_TYPE) {
        t->blocks[block].type = site->objects[0].type;
    }
}

/* Blocks made at one place in the code are of one type. */
static void spread_types(struct teller *t)
{
    const struct run_log *log = t->log;
    for (uint32_t i = 0; i < log->blocks_count; i++) {
        for (uint32_t j = 0; j < log->blocks_count; j++) {
            struct block_text *to = &t->blocks[i];
            const struct block_text *from = &t->blocks[j];
            if (to->type == NO_TYPE && from->type != NO_TYPE &&
                log->blocks[i].size == log->blocks[j].size &&
                to->maker != FL_NO_STEP && from->maker != FL_NO_STEP &&
                log->steps[to->maker].pc == log->steps[from->maker].pc) {
                to->type = from->type;
            }
        }
    }
}

static int compare_addresses(const void *left, const void *right)
{
    uintptr_t a = 0;
    uintptr_t b = 0;
    memcpy(&a, left, sizeof(a));
    memcpy(&b, right, sizeof(b));
    return a < b ? -1 : a > b;
}

static void find_pointers(struct teller *t)
{
    uint32_t count = t->log->steps_count;
    t->pointers = arena_take(t->arena, (count + 1) * sizeof(*t->pointers));
    for (uint32_t i = 0; i < count; i++) {
        const struct log_step *step = &t->log->steps[i];
        if (steps_accesses(step) && step->size >= sizeof(void *) &&
            (names_target(t, step->before, i) != UINT32_MAX ||
             names_target(t, step->after, i) != UINT32_MAX)) {
            t->pointers[t->pointers_count++] = step->address;
        }
    }
    qsort(t->pointers, t->pointers_count, sizeof(*t->pointers),
          compare_addresses);
}

/* Learns from all accesses: from lvalues that name a member, or from the
 * others ("*p"), which say less. */
static void learn(struct teller *t, bool members)
{
    for (uint32_t i = 0; i < t->log->steps_count; i++) {
        if (!steps_accesses(&t->log->steps[i]) || t->site_of[i] == FL_NO_STEP) {
            continue;
        }
        const struct site_text *site = &t->sites[t->site_of[i]];
        for (uint32_t k = 0; k < site->lvalues_count; k++) {
            const struct source_object *object = &site->objects[k];
            if (object->type != NO_TYPE && !object->variable &&
                object->structure == members) {
                learn_object(t, i, object, site->lvalues[k]);
            }
        }
    }
    spread_types(t);
}

void names_learn(struct teller *t)
{
    size_t count = t->log->blocks_count + (size_t)1;
    t->blocks = arena_take(t->arena, count * sizeof(*t->blocks));
    number_blocks(t);
    for (uint32_t i = 0; i < t->log->blocks_count; i++) {
        learn_made(t, i);
    }
    learn(t, true);
    learn(t, false);
    find_pointers(t);
}

bool names_holds_pointer(const struct teller *t, uintptr_t address)
{
    return bsearch(&address, t->pointers, t->pointers_count,
                   sizeof(*t->pointers), compare_addresses) != NULL;
}

/* --- locations ------------------------------------------------------------ */

/* Joins "n1" and "next" to "n1.next", "" and "next" to "next". */
static void join(struct location *location, const char *object,
                 const char *member)
{
    bool dot = object[0] != '\0' && member[0] != '\0' && member[0] != '[';
    (void)snprintf(location->name, sizeof(location->name), "%.40s%s%.50s",
                   object, dot ? "." : "", member);
}

/* The member that the source names, where types are not known. */
static const char *member_in_text(const struct teller *t, uint32_t step)
{
    if (step >= t->log->steps_count || t->site_of[step] == FL_NO_STEP) {
        return NULL;
    }
    const struct site_text *site = &t->sites[t->site_of[step]];
    if (site->lvalues_count == 0) {
        return NULL;
    }
    const char *lvalue = site->lvalues[0];
    const char *member = NULL;
    for (const char *at = lvalue; *at != '\0'; at++) {
        if (at[0] == '.') {
            member = at + 1;
        } else if (at[0] == '-' && at[1] == '>') {
            member = at + 2;
        }
    }
    return member;
}

static void name_in_block(const struct teller *t, uint32_t block,
                          uintptr_t address, uint32_t step,
                          struct location *location)
{
    assert(block < t->log->blocks_count);
    assert(address >= t->log->blocks[block].address);
    uint64_t offset = address - t->log->blocks[block].address;
    uint32_t type = t->blocks[block].type;
    location->root = t->blocks[block].number == 0;
    const char *prefix = location->root ? "" : names_of_block(t, block);
    struct source_member member = {.name = ""};
    if (type != NO_TYPE && symbols_member(t->symbols, type, offset, &member)) {
        location->pointer = location->pointer || member.pointer;
        join(location, prefix, member.name);
        return;
    }
    const char *said = member_in_text(t, step);
    if (said != NULL) {
        join(location, prefix, said);
    } else if (offset == 0 && !location->root) {
        (void)snprintf(location->name, sizeof(location->name), "%s", prefix);
    } else {
        (void)snprintf(location->name, sizeof(location->name), "%s+%llu",
                       location->root ? "object" : prefix,
                       (unsigned long long)offset);
    }
}

/* An object that pointers lead to, outside heap and globals. */
static bool name_in_object(const struct teller *t, uintptr_t address,
                           struct location *location)
{
    for (uint32_t i = 0; i < t->objects_count; i++) {
        const struct object_text *object = &t->objects[i];
        struct source_member member;
        if (address < object->base || address - object->base >= object->size ||
            !symbols_member(t->symbols, object->type, address - object->base,
                            &member)) {
            continue;
        }
        location->root = object->base == t->log->root || t->objects_count == 1;
        location->pointer = location->pointer || member.pointer;
        join(location, location->root ? "" : object->name, member.name);
        if (location->name[0] == '\0') {
            (void)snprintf(location->name, sizeof(location->name), "%.90s",
                           object->name);
        }
        return true;
    }
    return false;
}

static bool name_variable(const struct teller *t, uintptr_t address,
                          struct location *location)
{
    assert(t->symbols != NULL);
    char whole[NAME_SIZE];
    char root[NAME_SIZE] = "";
    if (!symbols_variable(t->symbols, address, whole, sizeof(whole))) {
        return false;
    }
    location->root = true;
    /* A root that is a variable goes without its name. */
    if (t->log->root != 0 &&
        symbols_variable(t->symbols, t->log->root, root, sizeof(root))) {
        root[strcspn(root, ".[")] = '\0';
    }
    size_t size = strlen(root);
    bool inside =
        size > 0 && strncmp(whole, root, size) == 0 && whole[size] == '.';
    (void)snprintf(location->name, sizeof(location->name), "%s",
                   inside ? whole + size + 1 : whole);
    return true;
}

struct location names_location(const struct teller *t, uintptr_t address,
                               uint32_t step)
{
    struct location location = {.pointer = names_holds_pointer(t, address)};
    uint32_t block = names_block(t, address, step);
    if (block != UINT32_MAX) {
        name_in_block(t, block, address, step, &location);
        return location;
    }
    if (t->symbols != NULL && (name_variable(t, address, &location) ||
                               name_in_object(t, address, &location))) {
        return location;
    }
    const char *said = NULL;
    if (step < t->log->steps_count && t->site_of[step] != FL_NO_STEP) {
        const struct site_text *site = &t->sites[t->site_of[step]];
        said = site->lvalues_count > 0 ? site->lvalues[0] : NULL;
    }
    (void)snprintf(location.name, sizeof(location.name), "%s",
                   said == NULL ? "memory" : said);
    return location;
}

/* --- values --------------------------------------------------------------- */

static const char *name_address(const struct teller *t, uint64_t value,
                                uint32_t block, uint32_t step)
{
    assert(block < t->log->blocks_count);
    uint64_t tag = value >> TAG_SHIFT;
    uint64_t offset = (value & PLAIN_BITS) - t->log->blocks[block].address;
    const char *name = names_of_block(t, block);
    if (offset >= sizeof(void *)) { /* points to a part of it */
        struct location part =
            names_location(t, (uintptr_t)(value & PLAIN_BITS), step);
        return arena_print(t->arena, "&%s", part.name);
    }
    tag = tag == 0 ? offset : tag;
    if (tag == 0) {
        return name;
    }
    return arena_print(t->arena, "%s|%llu", name, (unsigned long long)tag);
}

const char *names_value(const struct teller *t, uint64_t value, uint32_t step,
                        const struct location *location)
{
    assert(location != NULL);
    unsigned long long bits = value;
    if (value == (uint64_t)FL_NONE) {
        return "none";
    }
    uint32_t block = names_target(t, value, step);
    if (block != UINT32_MAX) {
        return name_address(t, value, block, step);
    }
    if (location->pointer && (value & PLAIN_BITS) == 0) {
        return value == 0
                   ? "null"
                   : arena_print(t->arena, "null|%llu", bits >> TAG_SHIFT);
    }
    char variable[NAME_SIZE];
    if (value > UINT16_MAX && t->symbols != NULL &&
        symbols_variable(t->symbols, (uintptr_t)value, variable,
                         sizeof(variable))) {
        return arena_print(t->arena, "&%s", variable);
    }
    if (value >> 63 != 0 && (int64_t)value > -(int64_t)HALF_MAX) {
        return arena_print(t->arena, "%lld", (long long)value);
    }
    uint64_t high = value >> HALF_SHIFT;
    uint64_t low = value & UINT32_MAX;
    if (high > 0 && high < HALF_MAX && low < HALF_MAX) { /* two in a word */
        return arena_print(t->arena, "%llu|%llu", bits >> HALF_SHIFT,
                           bits & UINT32_MAX);
    }
    if (value > UINT32_MAX) {
        return arena_print(t->arena, "0x%llx", bits);
    }
    return arena_print(t->arena, "%llu", bits);
}
