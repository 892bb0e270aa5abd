/*
 * What the workers of a campaign share: a page of counters, and a pipe.
 *
 * Each counter has one writer, so relaxed stores are enough; the parent reads
 * them for its status line and, when the worker has ended, for the result.
 * Only `next` is fought for, once a block.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_CAMPAIGN_PAGE_H
#define HX_CAMPAIGN_PAGE_H

#include "harness/campaign.h"
#include "harness/sim/schedule/strategy.h"

#include <stdatomic.h>

/* What one worker has done.  Outlives it: whoever takes its place goes on. */
struct slot {
    _Alignas(128) _Atomic uint64_t index; /* the run in hand */
    _Atomic uint64_t block_end;           /* the first index behind its block */
    _Atomic uint64_t taking; /* 1 + a lower bound of the block that it is about
                              * to take; 0: it does not take one */
    _Atomic uint64_t runs;
    _Atomic uint64_t ends[RUN_ENDS];
    _Atomic uint64_t checked;
    _Atomic uint64_t steps;
    _Atomic uint64_t repeated;
    _Atomic uint64_t made[STRATEGIES_MAX]; /* runs of each strategy */
    _Atomic uint64_t fired[RULES_MAX];
    _Atomic uint64_t reached[CAMPAIGN_POINTS_MAX];
    _Atomic uint64_t untried; /* bits of runner_untried() */
    _Atomic uint64_t waited;  /* runner_waits_plainly(), the least */
    uint32_t buckets_count;
    uint64_t buckets[CAMPAIGN_FAILURES_MAX];
    _Atomic uint64_t bucket_times[CAMPAIGN_FAILURES_MAX];
    _Atomic uint64_t bucket_others; /* failures in no bucket kept */
    struct peaks peaks;             /* read when the worker has ended */
    _Atomic uint64_t forked; /* a copy of the worker, which the program under
                              * test made, was here in this run; 0: none */
};

struct page {
    _Alignas(128) _Atomic uint64_t next;    /* the first index not given out */
    _Alignas(128) _Atomic uint64_t stop_at; /* nothing above is wanted */
    _Atomic bool stop;                      /* nothing more is wanted */
    struct slot slots[CAMPAIGN_WORKERS_MAX];
};

enum message_kind {
    MESSAGE_FAILURE,
    MESSAGE_OPEN,      /* the first of its worker that ended so, undecided */
    MESSAGE_UNSTEADY,  /* run `index` differs when it is repeated */
    MESSAGE_EXHAUSTED, /* the exhaustive search is complete, */
    MESSAGE_SEARCHED,  /* or ends here, though it is not */
    MESSAGE_DONE,      /* the worker has no more to do, and exits */
};

/* What a worker tells its parent.  Smaller than PIPE_BUF, so whole. */
struct message {
    enum message_kind kind;
    uint32_t worker;
    int store_error;
    struct campaign_failure failure; /* or only its index */
    struct search_tally tally;       /* of a search; if it is not complete, only
                                      * what it saved, and why not by graphs */
};

_Static_assert(sizeof(struct message) <= 4096, "a pipe writes it whole");

/* A worker's view of its campaign. */
struct worker {
    const struct campaign_request *request;
    struct page *page;
    struct slot *slot;
    uint32_t number;
    uint64_t block;   /* indices in a block */
    uint64_t from;    /* where it goes on: rest of a dead worker's block, */
    uint64_t to;      /* empty if from == to */
    uint64_t started; /* of wall_ms() */
    int pipe;
    int parent;                /* its process id */
    struct store store;        /* its own copy */
    uint64_t fired[RULES_MAX]; /* of workers before it in this slot */
    uint64_t reached[CAMPAIGN_POINTS_MAX];
    uint32_t unflushed; /* runs since the counters were written */
    /* A search cannot make a run again by its index: it keeps the traces. */
    struct trace *highest[PEAKS];
    uint64_t opened; /* bits: ends without a verdict that were told */
    /* 1; and 0 in a copy that fork() makes */
    const volatile unsigned char *original;
};

/* Indices in a block: long enough to be cheap, and short enough that the
 * workers end together. */
uint64_t campaign_block(const struct campaign_request *request,
                        uint32_t workers);

/* Run `index` of the block in `slot` is next; what those before it have shown
 * is there for whoever sees that. */
void campaign_go_to(struct slot *slot, uint64_t index);

/* Takes the next `block` indices, up to `behind`, which are in the slot then,
 * and returns the first; `behind` or more: there are none. */
uint64_t campaign_take_block(struct page *page, struct slot *slot,
                             uint64_t block, uint64_t behind);

/* The first index up to `last` that was not run, or the one behind that; by
 * `workers` workers. */
uint64_t campaign_first_missing(const struct page *page, uint32_t workers,
                                uint64_t last);

/* The lesser of two, of which 0 is none. */
static inline uint64_t campaign_least(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Keeps the first run of each end that has no verdict, in `o`. */
void campaign_note_open(struct campaign_outcome *o,
                        const struct campaign_failure *run);

/* Runs blocks until nothing more is wanted.  Called in the child. */
void campaign_work(struct worker *worker);

#endif
