/*
 * Random small programs over locks and the like (object_programs.c), and what a
 * search of one has found: states, histories, and executions.
 *
 * An execution is told apart by the log of its run: each access by the store
 * that it read and the one that it came behind, each move on an object by the
 * last that changed it.  Which of two sleepers a signal woke no log says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_OBJECTS_FIXTURE_H
#define TESTS_OBJECTS_FIXTURE_H

#include "harness/log.h"
#include "tests/search_fixture.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    THREADS_MAX = 24, /* store buffers have some, too */
    STEPS_MAX = 256,
    PAGE = 4096, /* all objects of a program fit into one */
};

/* What the last one to come to a barrier is told. */
#define SERIAL ((uint64_t)(uint32_t)PTHREAD_BARRIER_SERIAL_THREAD)

/* A kind of programs. */
struct kind {
    const char *memory;
    uint32_t objects; /* of object_programs.c */
    uint32_t adds;
    bool large; /* too large for all schedules */
};

/* What is there for a search by orders alone, and for one that tries every
 * schedule. */
static const char by_orders[] = "\n  stale_max: 60";
static const char by_schedules[] =
    ", strategy: exhaustive, preemptions: 100, prune: state";

/* With more of its system, and of its schedule. */
static inline struct searched program_open(uint64_t seed,
                                           const struct kind *kind,
                                           const char *system,
                                           const char *schedule)
{
    const char *build = getenv("FAULTLINE_BUILD");
    uint32_t threads = seed % 8 == 0 ? 4 : seed % 2 == 0 ? 3 : 2;
    char text[1000];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: objects\nsystem:\n  kind: threads\n"
                   "  algorithm: %s/tests/plugins/object_programs.so\n"
                   "  memory: %s%s\n  threads: 1\n"
                   "  params: { seed: %lu, inside: %u, objects: %u, "
                   "adds: %u }\n"
                   "  reuse: never\nworkload: { ops_per_thread: 1 }\n"
                   "schedule: { awaits: keep%s }\n",
                   build == NULL ? "build" : build, kind->memory, system,
                   (unsigned long)seed, threads, kind->objects, kind->adds,
                   schedule);
    return search_open(text, false);
}

/* --- an execution as a number --------------------------------------------- */

/* Step `i` among those of its thread. */
static inline uint64_t step_name(const struct run_log *log, uint32_t i)
{
    if (i == FL_NO_STEP) {
        return 0;
    }
    uint64_t own = 0;
    for (uint32_t k = 0; k <= i; k++) {
        own += log->steps[k].thread == log->steps[i].thread ? 1 : 0;
    }
    return own << 8 | (log->steps[i].thread + 1);
}

static inline bool is_move(const struct log_step *s)
{
    static const char *const prefixes[] = {
        "mutex_", "sem_", "rwlock_", "cond_", "spin_", "barrier_", "once"};
    for (uint32_t i = 0; s->kind == FL_STEP_SYNC && i < 7; i++) {
        if (strncmp(s->name, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* How many threads sleep at the condition of step `i` before it. */
static inline uint64_t sleepers(const struct run_log *log, uint32_t i)
{
    uint64_t count = 0;
    for (uint32_t k = 0; k < i; k++) {
        const struct log_step *s = &log->steps[k];
        if (s->kind != FL_STEP_SYNC || s->address != log->steps[i].address) {
            continue;
        }
        if (strcmp(s->name, "cond_wait") == 0) {
            count++;
        } else if (strcmp(s->name, "cond_broadcast") == 0) {
            count = 0;
        } else if (strcmp(s->name, "cond_signal") == 0) {
            count -= count > 0 ? 1 : 0;
        }
    }
    return count;
}

static inline bool changes(const struct run_log *log, uint32_t i)
{
    const struct log_step *s = &log->steps[i];
    if (is_move(s) && (strcmp(s->name, "cond_signal") == 0 ||
                       strcmp(s->name, "cond_broadcast") == 0)) {
        return sleepers(log, i) > 0;
    }
    return s->kind == FL_STEP_STORE || s->kind == FL_STEP_UPDATE ||
           (is_move(s) && (s->after == 0 || s->after == SERIAL));
}

/* What changed the place of step `i` last before it. */
static inline uint64_t last_change(const struct run_log *log, uint32_t i)
{
    for (uint32_t k = i; k-- > 0;) {
        if (log->steps[k].address == log->steps[i].address && changes(log, k)) {
            return step_name(log, k);
        }
    }
    return 0;
}

/* `placed`: a read reads what was stored last. */
static inline uint64_t hash_execution(const struct run_log *log, bool placed)
{
    uint64_t threads[THREADS_MAX] = {0};
    ck_assert_uint_lt(log->steps_count, STEPS_MAX);
    for (uint32_t i = 0; i < log->steps_count; i++) {
        const struct log_step *s = &log->steps[i];
        bool reads = s->kind == FL_STEP_LOAD || s->kind == FL_STEP_REFUSE;
        if (!reads && !changes(log, i) && !is_move(s)) {
            continue;
        }
        ck_assert_uint_lt(s->thread, THREADS_MAX);
        uint64_t *hash = &threads[s->thread];
        *hash = mix(*hash, s->address % PAGE); /* it is loaded anywhere */
        *hash = mix(*hash, (uint64_t)s->kind << 1 | (changes(log, i) ? 1 : 0));
        *hash = mix(*hash, reads && !placed ? step_name(log, s->source)
                                            : last_change(log, i));
    }
    uint64_t hash = 1;
    for (uint32_t t = 0; t < THREADS_MAX; t++) {
        hash = mix(hash, threads[t]);
    }
    return hash;
}

/* --- searches ------------------------------------------------------------- */

struct found_runs {
    struct results results;
    struct found executions;
};

/* Runs `strategy` to its end, or for `most` runs. */
static inline void search_logged(const struct searched *s, const char *strategy,
                                 uint64_t most, struct found_runs *found)
{
    const struct search how = {.strategy = strategy, .preemptions = 100};
    bool placed = s->scenario->system.memory != MEMORY_C11;
    memset(found, 0, sizeof(*found));
    struct run_outcome o = {.last = false};
    while (!o.last && found->results.runs < most) {
        struct run_request request = {.strategy = strategy,
                                      .exhaustive_next =
                                          found->results.runs > 0,
                                      .preemptions = how.preemptions};
        runner_run(s->runner, &request, &o);
        search_keep(&how, &o, &found->results);
        if (o.end != RUN_CUT) {
            request.mode = RUN_RECORD; /* once more */
            struct run_outcome again;
            runner_run(s->runner, &request, &again);
            ck_assert_int_eq((int)again.end, (int)o.end);
            note(&found->executions,
                 hash_execution(runner_log(s->runner), placed));
        }
    }
    found->results.all = o.last && o.exhausted;
    found->results.tally = o.tally;
}

/* Every execution of one search is the other's. */
static inline bool search_same_runs(const struct found_runs *a,
                                    const struct found_runs *b)
{
    return includes(&a->executions, &b->executions) &&
           includes(&b->executions, &a->executions);
}

static inline uint64_t asked(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

#endif
