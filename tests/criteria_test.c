/*
 * The relaxed criteria and those of what a crash may lose, against twins that
 * are written straight from the definitions; and which implies which.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/deciding.h"
#include "tests/survival_twin.h"
#include "tests/tap.h"
#include "tests/twin.h"

enum {
    HISTORIES = 12000,
    BUFFERED_OPERATIONS = 6
};

static void begin(struct bench *b, uint64_t seed)
{
    bench_begin(b, seed, 16);
}

static void end(struct bench *b)
{
    uint32_t all = b->passes + b->violations;
    printf("# %u decided: %u pass, %u fail\n", all, b->passes, b->violations);
    CU_ASSERT(b->passes >= all / 5);
    CU_ASSERT(b->violations >= all / 5);
    bench_end(b);
}

/* Decides with and without reductions; both must be as expected. */
static bool agrees(struct bench *b, struct fl_options options, bool expected)
{
    b->passes += expected;
    b->violations += !expected;
    for (int way = 0; way < 4; way++) {
        options.plain = way & 1;
        options.whole = way & 2;
        enum fl_verdict wanted = expected ? FL_PASS : FL_VIOLATION;
        if (bench_decide(b, &options) != wanted) {
            show_history(b->h, expected ? "should pass" : "should fail");
            printf("#   %s%s, at most %u lost: %d\n",
                   fl_criterion_name(options.criterion),
                   options.plain ? " plain" : "", options.loss_max,
                   options.loss_bounded);
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
    return (struct random_wish){
        .model = fl_models[number % models],
        .operations = 2 + random_below(&b->seed, 5),
        .clients = 1 + random_below(&b->seed, 3),
        .keys = 1 + random_below(&b->seed, 4) / 3,
        .capacity = random_below(&b->seed, 3),
        .relax = 1 + random_below(&b->seed, 3),
        .distinct = random_below(&b->seed, 2),
        .changed = random_below(&b->seed, 6) > 0,
        .crashes = random_below(&b->seed, 2),
        .strings = b->strings,
    };
}

static struct fl_options options_of(const struct random_wish *wish,
                                    enum fl_criterion criterion)
{
    return (struct fl_options){.criterion = criterion,
                               .capacity = wish->capacity,
                               .relax = wish->relax};
}

/* Persistent implies sequential: a cut operation that takes effect after its
 * client's next is out of turn.  Linearizable implies quiescent. */
static void order_in_time_is_weakened(void)
{
    struct bench b;
    begin(&b, 0x5e9);
    uint32_t wrong = 0;
    uint32_t apart[2] = {0};
    for (uint32_t i = 0; i < HISTORIES && wrong < 5; i++) {
        struct random_wish wish = make_wish(&b, i);
        random_history(b.h, &wish, &b.seed);
        struct fl_options options = options_of(&wish, FL_LINEARIZABLE);
        bool plain = twin_passes(b.h, &options);
        options.criterion = FL_PERSISTENT;
        bool persistent = twin_passes(b.h, &options);
        for (int c = 0; c < 2; c++) {
            options.criterion = c == 0 ? FL_SEQUENTIAL : FL_QUIESCENT;
            bool expected = twin_passes(b.h, &options);
            wrong += !agrees(&b, options, expected);
            CU_ASSERT(expected || !(c == 0 ? persistent : plain));
            apart[c] += plain != expected;
        }
    }
    printf("# apart from linearizable: sequential %u, quiescent %u\n", apart[0],
           apart[1]);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(apart[0] > 0 && apart[1] > 0);
    end(&b);
}

/* Makes room for seven stamps between any two. */
static void spread_stamps(struct fl_history *h)
{
    for (uint32_t e = 0; e < h->events_count; e++) {
        h->events[e].at *= 8;
    }
    h->stamps *= 8;
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        op->call *= 8;
        op->ret = op->ret == FL_OPEN ? FL_OPEN : op->ret * 8;
    }
}

/* What the client of `op` is told of it at stamp `at`, at random. */
static struct fl_event draw_resolve(struct bench *b,
                                    const struct fl_operation *op, uint32_t at)
{
    bool is_bool = b->h->model->types[op->fn].result == FL_KIND_BOOL;
    struct fl_event told = {
        .kind = FL_EVENT_RESOLVE,
        .client = op->client,
        .at = at,
        .resolved = FL_RESOLVED_NOT_DONE,
        .result = FL_NONE,
    };
    if (random_below(&b->seed, 2) == 0) {
        told.resolved = FL_RESOLVED_DONE;
        told.result = is_bool ? (fl_value)random_below(&b->seed, 2) : FL_NONE;
    }
    if (random_below(&b->seed, 30) == 0) {
        told.resolved = FL_RESOLVED_UNKNOWN;
    }
    return told;
}

/* Adds what clients are told of their last operation, at random. */
static void add_resolves(struct bench *b)
{
    struct fl_history *h = b->h;
    spread_stamps(h);
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        uint32_t at = op->ret == FL_OPEN ? fl_history_cut(h, i) : FL_OPEN;
        uint32_t times = 1 + (random_below(&b->seed, 8) == 0);
        for (uint32_t k = 0; at != FL_OPEN && k < times; k++) {
            if (h->events_count == h->events_max ||
                random_below(&b->seed, 8) == 0) {
                continue;
            }
            at++;
            h->events[h->events_count++] = draw_resolve(b, op, at);
        }
    }
    bool settled = fl_history_settle(h);
    CU_ASSERT(settled);
}

/* What the client of `op` was told of it before stamp `next`; NULL: nothing.
 * Clears `*right` if it was told two things, or that nobody knows. */
static const struct fl_event *find_told(const struct fl_history *h,
                                        const struct fl_operation *op,
                                        uint32_t next, bool *right)
{
    const struct fl_event *first = NULL;
    for (uint32_t e = 0; e < h->events_count; e++) {
        const struct fl_event *event = &h->events[e];
        if (event->kind != FL_EVENT_RESOLVE || event->client != op->client ||
            event->at < op->call || event->at > next) {
            continue;
        }
        bool same = first == NULL || (first->resolved == event->resolved &&
                                      first->result == event->result);
        *right = *right && same && event->resolved != FL_RESOLVED_UNKNOWN;
        first = first == NULL ? event : first;
    }
    return first;
}

/* What the history would be if clients had been told at once: from the words
 * of the definition.  NULL: they were told wrongly. */
static struct fl_history *tell(const struct fl_history *h)
{
    bool keep[RANDOM_OPERATIONS_MAX];
    struct fl_history *told = fl_history_copy(h, NULL);
    bool right = told != NULL;
    for (uint32_t i = 0; i < h->count && right; i++) {
        struct fl_operation *op = &told->operations[i];
        keep[i] = true;
        uint32_t next = twin_next(h, op, true);
        const struct fl_event *first = find_told(h, op, next, &right);
        right =
            right && (first != NULL || op->ret != FL_OPEN || next == FL_OPEN);
        if (first != NULL && right) {
            keep[i] = first->resolved == FL_RESOLVED_DONE;
            op->ret = first->at;
            op->result = first->result;
        }
    }
    struct fl_history *less = right ? fl_history_copy(told, keep) : NULL;
    fl_history_free(told);
    return less;
}

static void cut_operations_are_resolved(void)
{
    struct bench b;
    begin(&b, 0xde7);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 2 * HISTORIES && wrong < 5; i++) {
        struct random_wish wish = make_wish(&b, i);
        wish.crashes = true;
        wish.changed = wish.changed && random_below(&b.seed, 2) == 0;
        random_history(b.h, &wish, &b.seed);
        add_resolves(&b);
        struct fl_options options = options_of(&wish, FL_LINEARIZABLE);
        struct fl_history *told = tell(b.h);
        bool expected = told != NULL && twin_passes(told, &options);
        fl_history_free(told);
        CU_ASSERT(!expected || twin_passes(b.h, &options));
        options.criterion = FL_DETECTABLE;
        wrong += !agrees(&b, options, expected);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    end(&b);
}

/* Crashes of everybody, and syncs, between the operations. */
static void add_eras(struct bench *b)
{
    struct fl_history *h = b->h;
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t at = random_below(&b->seed, h->stamps + 1);
        bool syncs = random_below(&b->seed, 6) == 0;
        for (uint32_t i = 0; i < h->count; i++) {
            struct fl_operation *op = &h->operations[i];
            if (!syncs && op->call < at && op->ret >= at) {
                op->ret = FL_OPEN;
                op->result = FL_NONE;
            }
        }
        h->events[h->events_count] = (struct fl_event){
            .kind = syncs ? FL_EVENT_SYNC : FL_EVENT_CRASH_ALL, .at = at};
        h->events_count++;
        for (uint32_t i = 0; i < h->count; i++) {
            struct fl_operation *op = &h->operations[i];
            op->call += op->call >= at;
            op->ret += op->ret != FL_OPEN && op->ret >= at;
        }
        for (uint32_t e = 0; e + 1 < h->events_count; e++) {
            h->events[e].at += h->events[e].at >= at;
        }
        h->stamps++;
    }
    if (h->events[0].at > h->events[1].at) {
        struct fl_event first = h->events[0];
        h->events[0] = h->events[1];
        h->events[1] = first;
    }
}

static void losses_are_bounded(void)
{
    struct bench b;
    begin(&b, 0x1055);
    uint32_t wrong = 0;
    uint32_t apart = 0;
    for (uint32_t i = 0; i < HISTORIES && wrong < 5; i++) {
        struct random_wish wish = make_wish(&b, i);
        wish.crashes = false;
        wish.operations = 2 + random_below(&b.seed, BUFFERED_OPERATIONS - 2);
        random_history(b.h, &wish, &b.seed);
        add_eras(&b);
        struct fl_options options = options_of(&wish, FL_DURABLE);
        bool durable = twin_passes(b.h, &options);
        options.criterion = FL_DURABLE_STRICT;
        bool durable_strict = twin_passes(b.h, &options);
        options.loss_bounded = random_below(&b.seed, 2);
        options.loss_max = random_below(&b.seed, 3);
        options.criterion = FL_BUFFERED_STRICT;
        bool strict = survives(b.h, &options);
        wrong += !agrees(&b, options, strict);
        options.criterion = FL_BUFFERED_DURABLE;
        bool buffered = survives(b.h, &options);
        wrong += !agrees(&b, options, buffered);
        apart += strict != buffered;
        CU_ASSERT(!durable_strict || strict);
        CU_ASSERT(!durable || buffered);
        CU_ASSERT(!strict || buffered);
    }
    printf("# the two readings differ on %u\n", apart);
    CU_ASSERT_EQUAL(wrong, 0);
    end(&b);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"sequential and quiescent agree with the twin",
         order_in_time_is_weakened},
        {"cut operations are resolved", cut_operations_are_resolved},
        {"a crash loses no more than it may", losses_are_bounded},
        {NULL, NULL},
    };
    return tap_run("criteria", cases);
}
