/*
 * The search in breadth against the plain search in depth, on histories too
 * long for the twin: with open operations, with quiescent points, of several
 * objects; and what it promises of its memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/distinct_history.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/portfolio.h"

enum {
    LONGER_HISTORIES = 9000,
    SHORTER_HISTORIES = 40000,
    STEPS_MAX = 300000, /* of the plain search, then it is not asked */
    LONG_ROUNDS = 60000
};

static const char *const models[] = {
    "register",       "cas_register", "kv",      "queue", "stack",    "set",
    "priority_queue", "multiset",     "counter", "mutex", "semaphore"};

enum {
    MODELS = sizeof(models) / sizeof(models[0])
};

struct tally {
    uint32_t decided;
    uint32_t verdicts[3];
    uint32_t wrong;
    uint32_t cut;    /* divided at more than one quiescent point */
    uint32_t opened; /* the same, and something was open all the while */
};

static bool has_open(const struct fl_history *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].ret == FL_OPEN) {
            return true;
        }
    }
    return false;
}

/* Decides `h` in breadth and by the portfolio; both must say what the plain
 * search in depth says. */
static void compare(struct fl_checker *c, const struct fl_history *h,
                    struct fl_options options, struct tally *t)
{
    const struct fl_result *r;
    options.decider = FL_DECIDER_SEARCH;
    options.search = FL_SEARCH_DEPTH;
    options.plain = true;
    options.budget.nodes = STEPS_MAX;
    bool known = fl_checker_decide(c, h, &options, &r) == FL_OK &&
                 r->verdict != FL_INCONCLUSIVE;
    if (!known) {
        return;
    }
    enum fl_verdict verdict = r->verdict;
    t->decided++;
    t->verdicts[verdict]++;
    options.budget.nodes = 0;
    for (unsigned way = 0; way < 4; way++) {
        options.plain = way & 1;
        options.search = way & 2 ? FL_SEARCH_PORTFOLIO : FL_SEARCH_BREADTH;
        bool decided = fl_checker_decide(c, h, &options, &r) == FL_OK;
        bool agrees =
            decided && r->verdict == verdict &&
            (verdict != FL_PASS ||
             fl_witness_holds(h, &options, r->order, r->order_count)) &&
            (verdict != FL_VIOLATION || r->blocked < h->count);
        t->wrong += !agrees;
        if (!agrees) {
            printf("# %s, way %u\n", h->model->name, way);
        }
        if (way == 0 && decided) {
            t->cut += r->cuts > 1;
            t->opened += r->cuts > 1 && has_open(h);
        }
    }
}

static void judge(const struct tally *t)
{
    printf("# %u decided: %u pass, %u fail; %u with cuts, %u of them open\n",
           t->decided, t->verdicts[FL_PASS], t->verdicts[FL_VIOLATION], t->cut,
           t->opened);
    CU_ASSERT_EQUAL(t->wrong, 0);
    CU_ASSERT(t->verdicts[FL_PASS] > t->decided / 8);
    CU_ASSERT(t->verdicts[FL_VIOLATION] > t->decided / 8);
    CU_ASSERT(t->cut > t->decided / 8);
    CU_ASSERT(t->opened > t->decided / 50);
}

static void longer_histories_agree(void)
{
    struct fl_checker *c = fl_checker_new();
    struct fl_strings *strings = fl_strings_new();
    struct fl_history *h =
        fl_history_new(fl_models[0], DISTINCT_OPERATIONS_MAX, 0);
    CU_ASSERT_FATAL(c != NULL && strings != NULL && h != NULL);
    h->strings = fl_strings_hold(strings);
    struct tally t = {0};
    uint64_t seed = 0xb4ead;
    for (uint32_t i = 0; i < LONGER_HISTORIES && t.wrong < 5; i++) {
        struct distinct_wish wish = {
            .model = fl_model_find(models[i % MODELS]),
            .operations = 6 + random_below(&seed, 34),
            .clients = 1 + random_below(&seed, 4),
            .shape = (enum shape)(i / MODELS % SHAPES),
            .strings = strings,
        };
        distinct_history(h, &wish, &seed);
        compare(c, h, (struct fl_options){.whole = false}, &t);
    }
    judge(&t);
    fl_history_free(h);
    fl_strings_release(strings);
    fl_checker_free(c);
}

/* Every model, values that repeat, one key or two. */
static void all_models_agree(void)
{
    struct fl_checker *c = fl_checker_new();
    struct fl_strings *strings = fl_strings_new();
    struct fl_history *h =
        fl_history_new(fl_models[0], RANDOM_OPERATIONS_MAX, 8);
    CU_ASSERT_FATAL(c != NULL && strings != NULL && h != NULL);
    h->strings = fl_strings_hold(strings);
    struct tally t = {0};
    uint64_t seed = 0xa11;
    uint32_t count = 0;
    while (fl_models[count] != NULL) {
        count++;
    }
    for (uint32_t i = 0; i < SHORTER_HISTORIES && t.wrong < 5; i++) {
        struct random_wish wish = {
            .model = fl_models[i % count],
            .operations = 6 + random_below(&seed, 10),
            .clients = 1 + random_below(&seed, RANDOM_CLIENTS_MAX),
            .keys = 1 + i % 2,
            .capacity = random_below(&seed, 3),
            .relax = 1 + random_below(&seed, 3),
            .distinct = random_below(&seed, 2),
            .changed = random_below(&seed, 3) > 0,
            .strings = strings,
        };
        random_history(h, &wish, &seed);
        struct fl_options options = {.capacity = wish.capacity,
                                     .relax = wish.relax,
                                     .whole = i % 4 == 1};
        compare(c, h, options, &t);
    }
    judge(&t);
    fl_history_free(h);
    fl_strings_release(strings);
    fl_checker_free(c);
}

/* One round of a long run: two adds overlap, then two removals do. */
static void add_round(struct fl_history *h, fl_value value)
{
    fl_value args[FL_ARGS_MAX] = {value, 0};
    uint32_t a = fl_history_call(h, 0, FL_QUEUE_ENQUEUE, FL_NONE, args);
    args[0] = value + 1;
    uint32_t b = fl_history_call(h, 1, FL_QUEUE_ENQUEUE, FL_NONE, args);
    fl_history_return(h, b, FL_NONE);
    fl_history_return(h, a, FL_NONE);
    args[0] = 0;
    a = fl_history_call(h, 0, FL_QUEUE_DEQUEUE, FL_NONE, args);
    b = fl_history_call(h, 1, FL_QUEUE_DEQUEUE, FL_NONE, args);
    fl_history_return(h, a, value + 1);
    fl_history_return(h, b, value);
}

/* Beside the history and its order nothing grows with the run: a segment's
 * states and configurations are forgotten behind its cut. */
static void segments_are_forgotten(void)
{
    struct fl_history *h =
        fl_history_new(fl_model_find("queue"), 4 * LONG_ROUNDS + 1, 0);
    CU_ASSERT_FATAL(h != NULL);
    for (uint32_t round = 0; round < LONG_ROUNDS; round++) {
        add_round(h, 2 * (fl_value)round);
    }
    struct fl_options options = {.decider = FL_DECIDER_SEARCH,
                                 .search = FL_SEARCH_BREADTH};
    struct fl_result *r = NULL;
    CU_ASSERT_FATAL(fl_check(h, &options, &r) == FL_OK);
    CU_ASSERT_EQUAL(r->verdict, FL_PASS);
    CU_ASSERT_EQUAL(r->cuts, 2 * LONG_ROUNDS);
    CU_ASSERT_STRING_EQUAL(r->decider, "breadth search");
    printf("# %llu bytes an operation\n",
           (unsigned long long)r->bytes / h->count);
    CU_ASSERT(r->bytes / h->count < 200);
    CU_ASSERT(r->nodes < 4ull * h->count);
    fl_result_free(r);

    fl_value args[FL_ARGS_MAX] = {0};
    uint32_t lost = fl_history_call(h, 0, FL_QUEUE_DEQUEUE, FL_NONE, args);
    fl_history_return(h, lost, 5); /* dequeued long ago */
    r = NULL;
    CU_ASSERT_FATAL(fl_check(h, &options, &r) == FL_OK);
    CU_ASSERT_EQUAL(r->verdict, FL_VIOLATION);
    CU_ASSERT_EQUAL(r->blocked, lost);
    CU_ASSERT_EQUAL(r->order_count, lost);
    fl_result_free(r);
    fl_history_free(h);
}

/* An open write that is called before the cut takes effect long behind it, or
 * never; but not before its call. */
static void an_open_operation_runs_through_cuts(void)
{
    for (int late = 0; late < 2; late++) {
        struct fl_history *h = fl_history_new(fl_model_find("register"), 70, 0);
        CU_ASSERT_FATAL(h != NULL);
        h->initial = 0;
        fl_value args[FL_ARGS_MAX] = {7, 0};
        uint32_t write = FL_OPEN;
        for (uint32_t k = 0; k < 60; k++) {
            if (k == (late ? 40u : 1u)) {
                args[0] = 7;
                write = fl_history_call(h, 9, FL_REGISTER_WRITE, FL_NONE, args);
            }
            uint32_t read =
                fl_history_call(h, 0, FL_REGISTER_READ, FL_NONE, args);
            fl_history_return(h, read, k < 30 ? 0 : 7);
        }
        struct fl_options options = {
            .search = FL_SEARCH_BREADTH,
            .plain = true, /* it is not promoted, and stays open */
        };
        struct fl_result *r = NULL;
        CU_ASSERT_FATAL(fl_check(h, &options, &r) == FL_OK);
        CU_ASSERT_EQUAL(r->verdict, late ? FL_VIOLATION : FL_PASS);
        CU_ASSERT(write != FL_OPEN);
        if (late) {
            CU_ASSERT_EQUAL(r->blocked, 30);
        } else {
            CU_ASSERT_EQUAL(r->cuts, 60);
            CU_ASSERT_EQUAL(r->order[30], write);
        }
        fl_result_free(r);
        fl_history_free(h);
    }
}

/* Two appends a round, which overlap and which nobody looks at until the end:
 * in depth every order is tried by itself. */
static void add_appends(struct fl_history *h, uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        fl_value args[FL_ARGS_MAX] = {(fl_value)r % 2, 0};
        uint32_t a = fl_history_call(h, 0, FL_REGISTER_WRITE, FL_NONE, args);
        args[0] = 2;
        uint32_t b = fl_history_call(h, 1, FL_REGISTER_WRITE, FL_NONE, args);
        fl_history_return(h, a, FL_NONE);
        fl_history_return(h, b, FL_NONE);
    }
}

/* The portfolio's answer is a function of the history: twice the same, step
 * by step, and in a budget never a verdict that is not sure. */
static void the_portfolio_is_deterministic(void)
{
    struct fl_history *h = fl_history_new(fl_model_find("register"), 2001, 0);
    CU_ASSERT_FATAL(h != NULL);
    add_appends(h, 1000);
    fl_value args[FL_ARGS_MAX] = {0};
    uint32_t read = fl_history_call(h, 0, FL_REGISTER_READ, FL_NONE, args);
    fl_history_return(h, read, 3);
    struct fl_options options = {.decider = FL_DECIDER_SEARCH,
                                 .search = FL_SEARCH_PORTFOLIO};
    uint64_t nodes = 0;
    for (int k = 0; k < 2; k++) {
        struct fl_result *r = NULL;
        CU_ASSERT_FATAL(fl_check(h, &options, &r) == FL_OK);
        CU_ASSERT_EQUAL(r->verdict, FL_VIOLATION);
        CU_ASSERT(k == 0 || r->nodes == nodes);
        nodes = r->nodes;
        fl_result_free(r);
    }
    for (uint32_t budget = 1; budget < nodes; budget = budget * 3 + 1) {
        struct fl_result *r = NULL;
        options.search = FL_SEARCH_BREADTH;
        options.plain = true;
        options.budget.nodes = budget;
        CU_ASSERT_FATAL(fl_check(h, &options, &r) == FL_OK);
        CU_ASSERT(r->verdict != FL_PASS);
        CU_ASSERT(r->nodes <= budget);
        CU_ASSERT(r->verdict == FL_VIOLATION || r->exhausted == FL_NODES);
        fl_result_free(r);
    }
    fl_history_free(h);
}

/* Turns: each search stops at its slice and asks for more, and the other's
 * turn is passed over where it cannot decide. */
static void turns_are_kept(void)
{
    struct fl_history *h = fl_history_new(fl_model_find("register"), 201, 2);
    CU_ASSERT_FATAL(h != NULL);
    add_appends(h, 100);
    struct fl_search s = {.plain = true};
    struct fl_selection selection = {.history = h, .count = h->count};
    CU_ASSERT_FATAL(fl_part_fill(&s.part, &selection));
    struct fl_options options = {.search = FL_SEARCH_PORTFOLIO};
    for (unsigned turn = 0; turn < 4; turn++) {
        struct fl_portfolio by = {.cuts = 0};
        struct fl_turn t = {.slice = turn < 2 ? 20 : 0, .breadth = turn & 1};
        bool more = false;
        uint64_t before = s.nodes;
        enum fl_end end = fl_portfolio_run(&by, &s, &options, t, &more);
        CU_ASSERT_EQUAL(more, turn < 2);
        CU_ASSERT_EQUAL(end, turn < 2 ? FL_END_NODES : FL_END_PASS);
        CU_ASSERT(turn >= 2 || s.nodes - before == 20);
        CU_ASSERT_EQUAL(by.breadth, turn == 3);
        CU_ASSERT_EQUAL(by.depth, turn == 2);
        CU_ASSERT_EQUAL(by.cuts, turn == 3 ? 100 : 0);
    }
    s.part.conditional = true;
    struct fl_turn t = {.breadth = true};
    struct fl_portfolio by = {.cuts = 0};
    bool more = false;
    CU_ASSERT_EQUAL(fl_portfolio_run(&by, &s, &options, t, &more),
                    FL_END_NODES);
    CU_ASSERT(more);
    fl_search_release(&s);
    fl_history_free(h);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"longer histories agree", longer_histories_agree},
        {"all models agree", all_models_agree},
        {"segments are forgotten", segments_are_forgotten},
        {"an open operation runs through cuts",
         an_open_operation_runs_through_cuts},
        {"the portfolio is deterministic", the_portfolio_is_deterministic},
        {"turns are kept", turns_are_kept},
        {NULL, NULL},
    };
    return tap_run("breadth", cases);
}
