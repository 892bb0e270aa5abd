/*
 * The race detector against happens-before by its definition.
 *
 * Random programs of a few atomic and plain accesses: the twin makes every
 * interleaving, draws all edges of C17 between its events, closes them, and
 * looks for two conflicting accesses, one of them plain, without a path.  The
 * engine's search must report a race exactly if the twin finds one.  The twin
 * knows no epochs, no views and no messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/litmus_fixture.h"
#include "tests/tap.h"

enum {
    EVENTS_MAX = 24,
    PROGRAMS = 300,
    RUNS_MAX = 400000,
};

enum {
    LOAD = 1,
    STORE,
    ADD,
    PLAIN_READ = 6,
    PLAIN_WRITE,
    LOCK = 9,
    UNLOCK,
    CALL = 20,
    RETURN,
};

struct event {
    uint32_t thread;
    uint32_t what;
    uint32_t location;
    enum order order;
    int32_t source; /* event that stored what it read, or -1 */
};

/* One program, as the twin runs it. */
struct twin {
    uint32_t threads;
    uint32_t length[LITMUS_THREADS]; /* with call and return */
    struct event code[LITMUS_THREADS][LITMUS_LENGTH + 2];
    uint32_t done[LITMUS_THREADS];
    int32_t holder;
    struct event event[EVENTS_MAX];
    uint32_t count;
    bool before[EVENTS_MAX][EVENTS_MAX];
    uint64_t interleavings;
    uint64_t races;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

static bool is_write(const struct event *e)
{
    return e->what == STORE || e->what == ADD || e->what == PLAIN_WRITE;
}

static bool is_plain(const struct event *e)
{
    return e->what == PLAIN_READ || e->what == PLAIN_WRITE;
}

/* Plain words and atomic ones are apart. */
static bool conflicts(const struct event *a, const struct event *b)
{
    return is_plain(a) && is_plain(b) && a->location == b->location &&
           a->thread != b->thread && (is_write(a) || is_write(b));
}

static bool acquires(const struct event *e)
{
    return (e->what == LOAD || e->what == ADD) &&
           (e->order == ORDER_ACQUIRE || e->order == ORDER_ACQ_REL ||
            e->order == ORDER_SEQ_CST);
}

static bool releases(const struct event *e)
{
    return (e->what == STORE || e->what == ADD) && e->order >= ORDER_RELEASE;
}

/* Whether store `s` belongs to the release sequence that `head` heads: all
 * stores between are the head's thread's, or updates. */
static bool is_headed(const struct twin *t, uint32_t head, uint32_t s)
{
    for (uint32_t i = head + 1; i <= s; i++) {
        const struct event *e = &t->event[i];
        if ((e->what == STORE || e->what == ADD) &&
            e->location == t->event[head].location && e->what != ADD &&
            e->thread != t->event[head].thread) {
            return false;
        }
    }
    return true;
}

static bool has_edge(const struct twin *t, uint32_t a, uint32_t b)
{
    const struct event *from = &t->event[a];
    const struct event *to = &t->event[b];
    if (from->thread == to->thread ||
        (from->what == RETURN && to->what == CALL) ||
        (from->what == UNLOCK && to->what == LOCK)) {
        return true;
    }
    return releases(from) && acquires(to) && to->source >= (int32_t)a &&
           from->location == to->location &&
           is_headed(t, a, (uint32_t)to->source);
}

static void judge(struct twin *t)
{
    memset(t->before, 0, sizeof(t->before));
    for (uint32_t b = 0; b < t->count; b++) {
        for (uint32_t a = 0; a < b; a++) {
            t->before[a][b] = has_edge(t, a, b);
        }
    }
    for (uint32_t k = 0; k < t->count; k++) {
        for (uint32_t a = 0; a < k; a++) {
            for (uint32_t b = k + 1; b < t->count && t->before[a][k]; b++) {
                t->before[a][b] = t->before[a][b] || t->before[k][b];
            }
        }
    }
    for (uint32_t b = 0; b < t->count; b++) {
        for (uint32_t a = 0; a < b; a++) {
            t->races +=
                conflicts(&t->event[a], &t->event[b]) && !t->before[a][b] ? 1
                                                                          : 0;
        }
    }
}

static bool can_step(const struct twin *t, uint32_t thread)
{
    if (t->done[thread] == t->length[thread]) {
        return false;
    }
    return t->code[thread][t->done[thread]].what != LOCK || t->holder < 0;
}

static void step(struct twin *t, uint32_t thread)
{
    struct event *e = &t->event[t->count];
    *e = t->code[thread][t->done[thread]];
    e->source = -1;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct event *w = &t->event[i];
        if ((w->what == STORE || w->what == ADD) &&
            w->location == e->location) {
            e->source = (int32_t)i;
        }
    }
    if (e->what == LOCK) {
        t->holder = (int32_t)thread;
    } else if (e->what == UNLOCK) {
        t->holder = -1;
    }
    t->done[thread]++;
    t->count++;
}

/* All interleavings, by recursion: only tests may. */
static void interleave(struct twin *t)
{
    bool ended = true;
    int32_t holder = t->holder;
    for (uint32_t i = 0; i < t->threads; i++) {
        if (can_step(t, i)) {
            ended = false;
            step(t, i);
            interleave(t);
            t->count--;
            t->done[i]--;
            t->holder = holder;
        }
    }
    if (ended) {
        t->interleavings++;
        judge(t);
    }
}

static struct event draw_event(uint64_t *random, uint32_t thread)
{
    static const uint32_t kinds[] = {LOAD, STORE, ADD, PLAIN_READ, PLAIN_WRITE};
    static const enum order orders[][3] = {
        [LOAD] = {ORDER_RELAXED, ORDER_ACQUIRE, ORDER_SEQ_CST},
        [STORE] = {ORDER_RELAXED, ORDER_RELEASE, ORDER_SEQ_CST},
        [ADD] = {ORDER_RELAXED, ORDER_ACQ_REL, ORDER_RELEASE},
    };
    struct event e = {.thread = thread,
                      .what = kinds[next_random(random) % 5],
                      .location = (uint32_t)(next_random(random) % 2)};
    if (!is_plain(&e)) {
        e.order = orders[e.what][next_random(random) % 3];
    }
    return e;
}

static void draw_program(struct twin *t, uint64_t *random,
                         struct litmus_program *p)
{
    memset(t, 0, sizeof(*t));
    *p = (struct litmus_program){.threads = 2};
    t->threads = next_random(random) % 8 == 0 ? 3 : 2;
    p->threads = t->threads;
    t->holder = -1;
    for (uint32_t i = 0; i < t->threads; i++) {
        uint32_t most = t->threads == 3 ? 2 : 4;
        uint32_t length = 1 + (uint32_t)(next_random(random) % most);
        bool locks = length <= 3 && next_random(random) % 5 == 0;
        uint32_t n = 0;
        t->code[i][n++] = (struct event){.thread = i, .what = CALL};
        for (uint32_t k = 0; k < length + (locks ? 2 : 0); k++) {
            struct event e = draw_event(random, i);
            if (locks && (k == 0 || k == length + 1)) {
                e = (struct event){.thread = i, .what = k == 0 ? LOCK : UNLOCK};
            }
            p->code[i] |= ((uint64_t)1 << 9 | (uint64_t)e.order << 6 |
                           (uint64_t)e.location << 4 | e.what)
                          << (k * LITMUS_BITS);
            t->code[i][n++] = e;
        }
        t->code[i][n++] = (struct event){.thread = i, .what = RETURN};
        t->length[i] = n;
    }
}

static void compare(const char *settings, uint64_t seed)
{
    static struct twin twin;
    static struct outcomes set;
    uint64_t random = seed;
    uint32_t racing = 0;
    for (uint32_t i = 0; i < PROGRAMS; i++) {
        struct litmus_program p;
        draw_program(&twin, &random, &p);
        interleave(&twin);
        bool all = litmus_search(&p, settings, RUNS_MAX, &set);
        bool races = twin.races > 0;
        racing += races ? 1 : 0;
        if (races != (set.races > 0) || (!races && !all)) {
            printf("# program %u: t0 %#" PRIx64 " t1 %#" PRIx64 " t2 %#" PRIx64
                   ": %s by definition, %" PRIu64 " found in %" PRIu64
                   " runs\n",
                   i, p.code[0], p.code[1], p.code[2],
                   races ? "races" : "no race", set.races, set.runs);
            CU_FAIL("another verdict");
        }
    }
    CU_ASSERT(racing > PROGRAMS / 10 && racing < PROGRAMS * 9 / 10);
}

static void races_are_found_where_there_are_any(void)
{
    compare("memory: sc\n  races: report", 88172645463325252u);
}

/* What races under c11 without stale values, races with them, and the other
 * way round: a race in any execution is one in an interleaving, up to it. */
static void stale_values_change_no_verdict(void)
{
    compare("memory: c11\n  stale_max: 1", 1181783497276652981u);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"races are found where there are any",
         races_are_found_where_there_are_any},
        {"stale values change no verdict", stale_values_change_no_verdict},
        {NULL, NULL},
    };
    return tap_run("races", cases);
}
