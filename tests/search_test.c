/*
 * The search against the twin, on more than a hundred thousand random small
 * histories of every model, with and without crashes; and what must be true
 * of verdicts whatever the history is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/deciding.h"
#include "tests/tap.h"
#include "tests/twin.h"

enum {
    PLAIN_HISTORIES = 130000,
    CRASH_HISTORIES = 24000,
    CRITERIA = 6,
    EVENTS = 8
};

/* Decides the history in eight ways; they and the twin must agree. */
static bool agrees(struct bench *b, enum fl_criterion criterion,
                   const struct random_wish *wish)
{
    struct fl_options options = {
        .criterion = criterion,
        .capacity = wish->capacity,
        .relax = wish->relax,
    };
    enum fl_verdict expected =
        twin_passes(b->h, &options) ? FL_PASS : FL_VIOLATION;
    b->passes += expected == FL_PASS;
    b->violations += expected != FL_PASS;
    for (unsigned way = 0; way < 8; way++) {
        options.whole = way & 1;
        options.plain = way & 2;
        options.search = way & 4 ? FL_SEARCH_BREADTH : FL_SEARCH_DEPTH;
        if (bench_decide(b, &options) != expected) {
            show_history(b->h,
                         expected == FL_PASS ? "should pass" : "should fail");
            printf("#   %s%s%s%s\n", fl_criterion_name(criterion),
                   options.whole ? " whole" : "", options.plain ? " plain" : "",
                   way & 4 ? " breadth" : "");
            return false;
        }
    }
    return true;
}

static struct random_wish make_wish(struct bench *b, uint32_t number)
{
    uint32_t models = 0;
    while (fl_models[models] != NULL) {
        models++;
    }
    assert(models > 0);
    return (struct random_wish){
        .model = fl_models[number % models],
        .operations = 2 + random_below(&b->seed, 5),
        .clients = 1 + random_below(&b->seed, RANDOM_CLIENTS_MAX),
        .keys = 1 + random_below(&b->seed, 4) / 3,
        .capacity = random_below(&b->seed, 3),
        .relax = 1 + random_below(&b->seed, 3),
        .distinct = random_below(&b->seed, 2),
        .changed = random_below(&b->seed, 4) > 0,
        .strings = b->strings,
    };
}

static void both_verdicts_are_common(const struct bench *b)
{
    uint32_t all = b->passes + b->violations;
    printf("# %u histories decided: %u pass, %u fail\n", all, b->passes,
           b->violations);
    CU_ASSERT(b->passes >= all / 5);
    CU_ASSERT(b->violations >= all / 5);
}

static void search_agrees_with_the_twin(void)
{
    struct bench b;
    bench_begin(&b, 0x5eed, EVENTS);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < PLAIN_HISTORIES && wrong < 5; i++) {
        struct random_wish wish = make_wish(&b, i);
        random_history(b.h, &wish, &b.seed);
        wrong += !agrees(&b, FL_LINEARIZABLE, &wish);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    both_verdicts_are_common(&b);
    bench_end(&b);
}

static void longer_histories_agree_too(void)
{
    struct bench b;
    bench_begin(&b, 0x1096, EVENTS);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 10000 && wrong < 5; i++) {
        struct random_wish wish = make_wish(&b, i);
        wish.operations = 8;
        wish.clients = 2 + i % 3;
        random_history(b.h, &wish, &b.seed);
        wrong += !agrees(&b, FL_LINEARIZABLE, &wish);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    bench_end(&b);
}

/* strict => persistent => recoverable => linearizable; durable is
 * linearizability under new names. */
static bool hierarchy_holds(const bool *passes, const struct fl_model *model)
{
    bool holds = (!passes[FL_STRICT] || passes[FL_PERSISTENT]) &&
                 (!passes[FL_PERSISTENT] || passes[FL_RECOVERABLE]) &&
                 (!passes[FL_RECOVERABLE] || passes[FL_LINEARIZABLE]) &&
                 (!passes[FL_DURABLE_STRICT] || passes[FL_DURABLE]);
    return holds &&
           (model->by_client || passes[FL_DURABLE] == passes[FL_LINEARIZABLE]);
}

static void criteria_agree_with_the_twin(void)
{
    struct bench b;
    bench_begin(&b, 0xc7a54, EVENTS);
    uint32_t wrong = 0;
    uint32_t separated[CRITERIA] = {0};
    for (uint32_t i = 0; i < CRASH_HISTORIES && wrong < 5; i++) {
        struct random_wish wish = make_wish(&b, i);
        wish.crashes = true;
        wish.keys = 1 + random_below(&b.seed, 2);
        random_history(b.h, &wish, &b.seed);
        bool passes[CRITERIA];
        for (int c = 0; c < CRITERIA; c++) {
            enum fl_criterion criterion = (enum fl_criterion)c;
            wrong += !agrees(&b, criterion, &wish);
            struct fl_options options = {.criterion = criterion,
                                         .capacity = wish.capacity,
                                         .relax = wish.relax};
            passes[c] = bench_decide(&b, &options) == FL_PASS;
            separated[c] += passes[c] != passes[FL_LINEARIZABLE];
        }
        CU_ASSERT(hierarchy_holds(passes, wish.model));
    }
    CU_ASSERT_EQUAL(wrong, 0);
    /* Each condition makes a difference in some history. */
    printf("# apart from linearizable: strict %u, persistent %u, "
           "recoverable %u, durable_strict %u\n",
           separated[FL_STRICT], separated[FL_PERSISTENT],
           separated[FL_RECOVERABLE], separated[FL_DURABLE_STRICT]);
    CU_ASSERT(separated[FL_STRICT] > 0);
    CU_ASSERT(separated[FL_PERSISTENT] > 0);
    CU_ASSERT(separated[FL_RECOVERABLE] > 0);
    CU_ASSERT(separated[FL_DURABLE_STRICT] > 0);
    both_verdicts_are_common(&b);
    bench_end(&b);
}

/* Calls an operation of the only object. */
static uint32_t call_operation(struct fl_history *h, uint32_t client,
                               const char *op, fl_value value)
{
    const fl_value args[FL_ARGS_MAX] = {value};
    int fn = fl_model_fn(h->model, op);
    assert(fn >= 0);
    return fl_history_call(h, client, (uint32_t)fn, FL_NONE, args);
}

static void crash_client(struct fl_history *h, uint32_t client)
{
    fl_history_event(h, FL_EVENT_CRASH, client);
    fl_history_event(h, FL_EVENT_RECOVER, client);
}

/* Two equal adds are cut off, the later one before somebody sees 1 and then
 * 2, so that it is the earlier one that came last.  It cannot be if both were
 * cut off before the reads. */
static void equal_operations_have_deadlines_of_their_own(void)
{
    struct bench b;
    bench_begin(&b, 0, EVENTS);
    for (uint32_t early = 0; early < 2; early++) {
        fl_history_clear(b.h);
        b.h->model = fl_model_find("counter");
        (void)call_operation(b.h, 0, "add", 1);
        (void)call_operation(b.h, 1, "add", 1);
        crash_client(b.h, 1);
        if (early) {
            crash_client(b.h, 0);
        }
        fl_history_return(b.h, call_operation(b.h, 2, "read", 0), 1);
        fl_history_return(b.h, call_operation(b.h, 2, "read", 0), 2);
        if (!early) {
            crash_client(b.h, 0);
        }
        CU_ASSERT(agrees(&b, FL_STRICT, &(struct random_wish){0}));
        CU_ASSERT_EQUAL(b.passes, 1);
        CU_ASSERT_EQUAL(b.violations, early);
    }
    bench_end(&b);
}

/* An insert of 1 is cut off, and takes effect after 2 was inserted: that may
 * be, unless its own client inserted 2, though 2 is another element. */
static void the_next_operation_may_be_on_another_element(void)
{
    struct bench b;
    bench_begin(&b, 0, EVENTS);
    for (uint32_t own = 0; own < 2; own++) {
        fl_history_clear(b.h);
        b.h->model = fl_model_find("set");
        (void)call_operation(b.h, 0, "insert", 1);
        crash_client(b.h, 0);
        fl_history_return(b.h, call_operation(b.h, own ? 0 : 2, "insert", 2),
                          true);
        fl_history_return(b.h, call_operation(b.h, 1, "contains", 1), false);
        fl_history_return(b.h, call_operation(b.h, 1, "contains", 1), true);
        CU_ASSERT(agrees(&b, FL_RECOVERABLE, &(struct random_wish){0}));
        CU_ASSERT_EQUAL(b.passes, 1);
        CU_ASSERT_EQUAL(b.violations, own);
    }
    bench_end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the search agrees with the twin", search_agrees_with_the_twin},
        {"longer histories agree too", longer_histories_agree_too},
        {"crash criteria agree with the twin", criteria_agree_with_the_twin},
        {"equal operations have deadlines of their own",
         equal_operations_have_deadlines_of_their_own},
        {"the next operation may be on another element",
         the_next_operation_may_be_on_another_element},
        {NULL, NULL},
    };
    return tap_run("search", cases);
}
