/*
 * What runs: one of an algorithm, a library and a program, and what goes with
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/reader.h"

#include <assert.h>
#include <string.h>

/* A system says exactly one of these. */
static const char *const subjects[] = {"algorithm", "library", "program", NULL};

/* Keys that only go with a program. */
static const char *const of_program[] = {"define",    "include",  "cflags",
                                         "arguments", "compiler", NULL};

/* Keys that do not: a program makes its threads itself. */
static const char *const not_of_program[] = {"variant", "params", "threads",
                                             NULL};

static void check_one(struct reader *reader, const struct node *system)
{
    const struct node *first = NULL;
    for (uint32_t i = 0; subjects[i] != NULL; i++) {
        const struct node *n = node_find(system, subjects[i]);
        if (n != NULL && first != NULL) {
            complain(&reader->complaints, n->key_place,
                     "'%s' and '%s' both say what runs; write one of them",
                     first->key, n->key);
        }
        first = first == NULL ? n : first;
    }
    if (first == NULL) {
        struct place place =
            system->key != NULL ? system->key_place : system->place;
        complain(&reader->complaints, place,
                 "'system' lacks 'algorithm': name of the algorithm, or the "
                 "path of a plug-in; or 'library', or 'program'");
    }
}

static void refuse_keys(struct reader *reader, const struct node *system,
                        const char *const *keys, const char *why)
{
    assert(why != NULL);
    for (uint32_t i = 0; keys[i] != NULL; i++) {
        const struct node *n = node_find(system, keys[i]);
        if (n != NULL) {
            complain(&reader->complaints, n->key_place, "'%s' %s", keys[i],
                     why);
        }
    }
}

/* Where `key` is written. */
static struct place place_of(const struct node *map, const char *key)
{
    const struct node *n = node_find(map, key);
    return n == NULL ? map->place : n->key_place;
}

static void settle_program(struct reader *reader, const struct node *root,
                           const struct node *system)
{
    struct scenario *s = reader->scenario;
    refuse_keys(reader, system, not_of_program,
                "does not go with 'program', which makes its threads itself");
    const struct node *work = node_find(root, "workload");
    if (work != NULL) {
        complain(&reader->complaints, work->key_place,
                 "'workload' does not go with 'program': its main() is all "
                 "that is called");
    }
    if (s->system.leaks) { /* what is left at exit() is nobody's loss */
        complain(&reader->complaints, place_of(system, "leaks"),
                 "leaks of a program are not looked for, only those of a "
                 "library or an algorithm that frees everything first");
    }
    if (s->system.kind != SYSTEM_THREADS) {
        complain(&reader->complaints, place_of(system, "program"),
                 "a program runs as kind: threads");
    }
    s->system.threads = 1;
    s->workload.ops_per_client = 1;
}

/* "NAME=VALUE", each name once. */
static void check_environment(struct reader *reader,
                              const struct names *variables)
{
    assert(variables->count <= NAMES_MAX);
    for (uint32_t i = 0; i < variables->count; i++) {
        const char *text = variables->name[i];
        size_t size = strcspn(text, "=");
        if (size == 0 || text[size] == '\0') {
            complain(&reader->complaints, variables->place[i],
                     "'%.40s' is no variable of an environment; write "
                     "NAME=VALUE",
                     text);
        }
        for (uint32_t k = 0; k < i; k++) {
            if (strncmp(variables->name[k], text, size + 1) == 0) {
                complain(&reader->complaints, variables->place[i],
                         "'%.*s' has a value already", (int)size, text);
            }
        }
    }
}

void subject_settle(struct reader *reader, const struct node *root)
{
    const struct node *system = node_find(root, "system");
    if (system == NULL || system->kind != NODE_MAPPING) {
        return; /* said already */
    }
    struct system_section *section = &reader->scenario->system;
    check_one(reader, system);
    check_environment(reader, &section->environment);
    if (section->source.files.count > 0) {
        settle_program(reader, root, system);
        section->algorithm.count = 1;
        section->algorithm.name[0] = section->source.files.name[0];
        section->algorithm.place[0] = section->source.files.place[0];
        return;
    }
    refuse_keys(reader, system, of_program, "goes with 'program' only");
    if (section->library.count > 0) {
        section->algorithm = section->library;
    }
}

enum races scenario_races(const struct system_section *system)
{
    if (system->races != RACES_BY_MODEL) {
        return system->races;
    }
    return system->memory != MEMORY_SC      ? RACES_REPORT
           : system->source.files.count > 0 ? RACES_STRONG
           : system->library.count > 0      ? RACES_EXPLORE
                                            : RACES_OFF;
}
