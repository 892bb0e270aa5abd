/*
 * The teller: what the files of the narration share.
 *
 *     narrate.c       the record: order of work, history, head lines
 *     lvalues.c       what the source says at an access
 *     plain.c         what plain stores stored
 *     names.c         names of blocks, places and values
 *     steps.c         the text of each step
 *     repeats.c       loops that tell the same again
 *     places.c        the line of each step that tells most
 *     notes.c         what happened to blocks, shared state after a step
 *     causes.c        which step did it, and why
 *     faults.c        faults that acted, lanes and their roles
 *     network.c       messages and the values of nodes
 *     reasons.c       verdicts in sentences
 *     waits.c         who waits for whom, and where
 *     stacks.c        stacks
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_NARRATE_TELLER_H
#define HX_NARRATE_TELLER_H

#include "harness/arena.h"
#include "harness/narrate.h"

enum {
    REASONS_MAX = 16,   /* sentences */
    LVALUES_MAX = 4,    /* looked at of one source line */
    FRAMES_OF_SITE = 6, /* functions inlined into each other */
    LVALUE_SIZE = 96,
    OBJECTS_MAX = 64, /* objects outside the heap that pointers lead to */
    NAME_SIZE = 96,
};

/* A place in the code that steps come from. */
struct site_text {
    uintptr_t pc;
    struct source_place place; /* path NULL: not known */
    struct source_frame frames[FRAMES_OF_SITE];
    uint32_t frames_count;
    bool small;  /* the innermost function is but a few lines */
    bool atomic; /* the source says so */
    uint32_t lvalues_count;
    char lvalues[LVALUES_MAX][LVALUE_SIZE];
    struct source_object objects[LVALUES_MAX]; /* type NO_TYPE: not resolved */
};

/* What is known of a block of the log, beside the log. */
struct block_text {
    uint32_t number; /* n1, n2, ...; 0: a root, named without a prefix */
    uint32_t type;   /* or NO_TYPE */
    uint32_t maker;  /* log step of its allocation, set-up included */
};

/* An object outside the heap. */
struct object_text {
    uintptr_t base;
    uint64_t size;
    uint32_t type;
    char name[LVALUE_SIZE]; /* how the source speaks of it: "r->region" */
};

/* Sentences in the making. */
struct reasons {
    const char *text[REASONS_MAX];
    uint32_t count;
};

struct teller {
    const struct narrate_request *request;
    const struct narrate_source *source;
    const struct run_log *log; /* a copy, in which plain stores have values */
    struct arena *arena;
    struct symbols *symbols; /* NULL: no debug information */
    struct fl_record *record;

    /* steps, by record and by log */
    struct fl_step *steps;
    uint32_t count;
    uint32_t *log_of;     /* record step -> log step */
    uint32_t *of_log;     /* log step -> record step, or the next one */
    uint32_t *rounds;     /* log step -> how often the round that ends there was
                       * made, if more than once; else 0 */
    uint32_t *round_size; /* ... and how many steps it has */

    /* places and names */
    struct site_text *sites;
    uint32_t sites_count;
    uint32_t *site_of; /* log step -> site, FL_NO_STEP: none */
    struct block_text *blocks;
    struct object_text objects[OBJECTS_MAX];
    uint32_t objects_count;
    uintptr_t *pointers; /* sorted: locations that held addresses of blocks */
    uint32_t pointers_count;
};

/* A location, resolved. */
struct location {
    char name[NAME_SIZE]; /* "head", "n1.next" */
    bool root;            /* a member of the root object, or a global */
    bool pointer;         /* holds addresses */
};

/* Finds the sites of all steps and what the source says there. */
void lvalues_read(struct teller *t);

/* For each log step the one that it repeats: itself, or a step of the first
 * round of a loop of its thread that went round again and had no effect, and
 * found nothing new. */
const uint32_t *repeats_find(struct teller *t);

/* Notes at the last step of each such first round how often it was made. */
void repeats_tell(struct teller *t);

/* Replaces t->log by a copy in which plain stores, which are seen before they
 * happen, have the values that were found there next; `racing` marks those
 * that nobody looked at again. */
void plain_read(struct teller *t);

/* Numbers the blocks and finds their types. */
void names_learn(struct teller *t);

/* The block that held `address` at log step `step`, or the last that did
 * before, live or freed: its index; UINT32_MAX if none did. */
uint32_t names_block(const struct teller *t, uintptr_t address, uint32_t step);

/* The block whose address the word `value` holds, tags apart, likewise. */
uint32_t names_target(const struct teller *t, uint64_t value, uint32_t step);

/* The block that `value` holds, if it is freed at log step `step`. */
uint32_t names_freed(const struct teller *t, uint64_t value, uint32_t step);

/* What lies at `address`, as accessed by log step `step`. */
struct location names_location(const struct teller *t, uintptr_t address,
                               uint32_t step);

/* A value as a person reads it: "n1", "n1|3", "null", "7". */
const char *names_value(const struct teller *t, uint64_t value, uint32_t step,
                        const struct location *location);

/* Whether a word at `address` ever held the address of a block. */
bool names_holds_pointer(const struct teller *t, uintptr_t address);

/* "n3", or "the object" for the root. */
const char *names_of_block(const struct teller *t, uint32_t block);

/* The lane (record) of fiber `thread` (log). */
uint32_t lane_of(const struct teller *t, uint32_t thread);
const char *lane_name(const struct teller *t, uint32_t thread);

/* Each tells its part of the record, in this order. */
void steps_tell(struct teller *t);
void places_tell(struct teller *t);
void notes_tell(struct teller *t);
void orders_tell(struct teller *t);
void causes_tell(struct teller *t);
void faults_tell(struct teller *t);
void lanes_tell(struct teller *t);
void network_tell(struct teller *t);
void reasons_tell(struct teller *t);
void stacks_tell(struct teller *t);
void nearest_tell(struct teller *t);

/* Says of a data race which edge is missing.  False: it was none, or nothing
 * more is known than its detail says. */
bool orders_reason(struct teller *t, struct reasons *reasons);

/* Adds a sentence, if there is room; none of NULL or nothing. */
void reasons_add(struct reasons *reasons, const char *text);

/* Tells who waits for whom or spins on what, and who was taken away.  False:
 * nobody does. */
bool waits_tell(struct teller *t, struct reasons *reasons);

/* Whether the thread of this lane waits, spins or was taken away, so that
 * waits_tell() tells of it. */
bool waits_are_told(const struct teller *t, uint32_t lane);

/* Whether fiber `thread` waits or spins at the end, of itself. */
bool waits_on(const struct teller *t, uint32_t thread);

/* Whether `pc` is in code of ours: the harness, or its part of a plug-in. */
bool places_is_ours(const struct teller *t, uintptr_t pc);

/* The place of a stack that tells most: of the program under test, and outside
 * a small function.  False: not known. */
bool places_of_stack(const struct teller *t, const struct log_stack *stack,
                     struct source_place *place);

/* A word for the operation of a log step: "load", "CAS", "malloc". */
const char *steps_word(const struct log_step *step);

/* Whether the access of `step` is a store that changed its location. */
bool steps_changes(const struct log_step *step);
bool steps_accesses(const struct log_step *step);

/* The record step of log step `step`, counted from 1, for texts. */
uint32_t steps_number(const struct teller *t, uint32_t step);

#endif
