/*
 * Histories small enough to decide by eye, in pairs: a legal one and its
 * nearest neighbour that is not.  And the promises of the interface: budgets,
 * witnesses, names, determinism, what happens when memory ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/random_history.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/format/jsonl.h"

/* One operation of a table: ends with call 0 and return 0. */
struct row {
    uint32_t client;
    const char *op;
    fl_value a;
    fl_value b;
    fl_value result;
    uint32_t call;
    uint32_t ret;
};

#define NO   FL_NONE
#define OPEN FL_OPEN

/* A settled history of these rows. */
static struct fl_history *history_of(const char *model, const struct row *rows)
{
    struct fl_history *h = fl_history_new(fl_model_find(model), 32, 4);
    assert(h != NULL);
    for (const struct row *row = rows; row->op != NULL; row++) {
        h->operations[h->count] = (struct fl_operation){
            .client = row->client,
            .fn = (uint32_t)fl_model_fn(h->model, row->op),
            .call = row->call,
            .ret = row->ret,
            .key = FL_NONE,
            .args = {row->a, row->b},
            .result = row->result,
        };
        h->count++;
    }
    CU_ASSERT_TRUE_FATAL(fl_history_settle(h));
    return h;
}

static enum fl_verdict verdict_with(const char *model, fl_value initial,
                                    uint32_t capacity, const struct row *rows)
{
    struct fl_history *h = history_of(model, rows);
    h->initial = initial;
    struct fl_options options = {.capacity = capacity};
    struct fl_result *r = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_check(h, &options, &r), FL_OK);
    enum fl_verdict verdict = r->verdict;
    if (verdict == FL_PASS) {
        CU_ASSERT(fl_witness_holds(h, &options, r->order, r->order_count));
    } else {
        CU_ASSERT(r->blocked < h->count);
    }
    fl_result_free(r);
    fl_history_free(h);
    return verdict;
}

static bool passes(const char *model, const struct row *rows)
{
    return verdict_with(model, FL_NONE, 0, rows) == FL_PASS;
}

#define ROWS(...)        \
    (const struct row[]) \
    {                    \
        __VA_ARGS__,     \
        {                \
            0            \
        }                \
    }

/* Herlihy and Wing 1990, figure 1: a queue, good and bad. */
static void herlihy_wing_queues(void)
{
    CU_ASSERT(passes("queue", ROWS({0, "enqueue", 1, 0, NO, 0, 3},
                                   {1, "enqueue", 2, 0, NO, 1, 2},
                                   {1, "dequeue", 0, 0, 1, 4, 6},
                                   {0, "dequeue", 0, 0, 2, 5, 7},
                                   {0, "enqueue", 3, 0, NO, 8, 9})));
    CU_ASSERT_FALSE(passes("queue", ROWS({0, "enqueue", 1, 0, NO, 0, 1},
                                         {1, "enqueue", 2, 0, NO, 2, 3},
                                         {0, "dequeue", 0, 0, 2, 4, 5})));
    /* an enqueue that never returned may have been seen */
    CU_ASSERT(passes("queue", ROWS({0, "enqueue", 1, 0, NO, 0, OPEN},
                                   {1, "dequeue", 0, 0, 1, 1, 2})));
    /* but one value is not dequeued twice */
    CU_ASSERT_FALSE(passes("queue", ROWS({0, "enqueue", 1, 0, NO, 0, 4},
                                         {1, "enqueue", 2, 0, NO, 1, 5},
                                         {2, "dequeue", 0, 0, 2, 2, 6},
                                         {3, "dequeue", 0, 0, 2, 3, 7})));
}

/* The same, figure 2: a register, good and bad. */
static void herlihy_wing_registers(void)
{
    CU_ASSERT(
        passes("register",
               ROWS({0, "write", 0, 0, NO, 0, 1}, {1, "write", 1, 0, NO, 2, 6},
                    {0, "read", 0, 0, 1, 3, 4}, {2, "read", 0, 0, 1, 5, 7})));
    CU_ASSERT_FALSE(
        passes("register",
               ROWS({0, "write", 0, 0, NO, 0, 1}, {1, "write", 1, 0, NO, 2, 7},
                    {0, "read", 0, 0, 1, 3, 4}, {2, "read", 0, 0, 0, 5, 6})));
}

static void containers_keep_their_order(void)
{
    CU_ASSERT(passes(
        "stack", ROWS({0, "push", 1, 0, NO, 0, 1}, {0, "push", 2, 0, NO, 2, 3},
                      {0, "pop", 0, 0, 2, 4, 5}, {0, "peek", 0, 0, 1, 6, 7})));
    CU_ASSERT_FALSE(passes("stack", ROWS({0, "push", 1, 0, NO, 0, 1},
                                         {0, "push", 2, 0, NO, 2, 3},
                                         {0, "pop", 0, 0, 1, 4, 5})));
    CU_ASSERT(passes("priority_queue", ROWS({0, "insert", 3, 0, NO, 0, 1},
                                            {0, "insert", 7, 0, NO, 2, 3},
                                            {0, "insert", 5, 0, NO, 4, 5},
                                            {0, "poll", 0, 0, 7, 6, 7},
                                            {0, "peek", 0, 0, 5, 8, 9})));
    CU_ASSERT_FALSE(passes("priority_queue", ROWS({0, "insert", 3, 0, NO, 0, 1},
                                                  {0, "insert", 7, 0, NO, 2, 3},
                                                  {0, "poll", 0, 0, 3, 6, 7})));
    CU_ASSERT(passes("set", ROWS({0, "insert", 3, 0, true, 0, 1},
                                 {0, "insert", 3, 0, false, 2, 3},
                                 {0, "remove", 3, 0, true, 4, 5},
                                 {0, "contains", 3, 0, false, 6, 7})));
    CU_ASSERT_FALSE(passes("set", ROWS({0, "insert", 3, 0, true, 0, 1},
                                       {0, "remove", 3, 0, false, 4, 5})));
}

static void bounded_objects_say_when_they_are_full(void)
{
    const struct row *rows = ROWS(
        {0, "enqueue", 1, 0, true, 0, 1}, {0, "enqueue", 2, 0, false, 2, 3},
        {0, "dequeue", 0, 0, 1, 4, 5}, {0, "enqueue", 3, 0, true, 6, 7});
    CU_ASSERT_EQUAL(verdict_with("bounded_queue", NO, 1, rows), FL_PASS);
    CU_ASSERT_EQUAL(verdict_with("bounded_queue", NO, 2, rows), FL_VIOLATION);
    const struct row *quota = ROWS(
        {0, "reserve", 6, 0, true, 0, 1}, {1, "reserve", 5, 0, false, 2, 3},
        {0, "release", 2, 0, true, 4, 5}, {1, "usage", 0, 0, 4, 6, 7});
    CU_ASSERT_EQUAL(verdict_with("quota_counter", NO, 10, quota), FL_PASS);
    CU_ASSERT_EQUAL(verdict_with("quota_counter", NO, 11, quota), FL_VIOLATION);
}

static void locks_know_their_owner(void)
{
    const struct row *handed_over =
        ROWS({0, "acquire", 0, 0, NO, 0, 1}, {1, "release", 0, 0, NO, 2, 3});
    CU_ASSERT(passes("mutex", handed_over));
    CU_ASSERT_FALSE(passes("lock", handed_over));
    CU_ASSERT_FALSE(passes("lock", ROWS({0, "acquire", 0, 0, NO, 0, 1},
                                        {1, "acquire", 0, 0, NO, 2, 3})));
    CU_ASSERT(passes("lock", ROWS({0, "acquire", 0, 0, NO, 0, 1},
                                  {1, "try", 0, 0, false, 2, 3},
                                  {0, "release", 0, 0, NO, 4, 5},
                                  {1, "try", 0, 0, true, 6, 7})));
    CU_ASSERT_FALSE(passes("lock", ROWS({1, "try", 0, 0, false, 2, 3})));
}

static void counters_give_the_value_before(void)
{
    CU_ASSERT(passes("counter",
                     ROWS({0, "add", 5, 0, 0, 0, 2}, {1, "add", 2, 0, 5, 1, 3},
                          {0, "read", 0, 0, 7, 4, 5})));
    CU_ASSERT_FALSE(passes(
        "counter", ROWS({0, "add", 5, 0, 0, 0, 2}, {1, "add", 2, 0, 0, 1, 3})));
}

/* Two readers must agree on which of two concurrent sends came first. */
static void broadcast_is_atomic(void)
{
    const struct row *split =
        ROWS({0, "register", 0, 0, NO, 0, 1}, {1, "register", 0, 0, NO, 2, 3},
             {2, "send", 0, 0, NO, 4, 9}, {0, "receive", 0, 0, 1, 5, 6},
             {1, "receive", 0, 0, 0, 7, 8});
    CU_ASSERT_FALSE(passes("accumulator", split));
    CU_ASSERT(passes(
        "accumulator",
        ROWS({0, "register", 0, 0, NO, 0, 1}, {1, "register", 0, 0, NO, 2, 3},
             {2, "send", 0, 0, NO, 4, 9}, {0, "receive", 0, 0, 0, 5, 6},
             {1, "receive", 0, 0, 1, 7, 8}, {0, "receive", 0, 0, 1, 10, 11})));
}

/* A failed comparison may need the write that spoilt it, open or not. */
static void open_writes_are_not_forgotten(void)
{
    CU_ASSERT_EQUAL(verdict_with("register", 0, 0,
                                 ROWS({0, "write", 5, 0, NO, 0, OPEN},
                                      {1, "cas", 0, 1, false, 1, 2})),
                    FL_PASS);
    CU_ASSERT_EQUAL(
        verdict_with("register", 0, 0, ROWS({1, "cas", 0, 1, false, 1, 2})),
        FL_VIOLATION);
}

/* A queue of `count` concurrent enqueues, and one dequeue of no such value. */
static struct fl_history *hard_history(uint32_t count)
{
    struct fl_history *h = fl_history_new(fl_model_find("queue"), 64, 0);
    assert(h != NULL);
    for (uint32_t i = 0; i < count; i++) {
        fl_value args[FL_ARGS_MAX] = {i + 1};
        (void)fl_history_call(h, i, FL_QUEUE_ENQUEUE, FL_NONE, args);
    }
    for (uint32_t i = 0; i < count; i++) {
        fl_history_return(h, i, FL_NONE);
    }
    fl_value none[FL_ARGS_MAX] = {0};
    uint32_t last = fl_history_call(h, 0, FL_QUEUE_DEQUEUE, FL_NONE, none);
    fl_history_return(h, last, 99);
    return h;
}

static void budgets_end_in_no_verdict(void)
{
    struct fl_history *h = hard_history(14);
    struct fl_options options[] = {
        {.budget = {.nodes = 5000}},
        {.budget = {.bytes = 1 << 20}},
        {.budget = {.milliseconds = 30}},
    };
    enum fl_exhausted why[] = {FL_NODES, FL_BYTES, FL_TIME};
    for (int i = 0; i < 3; i++) {
        struct fl_result *r = NULL;
        CU_ASSERT_EQUAL_FATAL(fl_check(h, &options[i], &r), FL_OK);
        CU_ASSERT_EQUAL(r->verdict, FL_INCONCLUSIVE);
        CU_ASSERT_EQUAL(r->exhausted, why[i]);
        CU_ASSERT_EQUAL(r->order_count, 14); /* all enqueues, and then? */
        CU_ASSERT_EQUAL(r->blocked, 14);
        CU_ASSERT(i != 0 || r->nodes == 5000);
        CU_ASSERT(i != 1 || r->bytes < 2 << 20);
        fl_result_free(r);
    }
    fl_history_free(h);
}

static void same_history_gives_the_same_answer(void)
{
    struct fl_history *h = hard_history(6);
    struct fl_result *first = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_check(h, NULL, &first), FL_OK);
    struct fl_checker *checker = fl_checker_new();
    for (int i = 0; i < 100; i++) {
        const struct fl_result *r;
        CU_ASSERT_EQUAL_FATAL(fl_checker_decide(checker, h, NULL, &r), FL_OK);
        CU_ASSERT_EQUAL(r->nodes, first->nodes);
        CU_ASSERT_EQUAL(r->entries, first->entries);
        CU_ASSERT_EQUAL(r->bytes, first->bytes);
        CU_ASSERT_EQUAL(r->order_count, first->order_count);
        CU_ASSERT_EQUAL(
            memcmp(r->order, first->order, r->order_count * sizeof(*r->order)),
            0);
    }
    fl_checker_free(checker);
    fl_result_free(first);
    fl_history_free(h);
}

static void wrong_witnesses_are_refused(void)
{
    struct fl_history *h = history_of(
        "queue",
        ROWS({0, "enqueue", 1, 0, NO, 0, 1}, {0, "enqueue", 2, 0, NO, 2, 3},
             {1, "dequeue", 0, 0, 1, 4, 5}, {2, "enqueue", 3, 0, NO, 6, OPEN}));
    CU_ASSERT(fl_witness_holds(h, NULL, (uint32_t[]){0, 1, 2}, 3));
    CU_ASSERT(fl_witness_holds(h, NULL, (uint32_t[]){0, 1, 2, 3}, 4));
    CU_ASSERT_FALSE(fl_witness_holds(h, NULL, (uint32_t[]){0, 1}, 2));
    CU_ASSERT_FALSE(fl_witness_holds(h, NULL, (uint32_t[]){1, 0, 2}, 3));
    CU_ASSERT_FALSE(fl_witness_holds(h, NULL, (uint32_t[]){0, 2, 1}, 3));
    CU_ASSERT_FALSE(fl_witness_holds(h, NULL, (uint32_t[]){0, 1, 2, 2}, 4));
    CU_ASSERT_FALSE(fl_witness_holds(h, NULL, (uint32_t[]){0, 1, 3, 2}, 4));
    CU_ASSERT_FALSE(fl_witness_holds(h, NULL, (uint32_t[]){0, 1, 9}, 3));
    fl_history_free(h);
}

/* Dropping an observer, widening an interval: a pass stays a pass. */
static void passes_stay_passes(void)
{
    struct fl_history *h = fl_history_new(fl_models[0], 16, 8);
    struct fl_strings *strings = fl_strings_new();
    assert(h != NULL && strings != NULL);
    h->strings = fl_strings_hold(strings);
    uint64_t seed = 77;
    uint32_t tried = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        struct random_wish wish = {.model = fl_models[i % 13],
                                   .operations = 9,
                                   .clients = 3,
                                   .keys = 1,
                                   .strings = strings};
        random_history(h, &wish, &seed);
        bool keep[16];
        uint32_t victim = random_below(&seed, h->count + 1);
        for (uint32_t k = 0; k < h->count; k++) {
            bool inert = fl_operation_inert(h->model, &h->operations[k]);
            keep[k] = k != victim || !inert;
        }
        struct fl_history *less = fl_history_copy(h, keep);
        for (uint32_t k = 0; k < less->count; k++) {
            if (less->operations[k].ret == less->stamps - 1) {
                less->operations[k].ret += 5;
            }
        }
        struct fl_result *before = NULL;
        struct fl_result *after = NULL;
        CU_ASSERT_EQUAL(fl_check(h, NULL, &before), FL_OK);
        CU_ASSERT_EQUAL(fl_check(less, NULL, &after), FL_OK);
        CU_ASSERT_EQUAL(before->verdict, FL_PASS); /* by construction */
        CU_ASSERT_EQUAL(after->verdict, FL_PASS);
        tried += less->count < h->count;
        fl_result_free(before);
        fl_result_free(after);
        fl_history_free(less);
    }
    CU_ASSERT(tried > 200);
    fl_strings_release(strings);
    fl_history_free(h);
}

static void minimising_leaves_what_is_wrong(void)
{
    struct fl_history *h = history_of(
        "stack",
        ROWS({0, "push", 7, 0, NO, 0, 1}, {0, "pop", 0, 0, 7, 2, 3},
             {0, "push", 1, 0, NO, 4, 5}, {0, "pop", 0, 0, 1, 6, 7},
             {1, "push", 8, 0, NO, 8, 9}, {1, "peek", 0, 0, 8, 10, 11},
             {0, "pop", 0, 0, 1, 12, 13}, {1, "pop", 0, 0, 8, 14, 15}));
    bool complete = false;
    struct fl_history *less = fl_minimise(h, NULL, &complete);
    CU_ASSERT_PTR_NOT_NULL_FATAL(less);
    CU_ASSERT(complete);
    CU_ASSERT_EQUAL(less->count, 3); /* push 1, pop 1, pop 1 */
    CU_ASSERT_EQUAL(less->operations[2].call, 12);
    fl_history_free(less);
    fl_history_free(h);
}

static void names_go_both_ways(void)
{
    for (int c = FL_LINEARIZABLE; c <= FL_BUFFERED_STRICT; c++) {
        const char *name = fl_criterion_name((enum fl_criterion)c);
        CU_ASSERT_EQUAL(fl_criterion_find(name), c);
    }
    CU_ASSERT_EQUAL(fl_criterion_find("linear"), -1);
    CU_ASSERT_PTR_EQUAL(fl_model_find("queue"), fl_model_find("fifo_queue"));
    CU_ASSERT_PTR_NULL(fl_model_find("heap"));
    char text[64];
    struct fl_history *h =
        history_of("register", ROWS({0, "cas", 1, 2, true, 0, 1},
                                    {0, "read", 0, 0, NO, 2, 3}));
    fl_describe_call(h, &h->operations[0], text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "cas(1, 2)");
    fl_describe_result(h, FL_REGISTER_READ, FL_NONE, text, sizeof(text));
    CU_ASSERT_STRING_EQUAL(text, "unset");
    fl_describe_call(h, &h->operations[0], text, 6);
    CU_ASSERT_STRING_EQUAL(text, "cas(1");
    fl_history_free(h);
}

static void nothing_and_everything_open_pass(void)
{
    CU_ASSERT(passes("queue", &(const struct row){0}));
    CU_ASSERT(passes("queue", ROWS({0, "dequeue", 0, 0, NO, 0, OPEN},
                                   {1, "enqueue", 4, 0, NO, 1, OPEN})));
}

static void overlaps_are_no_history(void)
{
    struct fl_history *h = fl_history_new(fl_model_find("queue"), 4, 1);
    h->operations[0] = (struct fl_operation){.call = 1, .ret = 4};
    h->operations[1] = (struct fl_operation){.call = 3, .ret = 6};
    h->count = 2;
    CU_ASSERT_FALSE(fl_history_settle(h));
    h->operations[0].client = 1;
    CU_ASSERT(fl_history_settle(h));
    CU_ASSERT_EQUAL(h->stamps, 4);
    h->operations[0].ret = 0;
    h->operations[0].call = 2;
    CU_ASSERT_FALSE(fl_history_settle(h));
    fl_history_free(h);
}

/* What a crash cut off cannot return; an operation of another client can. */
static void nothing_outlives_its_crash(void)
{
    struct fl_history *h = fl_history_new(fl_model_find("queue"), 4, 2);
    h->operations[0] = (struct fl_operation){.client = 3, .call = 1, .ret = 9};
    h->operations[1] = (struct fl_operation){.client = 4, .call = 2, .ret = 3};
    h->operations[2] = (struct fl_operation){.client = 4, .call = 6, .ret = 8};
    h->count = 3;
    h->events[0] = (struct fl_event){.kind = FL_EVENT_CRASH, .at = 5};
    h->events_count = 1;
    h->events[0].client = 4; /* between two of its operations */
    CU_ASSERT(fl_history_settle(h));
    CU_ASSERT_EQUAL(fl_history_outlived(h), FL_OPEN);
    h->events[0].client = 3;
    CU_ASSERT_FALSE(fl_history_settle(h));
    CU_ASSERT_EQUAL(fl_history_outlived(h), 0);
    h->events[0].client = 4;
    h->events[0].at = 4; /* a rank now: as the second call of client 4 */
    CU_ASSERT_FALSE(fl_history_settle(h));
    CU_ASSERT_EQUAL(fl_history_outlived(h), 2);
    h->events[0].kind = FL_EVENT_CRASH_ALL;
    CU_ASSERT_FALSE(fl_history_settle(h));
    h->events[0].at = 20;
    CU_ASSERT(fl_history_settle(h));
    fl_history_free(h);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"Herlihy and Wing's queues", herlihy_wing_queues},
        {"Herlihy and Wing's registers", herlihy_wing_registers},
        {"containers keep their order", containers_keep_their_order},
        {"bounded objects say when they are full",
         bounded_objects_say_when_they_are_full},
        {"locks know their owner", locks_know_their_owner},
        {"counters give the value before", counters_give_the_value_before},
        {"broadcast is atomic", broadcast_is_atomic},
        {"open writes are not forgotten", open_writes_are_not_forgotten},
        {"budgets end in no verdict", budgets_end_in_no_verdict},
        {"same history, same answer", same_history_gives_the_same_answer},
        {"wrong witnesses are refused", wrong_witnesses_are_refused},
        {"passes stay passes", passes_stay_passes},
        {"minimising leaves what is wrong", minimising_leaves_what_is_wrong},
        {"names go both ways", names_go_both_ways},
        {"nothing, and everything open", nothing_and_everything_open_pass},
        {"overlaps are no history", overlaps_are_no_history},
        {"nothing outlives its crash", nothing_outlives_its_crash},
        {NULL, NULL},
    };
    return tap_run("check", cases);
}
