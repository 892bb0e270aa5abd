/*
 * Threads that take the next part when they are done with one.
 *
 * Orders are copied out, as a worker's search goes on to another part.  A part
 * behind one that has failed in this round is not begun: nobody will look at
 * what comes of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/crew.h"

#include "checker/rings.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

enum {
    SLICE_FIRST = 1 << 10,   /* model steps, in the first round */
    SLICE_PER_OPERATION = 8, /* and so many more: the straight way takes two */
    JOBS_MAX = 64
};

/* A round, as its threads share it. */
struct round {
    struct fl_crew *crew;
    const struct fl_options *options;
    const struct fl_selection *selections;
    uint32_t count;
    struct fl_share share;
    uint64_t nodes; /* of the rounds before */
    uint64_t entries;
    uint64_t bytes;
    pthread_mutex_t lock; /* guards what follows */
    uint32_t next;        /* the next part to begin */
    uint32_t last;        /* the first part that failed, so far */
    bool no_memory;
};

/* What one thread is given. */
struct seat {
    struct round *round;
    struct fl_worker *worker;
    uint32_t number;
};

static struct fl_outcome *outcome_at(const struct fl_crew *crew, uint32_t k)
{
    return (struct fl_outcome *)crew->outcomes.data + k;
}

/* Answers that are texts are made by the model's step, in the pool of texts
 * that all parts share; a model with `allows` only compares them. */
static bool steps_write(const struct fl_history *h)
{
    bool writes = false;
    for (uint32_t fn = 0; fn < h->model->types_count; fn++) {
        writes = writes || h->model->types[fn].result == FL_KIND_STRING;
    }
    return writes && h->model->allows == NULL;
}

uint32_t fl_crew_jobs(const struct fl_history *h,
                      const struct fl_options *options, uint32_t parts)
{
    if (options->jobs <= 1 || options->budget.nodes > 0 || steps_write(h)) {
        return 1;
    }
    uint32_t jobs = options->jobs < JOBS_MAX ? options->jobs : JOBS_MAX;
    return jobs < parts ? jobs : parts;
}

/* Copies the order or the longest prefix out of the search. */
static bool keep_order(struct fl_worker *w, struct fl_outcome *out)
{
    const struct fl_search *s = &w->search;
    const struct fl_frame *frames = s->frames.data;
    const uint32_t *best = s->best.data;
    bool passed = out->end == FL_END_PASS;
    uint32_t count = passed ? s->depth : s->best_count;
    assert(count <= s->part.count);
    if (!fl_block_reserve(&w->order,
                          (w->order_count + count + 1ul) * sizeof(uint32_t))) {
        return false;
    }
    uint32_t *order = (uint32_t *)w->order.data + w->order_count;
    for (uint32_t k = 0; k < count; k++) {
        order[k] = fl_item_at(s, passed ? frames[k].taken : best[k])->source;
    }
    assert(w->order.size >= (w->order_count + count) * sizeof(uint32_t));
    out->start = w->order_count;
    out->count = count;
    w->order_count += count;
    return true;
}

/* Decides one part.  False: no memory. */
static bool decide_one(struct fl_worker *w, const struct round *round,
                       uint32_t number, struct fl_outcome *out)
{
    struct fl_search *s = &w->search;
    const struct fl_selection *selection = &round->selections[number];
    uint64_t nodes = s->nodes;
    uint64_t entries = s->entries;
    if (!fl_part_fill(&s->part, selection)) {
        return false;
    }
    struct fl_turn turn = {.breadth = round->share.breadth};
    if (round->count > 1 || fl_portfolio_alternates(s, round->options)) {
        turn.slice =
            round->share.times *
            (SLICE_FIRST + (uint64_t)SLICE_PER_OPERATION * selection->count);
    }
    *out = (struct fl_outcome){.part = number, .blocked = FL_OPEN};
    out->end =
        fl_portfolio_run(&out->portfolio, s, round->options, turn, &out->more);
    out->nodes = s->nodes - nodes;
    out->entries = s->entries - entries;
    out->bytes = s->bytes; /* the most so far in this round: parts are taken
                            * in order, so it is of none behind this one */
    out->key = s->part.count > 0 ? fl_item_at(s, 0)->op.key : FL_NONE;
    bool failed = out->end != FL_END_PASS && !out->more;
    if (failed && s->blocked != FL_OPEN) {
        out->blocked = fl_item_at(s, s->blocked)->source;
    }
    return out->end != FL_END_NO_MEMORY && (out->more || keep_order(w, out));
}

/* Takes the next part of the round; false: there is none. */
static bool take_next(struct round *round, uint32_t *number)
{
    (void)pthread_mutex_lock(&round->lock);
    bool more = round->next < round->count && round->next < round->last &&
                !round->no_memory;
    *number = round->next;
    round->next += more;
    (void)pthread_mutex_unlock(&round->lock);
    return more;
}

static void tell_end(struct round *round, uint32_t number, bool failed,
                     bool no_memory)
{
    (void)pthread_mutex_lock(&round->lock);
    if (failed && number < round->last) {
        round->last = number;
    }
    round->no_memory = round->no_memory || no_memory;
    (void)pthread_mutex_unlock(&round->lock);
}

/* Decides parts until there are none left. */
static void *work(void *argument)
{
    struct seat *seat = argument;
    struct round *round = seat->round;
    assert(seat->worker != NULL);
    uint32_t number;
    while (take_next(round, &number)) {
        struct fl_outcome *out = outcome_at(round->crew, number);
        bool decided = decide_one(seat->worker, round, number, out);
        out->worker = seat->number;
        bool failed = decided && out->end != FL_END_PASS && !out->more;
        tell_end(round, number, failed, !decided);
    }
    return NULL;
}

static struct fl_worker *worker_at(struct fl_crew *crew, uint32_t number)
{
    assert(number <= crew->others_count);
    return number == 0 ? &crew->first
                       : (struct fl_worker *)crew->others.data + number - 1;
}

/* Makes workers up to so many, with the limits of the first. */
static bool hire(struct fl_crew *crew, uint32_t jobs)
{
    if (!fl_block_reserve(&crew->others, jobs * sizeof(struct fl_worker))) {
        return false;
    }
    for (; crew->others_count + 1 < jobs; crew->others_count++) {
        struct fl_worker *others = crew->others.data;
        memset(&others[crew->others_count], 0, sizeof(*others));
    }
    for (uint32_t k = 1; k < jobs; k++) {
        struct fl_search *s = &worker_at(crew, k)->search;
        s->plain = crew->first.search.plain;
        s->budget = crew->first.search.budget;
        s->deadline = crew->first.search.deadline;
        s->bytes = 0;
        worker_at(crew, k)->order_count = 0;
    }
    return true;
}

/* Lets the workers do the round; those that cannot be started are missed by
 * nobody, since the first takes what is left. */
static void run_crew(struct round *round, uint32_t jobs)
{
    pthread_t threads[JOBS_MAX];
    struct seat seats[JOBS_MAX];
    uint32_t started = 1;
    assert(jobs >= 1 && jobs <= JOBS_MAX);
    for (uint32_t k = 0; k < jobs; k++) {
        seats[k] = (struct seat){round, worker_at(round->crew, k), k};
    }
    while (started < jobs && pthread_create(&threads[started], NULL, work,
                                            &seats[started]) == 0) {
        started++;
    }
    (void)work(&seats[0]);
    for (uint32_t k = 1; k < started; k++) {
        (void)pthread_join(threads[k], NULL);
    }
}

/* Adds up what was done until the first part that failed, and forgets what the
 * first worker did on parts behind it. */
static void settle(struct fl_crew *crew, const struct round *round)
{
    crew->count = round->last < round->count ? round->last + 1 : round->count;
    struct fl_search *s = &crew->first.search;
    s->nodes = round->nodes;
    s->entries = round->entries;
    s->bytes = round->bytes;
    for (uint32_t k = 0; k < crew->count; k++) {
        const struct fl_outcome *out = outcome_at(crew, k);
        s->nodes += out->nodes;
        s->entries += out->entries;
        s->bytes = out->bytes > s->bytes ? out->bytes : s->bytes;
    }
}

enum fl_status fl_crew_round(struct fl_crew *crew,
                             const struct fl_options *options,
                             const struct fl_selection *selections,
                             uint32_t count, struct fl_share share)
{
    uint32_t jobs = fl_crew_jobs(selections[0].history, options, count);
    if (!fl_block_reserve(&crew->outcomes, count * sizeof(struct fl_outcome)) ||
        !hire(crew, jobs)) {
        return FL_NO_MEMORY;
    }
    struct round round = {
        .crew = crew,
        .options = options,
        .selections = selections,
        .count = count,
        .share = share,
        .nodes = crew->first.search.nodes,
        .entries = crew->first.search.entries,
        .bytes = crew->first.search.bytes,
        .last = UINT32_MAX,
    };
    crew->first.order_count = 0;
    if (pthread_mutex_init(&round.lock, NULL) != 0) {
        return FL_NO_MEMORY;
    }
    run_crew(&round, jobs);
    (void)pthread_mutex_destroy(&round.lock);
    settle(crew, &round);
    return round.no_memory ? FL_NO_MEMORY : FL_OK;
}

const struct fl_outcome *fl_crew_outcome(const struct fl_crew *crew,
                                         uint32_t number)
{
    assert(number < crew->count);
    return outcome_at(crew, number);
}

const uint32_t *fl_crew_order(const struct fl_crew *crew,
                              const struct fl_outcome *outcome)
{
    const struct fl_worker *others = crew->others.data;
    const struct fl_worker *w =
        outcome->worker == 0 ? &crew->first : &others[outcome->worker - 1];
    assert(outcome->start + outcome->count <= w->order_count);
    return (const uint32_t *)w->order.data + outcome->start;
}

void fl_crew_release(struct fl_crew *crew)
{
    for (uint32_t k = 0; k <= crew->others_count; k++) {
        struct fl_worker *w = worker_at(crew, k);
        fl_search_release(&w->search);
        fl_block_release(&w->order);
    }
    fl_block_release(&crew->others);
    fl_block_release(&crew->outcomes);
}
