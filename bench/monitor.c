/*
 * Benchmarks of the monitors: long legal histories of 8 clients, distinct
 * values, made here.
 *
 * A monitor is one thread, and its time is that of the processor: that others
 * used it meanwhile says nothing of the monitor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "checker/check.h"
#include "checker/model.h"
#include "checker/operations.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum {
    CLIENTS = 8,
    LONG = 1000000,
    LONGEST = 4000000,
    SIZES_MAX = 5,   /* that double, the last being one of these */
    HELD_MAX = 1024, /* values inside at once, so that the model is quick */
    STATE_MAX = 2 * HELD_MAX * 8
};

/* A client of the run that is made. */
struct caller {
    uint32_t ticket;
    enum {
        IDLE,
        CALLED,
        ACTED
    } stage;
    fl_value answer;
};

/* The run while it is made. */
struct making {
    struct fl_history *h;
    struct fl_space space;
    uint64_t random;
    fl_value last;
    size_t size;
    _Alignas(16) unsigned char state[STATE_MAX];
};

static uint32_t draw(struct making *m, uint32_t below)
{
    m->random = m->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(m->random >> 33) % below;
}

/* Adds are fresh values, priorities in no order; a set's others are recent. */
static void call(struct making *m, struct caller *caller, uint32_t client)
{
    const struct fl_model *model = m->h->model;
    bool is_full = m->size / sizeof(fl_value) > HELD_MAX;
    uint32_t fn = is_full ? 1 : draw(m, model->types_count);
    fl_value args[FL_ARGS_MAX] = {0, 0};
    m->last++;
    args[0] = model->by_element && fn != FL_SET_INSERT
                  ? m->last - draw(m, 20)
                  : (fl_value)((uint64_t)m->last * 2654435761u & 0xffffffffffu);
    if (model->by_element && fn == FL_SET_INSERT) {
        args[0] = m->last;
    }
    fn = model->types[fn].args[1] != FL_KIND_VOID ? FL_REGISTER_WRITE : fn;
    caller->ticket = fl_history_call(m->h, client, fn, FL_NONE, args);
    caller->stage = CALLED;
}

static struct fl_history *make(const char *name, uint32_t count)
{
    static struct making m; /* too large for the stack */
    struct caller callers[CLIENTS] = {{0}};
    m = (struct making){.random = 7};
    m.h = fl_history_new(fl_model_find(name), count, 0);
    if (m.h == NULL) {
        return NULL;
    }
    m.space = (struct fl_space){
        .history = m.h, .initial = FL_NONE, .adds = HELD_MAX, .keys = 1};
    m.size = fl_state_start(&m.space, m.state);
    uint32_t flying = 0;
    while (m.h->count < count || flying > 0) {
        uint32_t client = draw(&m, CLIENTS);
        struct caller *c = &callers[client];
        if (c->stage == IDLE && m.h->count < count) {
            call(&m, c, client);
            flying++;
        } else if (c->stage == CALLED) {
            c->answer = fl_state_step(&m.space, m.state, &m.size,
                                      &m.h->operations[c->ticket]);
            assert(m.size <= STATE_MAX);
            c->stage = ACTED;
        } else if (c->stage == ACTED) {
            fl_history_return(m.h, c->ticket, c->answer);
            c->stage = IDLE;
            flying--;
        }
    }
    return m.h;
}

/* What one decision by the monitor took. */
struct decision {
    double seconds;
    double bytes; /* an operation */
    double proof; /* seconds to test its witness */
};

/* Seconds of the processor that this thread has used. */
static double used(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool decide(const char *name, uint32_t count, struct decision *d)
{
    struct fl_history *h = make(name, count);
    if (h == NULL) {
        return false;
    }
    struct fl_options options = {.decider = FL_DECIDER_MONITOR};
    struct fl_result *result = NULL;
    double started = used();
    enum fl_status status = fl_check(h, &options, &result);
    double decided = used();
    bool good = status == FL_OK && result->verdict == FL_PASS &&
                strncmp(result->decider, "monitor: ", 9) == 0;
    if (good) {
        good =
            fl_witness_holds(h, &options, result->order, result->order_count);
        d->seconds = decided - started;
        d->proof = used() - decided;
        d->bytes = (double)result->bytes / count;
        assert(d->bytes > 0);
    }
    fl_result_free(result);
    fl_history_free(h);
    return good;
}

static bool take_seconds(const char *name, double *value)
{
    struct decision d;
    bool good = decide(name, LONG, &d);
    *value = good ? d.seconds : 0;
    return good;
}

/*
 * How time grows: the exponent e of t = c n^e through sizes that double up to
 * `most`, by least squares.  That of n log n is 1 + 1 / ln n: 1.08 and 1.07 for
 * the sizes here.  The smaller histories fit into a cache and the larger ones
 * do not, which is the rest up to LONG; none does up to LONGEST.
 */
static bool take_growth(const char *name, uint32_t most, uint32_t sizes,
                        double *value)
{
    double x[SIZES_MAX];
    double y[SIZES_MAX];
    assert(sizes > 1 && sizes <= SIZES_MAX);
    double mean_x = 0;
    double mean_y = 0;
    for (uint32_t i = 0; i < sizes; i++) {
        struct decision d;
        struct decision again;
        uint32_t count = most >> (sizes - 1 - i);
        if (!decide(name, count, &d) || !decide(name, count, &again)) {
            return false;
        }
        double least = d.seconds < again.seconds ? d.seconds : again.seconds;
        x[i] = log2(count);
        y[i] = log2(least);
        mean_x += x[i] / sizes;
        mean_y += y[i] / sizes;
    }
    double above = 0;
    double below = 0;
    for (uint32_t i = 0; i < sizes; i++) {
        above += (x[i] - mean_x) * (y[i] - mean_y);
        below += (x[i] - mean_x) * (x[i] - mean_x);
    }
    assert(below > 0);
    *value = above / below;
    return true;
}

static bool take_bytes(const char *name, double *value)
{
    struct decision d;
    bool good = decide(name, LONG, &d);
    *value = good ? d.bytes : 0;
    return good;
}

/* The four measurements of one model's monitor. */
#define MEASURES(noun)                                                       \
    bool bench_monitor_##noun(const struct bench *bench, double *v)          \
    {                                                                        \
        assert(bench != NULL && v != NULL);                                  \
        return take_seconds(#noun, v);                                       \
    }                                                                        \
    bool bench_monitor_##noun##_growth(const struct bench *bench, double *v) \
    {                                                                        \
        assert(bench != NULL && v != NULL);                                  \
        return take_growth(#noun, LONG, 5, v);                               \
    }                                                                        \
    bool bench_monitor_##noun##_beyond(const struct bench *bench, double *v) \
    {                                                                        \
        assert(bench != NULL && v != NULL);                                  \
        return take_growth(#noun, LONGEST, 4, v);                            \
    }                                                                        \
    bool bench_monitor_##noun##_bytes(const struct bench *bench, double *v)  \
    {                                                                        \
        assert(bench != NULL && v != NULL);                                  \
        return take_bytes(#noun, v);                                         \
    }

MEASURES(queue)
MEASURES(stack)
MEASURES(set)
MEASURES(priority_queue)
MEASURES(register)

bool bench_witness_set(const struct bench *bench, double *value)
{
    struct decision d;
    assert(bench != NULL && value != NULL);
    bool good = decide("set", LONG, &d);
    *value = good ? d.proof : 0;
    return good;
}
