/*
 * The parent of a campaign: starts workers, hears them, replaces the dead.
 *
 * It never runs the program under test.  What it decides, it decides from the
 * indices of failures alone, so that the number of workers does not show.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign.h"
#include "harness/campaign_page.h"
#include "harness/child.h"
#include "harness/signals.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TICK_MS = 50,     /* between two looks at the workers */
    KEEP_MS = 1000,   /* between two accounts of how far it is */
    GRACE_MS = 2000,  /* for a worker to stop when asked to */
    STALL_MS = 30000, /* in one run, before its worker is given up */
    FORCED_MAX = 4,   /* runs without a point, or that block, in a campaign */
};

struct hand {
    pid_t process;  /* 0: not running */
    uint64_t index; /* and runs when it was last seen to move, and when */
    uint64_t runs;
    uint64_t moved;
    bool done;
};

struct parent {
    const struct campaign_request *request;
    struct campaign_outcome *outcome;
    struct page *page;
    uint64_t block;
    uint64_t started;
    uint64_t stopped; /* when `stop` was set, of wall_ms(); 0: not yet */
    uint64_t kept;    /* when keep() was called last */
    int read_end;
    int write_end;
    uint32_t hands_count;
    uint32_t live;
    struct hand hands[CAMPAIGN_WORKERS_MAX];
};

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Starts worker `number`, which first finishes [from, to). */
static void start_worker(struct parent *p, uint32_t number, uint64_t from,
                         uint64_t to)
{
    assert(number < p->hands_count);
    struct worker worker = {
        .request = p->request,
        .page = p->page,
        .slot = &p->page->slots[number],
        .number = number,
        .block = p->block,
        .from = from,
        .to = to,
        .started = p->started,
        .pipe = p->write_end,
        .parent = getpid(),
    };
    (void)fflush(NULL);
    pid_t process = fork();
    if (process < 0) {
        perror("faultline: cannot start a worker");
        exit(70);
    }
    if (process == 0) {
        close(p->read_end);
        signals_inherit();
        campaign_work(&worker);
        _exit(0);
    }
    p->hands[number] = (struct hand){.process = process, .moved = wall_ms()};
    p->live++;
}

static void stop_all(struct parent *p)
{
    if (p->stopped == 0) {
        atomic_store_explicit(&p->page->stop, true, memory_order_relaxed);
        p->stopped = wall_ms();
    }
}

/* The index behind which nothing is wanted: that of failure number
 * `stop_after` among those known.  Of one, the workers see to it. */
static void lower_stop(struct parent *p)
{
    const struct campaign_outcome *o = p->outcome;
    uint32_t wanted = p->request->stop_after;
    if (wanted > 1 && o->failures_count >= wanted) {
        atomic_store_explicit(&p->page->stop_at, o->failures[wanted - 1].index,
                              memory_order_relaxed);
    }
}

/* Forgets the files of a failure that an earlier one stands for. */
static void drop_failure(const struct campaign_failure *failure)
{
    if (failure->found[0] != '\0') {
        store_remove(failure->found);
    }
}

/* Keeps the list sorted by index, one failure a bucket. */
static void insert_failure(struct campaign_outcome *o,
                           const struct campaign_failure *failure)
{
    assert(o->failures_count <= CAMPAIGN_FAILURES_MAX);
    assert(failure->end < RUN_ENDS);
    uint32_t same = 0;
    while (same < o->failures_count &&
           o->failures[same].coarse != failure->coarse) {
        same++;
    }
    if (same < o->failures_count) {
        if (o->failures[same].index <= failure->index) {
            drop_failure(failure);
            return;
        }
        drop_failure(&o->failures[same]);
    } else if (same == CAMPAIGN_FAILURES_MAX) {
        o->others++;
        return;
    } else {
        o->failures_count++;
    }
    /* A hole at `same`: move it down to where the index belongs. */
    while (same > 0 && o->failures[same - 1].index > failure->index) {
        o->failures[same] = o->failures[same - 1];
        same--;
    }
    while (same + 1 < o->failures_count &&
           o->failures[same + 1].index < failure->index) {
        o->failures[same] = o->failures[same + 1];
        same++;
    }
    o->failures[same] = *failure;
}

static void hear(struct parent *p, const struct message *message)
{
    struct campaign_outcome *o = p->outcome;
    assert(message->worker < p->hands_count);
    if (message->store_error != 0) {
        o->store_error = message->store_error;
    }
    switch (message->kind) {
    case MESSAGE_FAILURE:
        insert_failure(o, &message->failure);
        lower_stop(p);
        break;
    case MESSAGE_OPEN:
        campaign_note_open(o, &message->failure);
        break;
    case MESSAGE_UNSTEADY:
        if (!o->unsteady || message->failure.index < o->unsteady_index) {
            o->unsteady_index = message->failure.index;
        }
        o->unsteady = true;
        stop_all(p);
        break;
    case MESSAGE_EXHAUSTED:
        o->exhausted = true;
        o->tally = message->tally;
        break;
    case MESSAGE_SEARCHED:
        o->tally.saved = message->tally.saved;
        o->tally.ungraphed = message->tally.ungraphed;
        break;
    case MESSAGE_DONE:
        p->hands[message->worker].done = true;
        break;
    }
}

static void hear_all(struct parent *p)
{
    struct message message;
    for (;;) {
        ssize_t size = read(p->read_end, &message, sizeof(message));
        if (size != (ssize_t)sizeof(message)) {
            assert(size <= 0); /* written whole, read whole */
            return;
        }
        hear(p, &message);
    }
}

/* A worker died in a run: notes which, and lets another go on behind it. */
static void bury(struct parent *p, uint32_t number, int status)
{
    assert(number < p->hands_count);
    struct campaign_outcome *o = p->outcome;
    struct slot *slot = &p->page->slots[number];
    uint64_t index = load(&slot->index);
    if (o->deaths_count < CAMPAIGN_DEATHS_MAX) {
        o->deaths[o->deaths_count] = (struct campaign_death){
            .index = index,
            .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
            .code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
        };
        o->deaths_count++;
    }
    if (o->deaths_count == CAMPAIGN_DEATHS_MAX ||
        campaign_is_exhaustive(p->request)) {
        stop_all(p); /* a search cannot go on behind a hole */
    }
    if (p->stopped == 0) {
        start_worker(p, number, index + 1, load(&slot->block_end));
    }
}

/* Kills a worker that does not move, or that does not stop when asked. */
static void watch(struct parent *p, uint32_t number)
{
    struct hand *hand = &p->hands[number];
    const struct slot *slot = &p->page->slots[number];
    uint64_t now = wall_ms();
    if (hand->index != load(&slot->index) || hand->runs != load(&slot->runs)) {
        hand->index = load(&slot->index);
        hand->runs = load(&slot->runs);
        hand->moved = now;
    }
    const struct interrupt *interrupt = p->request->interrupt;
    bool twice = interrupt != NULL && interrupt->asked > 1;
    if (twice || now - hand->moved > STALL_MS ||
        (p->stopped != 0 && now - p->stopped > GRACE_MS)) {
        (void)kill(hand->process, SIGKILL);
    }
}

/* Looks after the workers: who ended, who died, who hangs. */
static void reap(struct parent *p)
{
    for (uint32_t i = 0; i < p->hands_count; i++) {
        struct hand *hand = &p->hands[i];
        if (hand->process == 0) {
            continue;
        }
        int status = 0;
        pid_t ended = waitpid(hand->process, &status, hand->done ? 0 : WNOHANG);
        if (ended == 0 || (ended < 0 && errno == EINTR)) {
            watch(p, i);
            continue;
        }
        assert(ended == hand->process);
        hear_all(p); /* what it said last */
        hand->process = 0;
        p->live--;
        if (!hand->done && p->stopped == 0) {
            bury(p, i, status);
        }
    }
}

static void add_all(uint64_t *sums, const _Atomic uint64_t *counters,
                    uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sums[i] += load(&counters[i]);
    }
}

static void add_up(struct parent *p)
{
    struct campaign_outcome *o = p->outcome;
    o->next = campaign_first_missing(p->page, p->hands_count, p->request->last);
    o->milliseconds = wall_ms() - p->started;
    o->runs = o->checked = o->steps = o->repeated = 0;
    memset(o->made, 0, sizeof(o->made));
    memset(o->ends, 0, sizeof(o->ends));
    memset(o->fired, 0, sizeof(o->fired));
    memset(o->reached, 0, sizeof(o->reached));
    for (uint32_t i = 0; i < p->hands_count; i++) {
        const struct slot *slot = &p->page->slots[i];
        o->runs += load(&slot->runs);
        o->checked += load(&slot->checked);
        o->steps += load(&slot->steps);
        o->repeated += load(&slot->repeated);
        o->untried |= load(&slot->untried);
        o->waited = campaign_least(o->waited, load(&slot->waited));
        add_all(o->made, slot->made, STRATEGIES_MAX);
        add_all(o->ends, slot->ends, RUN_ENDS);
        add_all(o->fired, slot->fired, RULES_MAX);
        add_all(o->reached, slot->reached, CAMPAIGN_POINTS_MAX);
    }
}

/* How many runs of all workers fell in the bucket. */
static uint64_t count_times(const struct parent *p, uint64_t coarse)
{
    uint64_t times = 0;
    for (uint32_t i = 0; i < p->hands_count; i++) {
        const struct slot *slot = &p->page->slots[i];
        for (uint32_t b = 0; b < slot->buckets_count; b++) {
            if (slot->buckets[b] == coarse) {
                times += load(&slot->bucket_times[b]);
            }
        }
    }
    return times;
}

/* `forked` is the number of a run that left a second process, or 0. */
static void note_fork(struct campaign_outcome *o, uint64_t forked)
{
    if (forked != 0 && (!o->forked || forked - 1 < o->forked_index)) {
        o->forked = true;
        o->forked_index = forked - 1;
    }
}

/* Runs that were cut by force cost seconds each: a few of them are enough. */
static void give_up(struct parent *p)
{
    uint64_t forced = 0;
    for (uint32_t i = 0; i < p->hands_count; i++) {
        const struct slot *slot = &p->page->slots[i];
        forced += load(&slot->ends[RUN_STUCK]) + load(&slot->ends[RUN_OUTSIDE]);
    }
    if (forced >= FORCED_MAX && p->stopped == 0) {
        p->outcome->given_up = true;
        stop_all(p);
    }
}

/* Failures that lie behind the stop were found by chance of timing: they stay
 * in out/ as found, and are not part of the result. */
static void cut_failures(struct parent *p)
{
    assert(p->live == 0);
    struct campaign_outcome *o = p->outcome;
    uint32_t wanted = p->request->stop_after;
    if (wanted != 0 && o->failures_count > wanted) {
        o->failures_count = wanted;
    }
    for (uint32_t i = 0; i < p->hands_count; i++) {
        peaks_join(&o->peaks, &p->page->slots[i].peaks);
        note_fork(o, load(&p->page->slots[i].forked));
    }
    for (uint32_t i = 0; i < o->failures_count; i++) {
        uint64_t times = count_times(p, o->failures[i].coarse);
        o->failures[i].times += times;
        if (o->failures[i].times == 0) {
            o->failures[i].times = 1;
        }
    }
}

static void show(struct parent *p)
{
    struct status_view view = {
        .started = p->started,
        .deadline = p->request->deadline,
        .failures = p->outcome->failures_count,
    };
    if (!campaign_is_exhaustive(p->request)) {
        view.planned = campaign_planned(p->request);
    }
    for (uint32_t i = 0; i < p->hands_count; i++) {
        view.runs += load(&p->page->slots[i].runs);
        view.fresh += load(&p->page->slots[i].checked);
    }
    struct interrupt *interrupt = p->request->interrupt;
    bool now = interrupt != NULL && interrupt->status;
    if (now) {
        interrupt->status = false;
    }
    status_show(p->request->status, &view, now);
}

/* Says how far it is to whoever keeps that. */
static void keep(struct parent *p, bool now)
{
    const struct campaign_request *request = p->request;
    if (request->keep == NULL || (!now && wall_ms() - p->kept < KEEP_MS)) {
        return;
    }
    p->kept = wall_ms();
    add_up(p);
    request->keep(request->context, p->outcome);
}

static void attend(struct parent *p)
{
    const struct campaign_request *request = p->request;
    while (p->live > 0) {
        (void)interrupt_wait(
            request->interrupt, p->read_end,
            wall_left(p->stopped == 0 ? request->deadline : WALL_NEVER,
                      TICK_MS));
        hear_all(p);
        reap(p);
        if (wall_left(request->deadline, 1) == 0 && p->stopped == 0) {
            p->outcome->out_of_time = p->live > 0;
            stop_all(p);
        }
        if (request->interrupt != NULL && request->interrupt->asked > 0) {
            p->outcome->interrupted = true;
            stop_all(p);
        }
        give_up(p);
        show(p);
        keep(p, false);
    }
}

static void open_pipe(struct parent *p)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0 ||
        fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        perror("faultline: cannot make a pipe");
        exit(70);
    }
    p->read_end = ends[0];
    p->write_end = ends[1];
}

/* Failures of the part that was run before. */
static void take_known(struct parent *p)
{
    for (uint32_t i = 0; i < p->request->known_count; i++) {
        insert_failure(p->outcome, &p->request->known[i]);
    }
    const struct campaign_outcome *o = p->outcome;
    if (p->request->stop_after == 1 && o->failures_count > 0) {
        atomic_init(&p->page->stop_at, o->failures[0].index);
    }
    lower_stop(p);
}

void campaign_run(const struct campaign_request *request,
                  struct campaign_outcome *outcome)
{
    assert(request != NULL && outcome != NULL);
    assert(request->runner != NULL);
    assert(request->first <= request->last);
    assert(request->jobs > 0 && request->jobs <= CAMPAIGN_WORKERS_MAX);
    *outcome = (struct campaign_outcome){0};
    struct parent p = {
        .request = request,
        .outcome = outcome,
        .page = child_share(sizeof(struct page)),
        .started = wall_ms(),
        .kept = wall_ms(),
        .hands_count = campaign_is_exhaustive(request) ? 1 : request->jobs,
    };
    p.block = campaign_block(request, p.hands_count);
    assert(request->from == 0 || request->from >= request->first);
    atomic_init(&p.page->next,
                request->from == 0 ? request->first : request->from);
    atomic_init(&p.page->stop_at, UINT64_MAX);
    take_known(&p);
    open_pipe(&p);
    for (uint32_t i = 0; i < p.hands_count; i++) {
        start_worker(&p, i, 0, 0);
    }
    attend(&p);
    close(p.read_end);
    close(p.write_end);
    add_up(&p);
    cut_failures(&p);
    keep(&p, true);
    status_clear(request->status);
    child_unshare(p.page, sizeof(struct page));
}
