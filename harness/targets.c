/*
 * Targets: names, patterns, picks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/targets.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    PATTERN_MAX = 64 /* bytes of one side of a link */
};

static uint64_t bit(uint32_t i)
{
    assert(i < TARGETS_MAX);
    return UINT64_C(1) << i;
}

uint64_t targets_first(uint32_t count)
{
    assert(count <= TARGETS_MAX);
    return count == TARGETS_MAX ? UINT64_MAX : bit(count) - 1;
}

uint32_t targets_count(const struct scenario *scenario)
{
    const struct system_section *system = &scenario->system;
    uint32_t count = 0;
    switch (system->kind) {
    case SYSTEM_THREADS:
    case SYSTEM_PROCESSES:
        count = system->threads;
        break;
    case SYSTEM_NETWORK:
        count = system->replicas + system->clients;
        break;
    case SYSTEM_RANKS:
        count = system->ranks;
        break;
    }
    return count > TARGETS_MAX ? TARGETS_MAX : count;
}

const char *targets_name(const struct scenario *scenario, uint32_t i,
                         char name[TARGET_NAME_MAX])
{
    const struct system_section *system = &scenario->system;
    const char *format = "T%u";
    uint32_t number = i;
    switch (system->kind) {
    case SYSTEM_THREADS:
        break;
    case SYSTEM_PROCESSES:
        format = "P%u";
        break;
    case SYSTEM_NETWORK:
        format = i < system->replicas ? "replica%u" : "client%u";
        number = i < system->replicas ? i + 1 : i - system->replicas + 1;
        break;
    case SYSTEM_RANKS:
        format = "rank%u";
        break;
    }
    /* The formats are the literals above, with one number each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(name, TARGET_NAME_MAX, format, number);
#pragma GCC diagnostic pop
    return name;
}

bool targets_match(const char *pattern, const char *name)
{
    const char *star = NULL; /* the last one seen, and what it began to eat */
    const char *eaten = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            eaten = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++eaten;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

uint64_t targets_named(const struct targets *all, const char *pattern)
{
    assert(all->count <= TARGETS_MAX);
    assert(all->replicas <= all->count);
    uint64_t replicas = targets_first(all->replicas);
    uint64_t everyone = targets_first(all->count);
    if (all->replicas > 0 && strcmp(pattern, "replica") == 0) {
        return replicas;
    }
    if (all->replicas > 0 && strcmp(pattern, "client") == 0) {
        return everyone & ~replicas;
    }
    uint64_t set = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        if (targets_match(pattern, all->names[i])) {
            set |= bit(i);
        }
    }
    return set;
}

/* Copies the text from `begin` to `end` without blanks around it; false if it
 * is too long. */
static bool copy_side(const char *begin, const char *end,
                      char side[PATTERN_MAX])
{
    while (begin < end && *begin == ' ') {
        begin++;
    }
    while (end > begin && end[-1] == ' ') {
        end--;
    }
    size_t size = (size_t)(end - begin);
    if (size == 0 || size >= PATTERN_MAX) {
        return false;
    }
    memcpy(side, begin, size);
    side[size] = '\0';
    return true;
}

static void add_links(uint64_t from, uint64_t to, uint64_t *links)
{
    for (uint64_t left = from; left != 0; left &= left - 1) {
        uint32_t a = (uint32_t)__builtin_ctzll(left);
        links[a] |= to & ~bit(a);
    }
}

bool targets_link(const struct targets *all, const char *pattern,
                  uint64_t links[TARGETS_MAX])
{
    uint64_t everyone = targets_first(all->count);
    if (strcmp(pattern, "*") == 0) {
        add_links(everyone, everyone, links);
        return all->count > 1;
    }
    const char *arrow = strstr(pattern, "->");
    if (arrow == NULL) {
        return false;
    }
    bool both = arrow > pattern && arrow[-1] == '<';
    char from[PATTERN_MAX];
    char to[PATTERN_MAX];
    if (!copy_side(pattern, both ? arrow - 1 : arrow, from) ||
        !copy_side(arrow + 2, arrow + strlen(arrow), to)) {
        return false;
    }
    uint64_t left = targets_named(all, from);
    uint64_t right = targets_named(all, to);
    add_links(left, right, links);
    if (both) {
        add_links(right, left, links);
    }
    bool one_itself = left == right && (left & (left - 1)) == 0;
    return left != 0 && right != 0 && !one_itself;
}

static uint64_t link_ends(const struct targets *all,
                          const struct target *target)
{
    uint64_t links[TARGETS_MAX] = {0};
    for (uint32_t i = 0; i < target->names.count; i++) {
        targets_link(all, target->names.name[i], links);
    }
    uint64_t ends = 0;
    for (uint32_t a = 0; a < all->count; a++) {
        ends |= links[a] | (links[a] != 0 ? bit(a) : 0);
    }
    return ends;
}

uint64_t targets_candidates(const struct targets *all,
                            const struct target *target)
{
    uint64_t everyone = targets_first(all->count);
    uint64_t replicas = targets_first(all->replicas);
    if (!target->set) {
        return all->replicas > 0 ? replicas : everyone;
    }
    if (target->pick == PICK_NAMED) {
        if (target->set_of == TARGET_LINKS) {
            return link_ends(all, target);
        }
        uint64_t set = 0;
        for (uint32_t i = 0; i < target->names.count; i++) {
            set |= targets_named(all, target->names.name[i]);
        }
        return set;
    }
    if (all->replicas == 0 || target->set_of == TARGET_LINKS) {
        return everyone;
    }
    return target->set_of == TARGET_CLIENTS ? everyone & ~replicas : replicas;
}

uint64_t targets_draw(uint64_t set, uint32_t count, struct choice *choice)
{
    uint32_t size = (uint32_t)__builtin_popcountll(set);
    if (count >= size) {
        return set;
    }
    uint64_t drawn = 0;
    for (; count > 0; count--, size--) {
        uint32_t skip = choice_below(choice, STREAM_FAULTS, size);
        uint64_t left = set;
        while (skip-- > 0) {
            left &= left - 1;
        }
        uint64_t one = left & (~left + 1);
        drawn |= one;
        set &= ~one;
    }
    return drawn;
}
