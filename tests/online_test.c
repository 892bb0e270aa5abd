/*
 * The online checker: the same verdicts as offline, at the first event at which
 * they are certain, in memory that does not grow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/distinct_history.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/online.h"

#include <sys/resource.h>

enum {
    HISTORIES = 24000,
    STREAM_OPERATIONS = 2500000, /* two events each */
    STREAM_CLIENTS = 4,
    STREAM_KEYS = 3,
    HELD_MAX = 6, /* values of a queue whose order is not known yet */
    STREAM_BYTES_MAX = 1 << 20,
    STREAM_RSS_MAX = 4096 /* kilobytes more than before */
};

struct tally {
    uint32_t verdicts[3];
    uint32_t wrong;
    uint32_t late; /* violations with something after them */
};

static struct fl_online *begin(const struct fl_history *h, uint32_t capacity,
                               uint32_t relax)
{
    struct fl_online_setup setup = {.model = h->model,
                                    .initial = h->initial,
                                    .capacity = capacity,
                                    .relax = relax,
                                    .strings = h->strings};
    struct fl_online *o = fl_online_new(&setup);
    assert(o != NULL);
    return o;
}

/* Tells all operations in the order of their calls. */
static bool tell_operations(struct fl_online *o, const struct fl_history *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (fl_online_operation(o, &h->operations[i]) != FL_OK) {
            return false;
        }
    }
    return fl_online_finish(o) == FL_OK;
}

/* Tells calls and returns in the order of their moments; an open operation is
 * cut when its client calls again, or never. */
static bool tell_events(struct fl_online *o, const struct fl_history *h)
{
    bool told = true;
    for (uint32_t at = 0; at < h->stamps; at++) {
        for (uint32_t i = 0; i < h->count; i++) {
            const struct fl_operation *op = &h->operations[i];
            if (op->call == at) {
                told = told && fl_online_call(o, op->client, op->fn, op->key,
                                              op->args) == FL_OK;
            } else if (op->ret == at) {
                told = told &&
                       fl_online_return(o, op->client, op->result) == FL_OK;
            }
        }
    }
    return told && fl_online_finish(o) == FL_OK;
}

/* Whether the operations that were called before `end` pass: those in flight
 * then as open ones, or with the end that they had. */
static bool prefix_passes(const struct fl_history *h, uint32_t end, bool opens,
                          const struct fl_options *options)
{
    struct fl_history *prefix = fl_history_copy(h, NULL);
    assert(prefix != NULL);
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation op = h->operations[i];
        if (op.call < end) {
            bool is_open = op.ret == FL_OPEN || (opens && op.ret >= end);
            op.result = is_open ? FL_NONE : op.result;
            op.ret = is_open ? FL_OPEN : op.ret;
            prefix->operations[count] = op;
            count++;
        }
    }
    prefix->count = count;
    struct fl_result *r = NULL;
    bool passes =
        fl_check(prefix, options, &r) == FL_OK && r->verdict == FL_PASS;
    fl_result_free(r);
    fl_history_free(prefix);
    return passes;
}

/* The violation was seen at a return before which all was well, and behind
 * which nothing that comes can help. */
static bool is_in_place(const struct fl_history *h,
                        const struct fl_operation *blocked,
                        const struct fl_options *options)
{
    return prefix_passes(h, blocked->ret, true, options) &&
           !prefix_passes(h, blocked->ret, false, options);
}

static void compare(const struct fl_history *h,
                    const struct fl_options *options, struct tally *t)
{
    struct fl_result *r = NULL;
    CU_ASSERT_FATAL(fl_check(h, options, &r) == FL_OK);
    t->verdicts[r->verdict]++;
    for (int events = 0; events < 2; events++) {
        struct fl_online *o = begin(h, options->capacity, options->relax);
        bool told = events ? tell_events(o, h) : tell_operations(o, h);
        const struct fl_online_view *view = fl_online_now(o);
        bool agrees =
            told && view->verdict == r->verdict && view->operations == h->count;
        if (agrees && r->verdict == FL_VIOLATION && !events) {
            agrees = is_in_place(h, &view->blocked, options);
            t->late += view->blocked.ret + 4 < h->stamps;
        }
        if (!agrees) {
            printf("# %s: offline %s, online %s%s\n", h->model->name,
                   fl_verdict_name(r->verdict), fl_verdict_name(view->verdict),
                   told ? "" : ", refused");
        }
        t->wrong += !agrees;
        fl_online_free(o);
    }
    fl_result_free(r);
}

static void online_agrees_with_offline(void)
{
    struct fl_strings *strings = fl_strings_new();
    struct fl_history *h =
        fl_history_new(fl_models[0], RANDOM_OPERATIONS_MAX, 8);
    CU_ASSERT_FATAL(strings != NULL && h != NULL);
    h->strings = fl_strings_hold(strings);
    struct tally t = {0};
    uint64_t seed = 0x0e11e;
    uint32_t count = 0;
    while (fl_models[count] != NULL) {
        count++;
    }
    for (uint32_t i = 0; i < HISTORIES && t.wrong < 5; i++) {
        struct random_wish wish = {
            .model = fl_models[i % count],
            .operations = 4 + random_below(&seed, 10),
            .clients = 1 + random_below(&seed, RANDOM_CLIENTS_MAX),
            .keys = 1 + i % 3,
            .capacity = random_below(&seed, 3),
            .relax = 1 + random_below(&seed, 3),
            .distinct = random_below(&seed, 2),
            .changed = random_below(&seed, 3) > 0,
            .strings = strings,
        };
        random_history(h, &wish, &seed);
        struct fl_options options = {.capacity = wish.capacity,
                                     .relax = wish.relax};
        compare(h, &options, &t);
    }
    printf("# %u pass, %u fail, %u of them long before the end\n",
           t.verdicts[FL_PASS], t.verdicts[FL_VIOLATION], t.late);
    CU_ASSERT_EQUAL(t.wrong, 0);
    CU_ASSERT(t.verdicts[FL_PASS] > HISTORIES / 5);
    CU_ASSERT(t.verdicts[FL_VIOLATION] > HISTORIES / 5);
    CU_ASSERT(t.late > HISTORIES / 50);
    fl_history_free(h);
    fl_strings_release(strings);
}

/* A queue run without end: clients call, take effect, return. */
struct stream {
    struct fl_online *o;
    uint64_t seed;
    fl_value held[STREAM_KEYS][HELD_MAX + 1]; /* what is in each queue */
    uint32_t counts[STREAM_KEYS];
    fl_value key[STREAM_CLIENTS];
    fl_value answer[STREAM_CLIENTS];
    bool busy[STREAM_CLIENTS];
    uint64_t calls;
    bool told;
};

/* The client's operation takes effect as it is called: its return is later,
 * and others come between. */
static void stream_call(struct stream *s, uint32_t client)
{
    uint32_t key = random_below(&s->seed, STREAM_KEYS);
    uint32_t *count = &s->counts[key];
    bool adds =
        *count == 0 || (*count < HELD_MAX && random_below(&s->seed, 2) == 0);
    fl_value args[FL_ARGS_MAX] = {(fl_value)(s->calls % 7), 0};
    s->calls++;
    s->answer[client] = FL_NONE;
    if (adds) {
        s->held[key][*count] = args[0];
        *count += 1;
    } else {
        s->answer[client] = s->held[key][0];
        *count -= 1;
        memmove(s->held[key], s->held[key] + 1, *count * sizeof(fl_value));
    }
    s->key[client] = key;
    s->busy[client] = true;
    s->told =
        s->told &&
        fl_online_call(s->o, client, adds ? FL_QUEUE_ENQUEUE : FL_QUEUE_DEQUEUE,
                       s->key[client], args) == FL_OK;
}

static void stream_turn(struct stream *s)
{
    uint32_t client = random_below(&s->seed, STREAM_CLIENTS);
    if (!s->busy[client]) {
        stream_call(s, client);
        return;
    }
    s->told =
        s->told && fl_online_return(s->o, client, s->answer[client]) == FL_OK;
    s->busy[client] = false;
}

/* An address sanitizer keeps what was freed for a while. */
static bool keeps_freed(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

static long rss_kilobytes(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void a_long_stream_needs_little_memory(void)
{
    struct fl_online_setup setup = {.model = fl_model_find("queue"),
                                    .initial = FL_NONE};
    struct stream s = {.o = fl_online_new(&setup), .seed = 5, .told = true};
    CU_ASSERT_FATAL(s.o != NULL);
    uint64_t most = 0;
    long before = rss_kilobytes();
    while (s.calls < STREAM_OPERATIONS) {
        stream_turn(&s);
        if (s.calls % 100000 == 0) {
            uint64_t bytes = fl_online_now(s.o)->bytes;
            most = bytes > most ? bytes : most;
        }
    }
    const struct fl_online_view *view = fl_online_now(s.o);
    printf("# %llu operations, at most %llu bytes, %ld kB more resident, "
           "%.2f configurations an operation\n",
           (unsigned long long)view->operations, (unsigned long long)most,
           rss_kilobytes() - before,
           (double)view->configurations / (double)view->operations);
    CU_ASSERT(s.told);
    CU_ASSERT_EQUAL(view->verdict, FL_PASS);
    CU_ASSERT(view->operations >= STREAM_OPERATIONS);
    CU_ASSERT_EQUAL(view->judged + view->waiting, view->operations);
    CU_ASSERT(view->waiting < 1000);
    CU_ASSERT(most < STREAM_BYTES_MAX);
    CU_ASSERT(keeps_freed() || rss_kilobytes() - before < STREAM_RSS_MAX);
    fl_online_free(s.o);
}

/* A value that nobody enqueued, dequeued in the middle of a stream. */
static void a_violation_is_found_at_its_place(void)
{
    struct fl_online_setup setup = {.model = fl_model_find("queue"),
                                    .initial = FL_NONE};
    struct stream s = {.o = fl_online_new(&setup), .seed = 6, .told = true};
    CU_ASSERT_FATAL(s.o != NULL);
    while (s.calls < 200000 || s.busy[0]) {
        stream_turn(&s);
        CU_ASSERT_FATAL(fl_online_verdict(s.o) == FL_PASS);
    }
    fl_value args[FL_ARGS_MAX] = {0};
    CU_ASSERT(fl_online_call(s.o, 0, FL_QUEUE_DEQUEUE, 1, args) == FL_OK);
    CU_ASSERT(fl_online_return(s.o, 0, 77) == FL_OK);
    /* others that were called before it may still be in flight */
    for (uint32_t c = 1; c < STREAM_CLIENTS; c++) {
        if (s.busy[c]) {
            CU_ASSERT(fl_online_return(s.o, c, s.answer[c]) == FL_OK);
        }
    }
    CU_ASSERT_EQUAL(fl_online_verdict(s.o), FL_VIOLATION);
    CU_ASSERT_EQUAL(fl_online_now(s.o)->blocked.result, 77);
    CU_ASSERT_EQUAL(fl_online_now(s.o)->blocked.key, 1);
    CU_ASSERT(fl_online_call(s.o, 0, FL_QUEUE_DEQUEUE, 1, args) == FL_OK);
    CU_ASSERT_EQUAL(fl_online_verdict(s.o), FL_VIOLATION);
    fl_online_free(s.o);
}

/* Limits end in no verdict, and events that cannot be are refused. */
static void limits_and_nonsense(void)
{
    struct fl_online_setup setup = {.model = fl_model_find("register"),
                                    .initial = 0,
                                    .configurations_max = 100,
                                    .waiting_max = 50};
    struct fl_online *o = fl_online_new(&setup);
    CU_ASSERT_FATAL(o != NULL);
    fl_value args[FL_ARGS_MAX] = {1, 0};
    CU_ASSERT_EQUAL(fl_online_return(o, 3, 0), FL_BAD_INPUT);
    CU_ASSERT_EQUAL(fl_online_cut(o, 3), FL_BAD_INPUT);
    CU_ASSERT_EQUAL(fl_online_call(o, 3, FL_REGISTER_WRITE, 0, args), FL_OK);
    CU_ASSERT_EQUAL(fl_online_call(o, 3, FL_REGISTER_WRITE, 0, args),
                    FL_BAD_INPUT);
    for (uint32_t k = 0; k < 60; k++) { /* 3 never returns, and all wait */
        (void)fl_online_call(o, 4, FL_REGISTER_WRITE, 0, args);
        (void)fl_online_return(o, 4, FL_NONE);
    }
    CU_ASSERT_EQUAL(fl_online_now(o)->verdict, FL_INCONCLUSIVE);
    CU_ASSERT_EQUAL(fl_online_now(o)->exhausted, FL_NODES);
    fl_online_free(o);

    o = fl_online_new(&setup);
    CU_ASSERT_FATAL(o != NULL);
    for (uint32_t k = 0; k < 12; k++) { /* each may sit anywhere */
        args[0] = k + 5;
        (void)fl_online_call(o, k, FL_REGISTER_WRITE, 0, args);
        (void)fl_online_cut(o, k);
    }
    (void)fl_online_call(o, 99, FL_REGISTER_WRITE, 0, args);
    (void)fl_online_return(o, 99, FL_NONE);
    (void)fl_online_call(o, 99, FL_REGISTER_READ, 0, args);
    (void)fl_online_return(o, 99, 5);
    CU_ASSERT_EQUAL(fl_online_now(o)->verdict, FL_INCONCLUSIVE);
    CU_ASSERT_EQUAL(fl_online_now(o)->exhausted, FL_BYTES);
    CU_ASSERT_EQUAL(fl_online_now(o)->open, 12);
    fl_online_free(o);

    struct fl_operation first = {.client = 1, .call = 5, .ret = 9};
    struct fl_operation earlier = {.client = 2, .call = 3, .ret = 7};
    struct fl_operation twice = {.client = 1, .call = 8, .ret = 12};
    o = fl_online_new(&setup);
    CU_ASSERT_FATAL(o != NULL);
    CU_ASSERT_EQUAL(fl_online_operation(o, &first), FL_OK);
    CU_ASSERT_EQUAL(fl_online_operation(o, &earlier), FL_BAD_INPUT);
    CU_ASSERT_EQUAL(fl_online_operation(o, &twice), FL_BAD_INPUT);
    fl_online_free(o);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"online agrees with offline", online_agrees_with_offline},
        {"a long stream needs little memory",
         a_long_stream_needs_little_memory},
        {"a violation is found at its place",
         a_violation_is_found_at_its_place},
        {"limits and nonsense", limits_and_nonsense},
        {NULL, NULL},
    };
    return tap_run("online", cases);
}
