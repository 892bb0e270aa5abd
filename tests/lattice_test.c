/*
 * All criteria at once: every answer that was inferred is the one that a
 * decision gives, and the strongest and the next failing are what they are
 * called; and the least k of what is out of order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/eras.h"
#include "tests/tap.h"
#include "tests/twin.h"

#include "checker/lattice.h"

enum {
    HISTORIES = 12000,
    ORDERLESS = 6000
};

struct bench {
    struct fl_history *h;
    struct fl_strings *strings;
    struct fl_checker *checker;
    uint64_t seed;
    struct fl_options options;
};

static void begin(struct bench *b, uint64_t seed)
{
    *b = (struct bench){.seed = seed};
    b->h = fl_history_new(fl_models[0], RANDOM_OPERATIONS_MAX, 24);
    b->strings = fl_strings_new();
    b->checker = fl_checker_new();
    assert(b->h != NULL && b->strings != NULL && b->checker != NULL);
    b->h->strings = fl_strings_hold(b->strings);
}

static void end(struct bench *b)
{
    fl_checker_free(b->checker);
    fl_strings_release(b->strings);
    fl_history_free(b->h);
}

/* Tells the client of the first operation that a crash of its own cut off. */
static void tell_one(struct bench *b)
{
    struct fl_history *h = b->h;
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t cut = fl_history_cut(h, i);
        if (cut == FL_OPEN || h->events_count == h->events_max) {
            continue;
        }
        eras_shift(h, cut + 1);
        h->events[h->events_count++] = (struct fl_event){
            .kind = FL_EVENT_RESOLVE,
            .client = h->operations[i].client,
            .at = cut + 1,
            .resolved = random_below(&b->seed, 2) == 0 ? FL_RESOLVED_NOT_DONE
                                                       : FL_RESOLVED_DONE,
            .result = FL_NONE};
        bool settled = fl_history_settle(h);
        CU_ASSERT(settled);
        return;
    }
}

static void make(struct bench *b, uint32_t number)
{
    uint32_t models = 0;
    while (fl_models[models] != NULL) {
        models++;
    }
    struct random_wish wish = {
        .model = fl_models[number % models],
        .operations = 2 + random_below(&b->seed, 5),
        .clients = 1 + random_below(&b->seed, 3),
        .keys = 1 + random_below(&b->seed, 4) / 3,
        .capacity = random_below(&b->seed, 3),
        .relax = 1 + random_below(&b->seed, 3),
        .distinct = random_below(&b->seed, 2),
        .changed = random_below(&b->seed, 3) > 0,
        .crashes = random_below(&b->seed, 3) > 0,
        .strings = b->strings,
    };
    random_history(b->h, &wish, &b->seed);
    if (random_below(&b->seed, 2) == 0) {
        eras_add(b->h, FL_EVENT_CRASH_ALL, &b->seed);
    }
    if (random_below(&b->seed, 2) == 0) {
        tell_one(b);
    }
    b->options =
        (struct fl_options){.capacity = wish.capacity, .relax = wish.relax};
}

static enum fl_verdict decide(struct bench *b, enum fl_criterion criterion)
{
    struct fl_options options = b->options;
    options.criterion = criterion;
    const struct fl_result *result = NULL;
    enum fl_status status =
        fl_checker_decide(b->checker, b->h, &options, &result);
    CU_ASSERT_EQUAL_FATAL(status, FL_OK);
    return result->verdict;
}

/* The strongest implies all that hold but those beside it, and what fails next
 * fails. */
static void check_chosen(const struct bench *b, const struct fl_lattice *l)
{
    for (int c = 0; c < FL_CRITERIA; c++) {
        const struct fl_standing *s = &l->standing[c];
        if (!s->applies) {
            CU_ASSERT(l->strongest != c && l->failing != c && !l->beside[c]);
            CU_ASSERT(s->unsuited[0] != '\0');
            continue;
        }
        bool holds = s->verdict == FL_PASS;
        CU_ASSERT(l->strongest >= 0 || !holds);
        CU_ASSERT(l->failing >= 0 || holds);
        if (c == l->strongest) {
            CU_ASSERT(holds);
        } else if (holds) {
            bool follows = fl_criterion_implies(
                b->h, (enum fl_criterion)l->strongest, (enum fl_criterion)c);
            bool stands = false; /* beside, or follows from one beside */
            for (int k = 0; k < FL_CRITERIA; k++) {
                stands =
                    stands || (l->beside[k] &&
                               fl_criterion_implies(b->h, (enum fl_criterion)k,
                                                    (enum fl_criterion)c));
            }
            CU_ASSERT(follows || stands);
            CU_ASSERT(!fl_criterion_implies(b->h, (enum fl_criterion)c,
                                            (enum fl_criterion)l->strongest) ||
                      follows);
        } else if (l->failing >= 0 && c != l->failing) {
            /* Nothing weaker fails. */
            CU_ASSERT(!fl_criterion_implies(b->h, (enum fl_criterion)l->failing,
                                            (enum fl_criterion)c) ||
                      fl_criterion_implies(b->h, (enum fl_criterion)c,
                                           (enum fl_criterion)l->failing));
        }
    }
    CU_ASSERT(l->failing < 0 ||
              l->standing[l->failing].verdict == FL_VIOLATION);
}

static void answers_are_those_of_decisions(void)
{
    struct bench b;
    begin(&b, 0x1a77);
    uint32_t inferred = 0;
    uint32_t wrong = 0;
    uint32_t strongest[FL_CRITERIA + 1] = {0};
    for (uint32_t i = 0; i < HISTORIES && wrong < 5; i++) {
        make(&b, i);
        struct fl_lattice l;
        enum fl_status status = fl_lattice_decide(b.h, &b.options, &l);
        CU_ASSERT_EQUAL_FATAL(status, FL_OK);
        for (uint32_t c = 0; c < FL_CRITERIA; c++) {
            enum fl_verdict alone = decide(&b, (enum fl_criterion)c);
            if (l.standing[c].applies && alone != l.standing[c].verdict) {
                printf("# history %u: %s is %d, alone %d, from %s\n", i,
                       fl_criterion_name((enum fl_criterion)c),
                       (int)l.standing[c].verdict, (int)alone,
                       fl_criterion_name(l.standing[c].from));
                wrong++;
            }
            inferred += l.standing[c].inferred;
        }
        check_chosen(&b, &l);
        strongest[l.strongest + 1]++;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(inferred > HISTORIES);
    printf("# %u answers inferred; none %u", inferred, strongest[0]);
    for (uint32_t c = 0; c < FL_CRITERIA; c++) {
        printf(", %s %u", fl_criterion_name((enum fl_criterion)c),
               strongest[c + 1]);
    }
    printf("\n");
    end(&b);
}

/* A queue or stack whose removals are out of order, mostly. */
static void make_orderless(struct bench *b, uint32_t number)
{
    static const char *const models[] = {"fifo_queue_k", "stack_k"};
    struct random_wish wish = {
        .model = fl_model_find(models[number % 2]),
        .operations = 3 + random_below(&b->seed, 5),
        .clients = 1 + random_below(&b->seed, 2),
        .keys = 1 + random_below(&b->seed, 4) / 3,
        .relax = 1 + random_below(&b->seed, 4),
        .distinct = random_below(&b->seed, 3) > 0,
        .changed = random_below(&b->seed, 3) == 0,
        .strings = b->strings,
    };
    random_history(b->h, &wish, &b->seed);
    if (number % 4 >= 2) {
        b->h->model = fl_model_find(number % 2 == 0 ? "queue" : "stack");
    }
}

/* The least k with which the twin passes, 0: none. */
static uint32_t least_k(const struct bench *b)
{
    struct fl_history relaxed = *b->h;
    relaxed.model = relaxed.model->relaxed;
    for (uint32_t k = 1; k <= b->h->count + 1; k++) {
        struct fl_options options = {.relax = k};
        if (twin_passes(&relaxed, &options)) {
            return k;
        }
    }
    return 0;
}

static void the_least_k_is_found(void)
{
    struct bench b;
    begin(&b, 0x6e1);
    uint32_t by_k[4] = {0};
    for (uint32_t i = 0; i < ORDERLESS; i++) {
        make_orderless(&b, i);
        struct fl_relaxation r;
        enum fl_status status = fl_relaxation_measure(b.h, NULL, &r);
        CU_ASSERT_EQUAL_FATAL(status, FL_OK);
        CU_ASSERT(r.applies);
        uint32_t k = least_k(&b);
        CU_ASSERT_EQUAL(r.verdict, k == 0 ? FL_VIOLATION : FL_PASS);
        CU_ASSERT(k == 0 || r.passes == k);
        by_k[k < 3 ? k : 3]++;
    }
    printf("# no k %u, 1 %u, 2 %u, more %u\n", by_k[0], by_k[1], by_k[2],
           by_k[3]);
    CU_ASSERT(by_k[0] > 100 && by_k[1] > 100 && by_k[2] > 100 && by_k[3] > 20);
    b.h->model = fl_model_find("register");
    struct fl_relaxation r;
    enum fl_status status = fl_relaxation_measure(b.h, NULL, &r);
    CU_ASSERT_EQUAL(status, FL_OK);
    CU_ASSERT(!r.applies);
    end(&b);
}

/* A budget too small for anything gives no verdict, and says so. */
static void budgets_run_out(void)
{
    struct bench b;
    begin(&b, 0xb06);
    b.h->model = fl_model_find("queue");
    b.h->count = 0;
    for (uint32_t c = 0; c < 6; c++) {
        fl_history_call(b.h, c, FL_QUEUE_ENQUEUE, FL_NONE,
                        (const fl_value[]){1 + c / 2, 0});
    }
    for (uint32_t c = 0; c < 6; c++) {
        fl_history_return(b.h, c, FL_NONE);
    }
    uint32_t get = fl_history_call(b.h, 0, FL_QUEUE_DEQUEUE, FL_NONE,
                                   (const fl_value[]){0, 0});
    fl_history_return(b.h, get, 9);
    struct fl_options options = {.budget = {.nodes = 3},
                                 .decider = FL_DECIDER_SEARCH};
    struct fl_lattice l;
    enum fl_status status = fl_lattice_decide(b.h, &options, &l);
    CU_ASSERT_EQUAL(status, FL_OK);
    CU_ASSERT_EQUAL(l.strongest, -1);
    CU_ASSERT_EQUAL(l.failing, -1);
    CU_ASSERT_EQUAL(l.standing[FL_LINEARIZABLE].verdict, FL_INCONCLUSIVE);
    CU_ASSERT_EQUAL(l.standing[FL_LINEARIZABLE].exhausted, FL_NODES);
    CU_ASSERT_EQUAL(l.relaxation.verdict, FL_INCONCLUSIVE);
    end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"all answers are those of decisions", answers_are_those_of_decisions},
        {"the least k is found", the_least_k_is_found},
        {"budgets run out", budgets_run_out},
        {NULL, NULL},
    };
    return tap_run("lattice", cases);
}
