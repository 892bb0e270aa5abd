/*
 * Logs made by hand, for the tests of the narration.
 *
 * The places of steps are calls in this file, whose lines say (in a comment)
 * what the access is; so texts and types come from this file's own source.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_NARRATE_FIXTURE_H
#define TESTS_NARRATE_FIXTURE_H

#include "harness/fault.h"
#include "harness/narrate.h"
#include "tests/tap.h"

#include <string.h>

struct node {
    struct node *next;
    int64_t value;
};

struct stack {
    struct node *head;
};

enum {
    ROOT = 0x100000,
    N1 = 0x100040,
    N2 = 0x100080,
    N3 = 0x1000c0,
    STEPS_MAX = 64,
    BLOCKS_MAX = 8,
};

/* Program counters of the accesses. */
struct places {
    uintptr_t load_head;
    uintptr_t load_next;
    uintptr_t swap_head;
    uintptr_t plain;
};

struct fixture {
    struct run_log log;
    struct log_step steps[STEPS_MAX];
    struct log_block blocks[BLOCKS_MAX];
    struct log_fault faults[2];
    struct log_message messages[4];
    struct log_value values[2];
    struct fl_history *history;
    struct run_outcome outcome;
    struct narrative *narrative;
};

static const struct fl_variant variants[] = {{.name = "aba"}, {.name = NULL}};
static const struct fl_algorithm algorithm = {
    .name = "treiber", .variants = variants, .kind = FL_THREADS};

static __attribute__((noinline, unused)) uintptr_t here(void)
{
    __asm__ volatile("");
    return (uintptr_t)__builtin_return_address(0);
}

/* Kept out of line, so that `s` and `h` are in scope at the places. */
static __attribute__((noinline, unused)) struct places
find_places(struct stack *s, struct node *h)
{
    struct places places;
    places.load_head = here(); /* atomic_load(&s->head) */
    places.load_next = here(); /* atomic_load(&h->next) */
    places.swap_head = here(); /* atomic_compare_exchange_strong(&s->head, */
    places.plain = here();     /* x = h->value */
    __asm__ volatile("" : : "r"(s), "r"(h));
    return places;
}

static inline struct places get_places(void)
{
    struct stack s = {NULL};
    struct node h = {NULL, 0};
    return find_places(&s, &h);
}

static inline struct log_step *add(struct fixture *f, enum fl_step_kind kind,
                                   uint32_t thread, uint32_t operation)
{
    CU_ASSERT_TRUE_FATAL(f->log.steps_count < STEPS_MAX);
    struct log_step *step = &f->steps[f->log.steps_count++];
    *step = (struct log_step){.kind = kind,
                              .thread = thread,
                              .operation = operation,
                              .size = 8,
                              .time = f->log.steps_count};
    return step;
}

static inline void add_access(struct fixture *f, struct log_step access)
{
    struct log_step *step =
        add(f, access.kind, access.thread, access.operation);
    access.size = 8;
    access.time = step->time;
    *step = access;
}

static inline uint32_t call(struct fixture *f, uint32_t client, uint32_t fn,
                            fl_value value)
{
    fl_value args[FL_ARGS_MAX] = {value, FL_NONE};
    uint32_t ticket = fl_history_call(f->history, client, fn, FL_NONE, args);
    add(f, FL_STEP_CALL, client, ticket);
    return ticket;
}

static inline void answer(struct fixture *f, uint32_t client, uint32_t ticket,
                          fl_value result)
{
    add(f, FL_STEP_RETURN, client, ticket);
    fl_history_return(f->history, ticket, result);
}

static inline void add_block(struct fixture *f, uintptr_t address,
                             uint32_t allocated)
{
    f->blocks[f->log.blocks_count++] = (struct log_block){
        .address = address,
        .size = address == ROOT ? sizeof(struct stack) : sizeof(struct node),
        .allocated = allocated,
        .freed = FL_NO_STEP,
        .setup = allocated == FL_NO_STEP};
}

static inline void begin(struct fixture *f, const char *model)
{
    memset(f, 0, sizeof(*f));
    f->history = fl_history_new(fl_model_find(model), 32, 8);
    f->log = (struct run_log){.steps = f->steps,
                              .faults = f->faults,
                              .messages = f->messages,
                              .values = f->values,
                              .blocks = f->blocks,
                              .root = ROOT,
                              .lanes = 2,
                              .fail_step = FL_NO_STEP};
    add_block(f, ROOT, FL_NO_STEP);
    add_block(f, N1, FL_NO_STEP);
    add_block(f, N2, FL_NO_STEP);
    add_block(f, N3, FL_NO_STEP);
}

static inline const struct fl_record *tell(struct fixture *f, enum run_end end,
                                           const char *detail)
{
    f->outcome = (struct run_outcome){
        .end = end, .history = f->history, .detail = detail, .thread = 0};
    struct narrate_request request = {.outcome = &f->outcome};
    struct narrate_source source = {
        .log = &f->log, .algorithm = &algorithm, .variant = "aba"};
    f->narrative = narrate_source(&request, &source);
    return &f->narrative->record;
}

static inline void end(struct fixture *f)
{
    narrative_free(f->narrative);
    fl_history_free(f->history);
}

static inline void swap(struct fixture *f, uint32_t thread, uint32_t operation,
                        uint64_t from, uint64_t to)
{
    add_access(f, (struct log_step){.kind = FL_STEP_UPDATE,
                                    .thread = thread,
                                    .operation = operation,
                                    .pc = get_places().swap_head,
                                    .address = ROOT,
                                    .before = from,
                                    .after = to,
                                    .expected = from,
                                    .name = "cas"});
}

static inline void load(struct fixture *f, uint32_t thread, uint32_t operation,
                        uintptr_t address, uint64_t value)
{
    struct places places = get_places();
    uintptr_t pc = address == ROOT     ? places.load_head
                   : address == N1 + 8 ? places.plain
                                       : places.load_next;
    add_access(f, (struct log_step){.kind = FL_STEP_LOAD,
                                    .thread = thread,
                                    .operation = operation,
                                    .pc = pc,
                                    .address = address,
                                    .before = value,
                                    .after = value});
}

static inline void release(struct fixture *f, uint32_t thread,
                           uint32_t operation, uint32_t block)
{
    struct log_step *step = add(f, FL_STEP_FREE, thread, operation);
    step->address = f->blocks[block].address;
    step->size = f->blocks[block].size;
    f->blocks[block].freed = f->log.steps_count - 1;
}

#endif
