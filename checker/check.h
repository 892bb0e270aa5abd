/*
 * The decision: does an order exist that explains a history?
 *
 * The search is that of Wing and Gong (1993) with the memo of Lowe (2017),
 * iterative, bounded, and three-valued.  Crash criteria add two conditions to
 * it (deadline, successor); the table is in criterion.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_CHECK_H
#define FL_CHECK_H

#include "checker/history.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fl_checker;

/* Trouble of the world, not an answer. */
enum fl_status {
    FL_OK = 0,
    FL_NO_MEMORY = -1,
    FL_BAD_INPUT = -2, /* struct fl_error says where and what */
    FL_IO = -3,
};

/* Bad input, for a person.  Columns count bytes from 1; 0 = not known. */
struct fl_error {
    uint32_t line;
    uint32_t column;
    char text[200]; /* what was found, what was expected */
};

enum fl_verdict {
    FL_PASS,         /* `order` is a witness */
    FL_VIOLATION,    /* no order exists */
    FL_INCONCLUSIVE, /* a budget ran out first */
};

/* What must become of an operation that a crash cut off. */
enum fl_criterion {
    FL_LINEARIZABLE, /* Herlihy, Wing 1990: any time after its call, or never */
    FL_STRICT,       /* Aguilera, Frolund 2003: before the crash, or never */
    FL_PERSISTENT,   /* Guerraoui, Levy 2004: before its next operation */
    FL_RECOVERABLE,  /* Berryhill and others 2015: ... on the same object */
    FL_DURABLE,      /* Izraelevitz and others 2016: eras, new names */
    FL_DURABLE_STRICT, /* the same, cut at the end of the era */
    FL_SEQUENTIAL,     /* Lamport 1979: the order of each client, and no time */
    FL_QUIESCENT,      /* Aspnes and others 1994: only a moment at which nobody
                        * uses the object divides before from after */
    FL_DETECTABLE,     /* Friedman and others 2018: a client that comes back
                        * learns what became of its cut operation */
    FL_BUFFERED_DURABLE, /* Izraelevitz and others 2016: a crash may lose what
                          * came last */
    FL_BUFFERED_STRICT,  /* the same; what was cut off ends with its era, and
                          * one order explains what was seen and what is left */
};

/* Who decides.  A monitor (checker/monitor/) takes time n log n, but only where
 * values are distinct; the search decides everything. */
enum fl_decider {
    FL_DECIDER_AUTO,    /* long histories: a monitor if it can, else search */
    FL_DECIDER_SEARCH,  /* never a monitor */
    FL_DECIDER_MONITOR, /* a monitor whatever the length; else search */
};

/* How the search goes about it.  Each decides everything but crash criteria
 * with deadlines and sequential consistency, which are searched in depth. */
enum fl_search_kind {
    FL_SEARCH_DEPTH,     /* Wing, Gong 1993; Lowe 2017: to a witness at once */
    FL_SEARCH_BREADTH,   /* Lowe 2017, just in time: event by event, divided
                          * at quiescent points */
    FL_SEARCH_PORTFOLIO, /* both in turns, counted in model steps */
};

/* Limits of one decision; 0 = none.  All are tested together. */
struct fl_budget {
    uint64_t nodes;        /* model steps tried */
    uint64_t bytes;        /* of memo and stacks */
    uint32_t milliseconds; /* of wall time */
};

struct fl_options {
    enum fl_criterion criterion;
    struct fl_budget budget;
    uint32_t capacity; /* of a bounded queue or ring; 0 = unbounded */
    uint32_t relax;    /* of fifo_queue_k and stack_k: out of order by this */
    bool
        loss_bounded; /* buffered criteria: a crash may lose at most loss_max */
    uint32_t loss_max; /* operations that had returned */
    bool loss_timed;   /* ... and only such as had returned less than loss_ns */
    uint64_t loss_ns;  /* before it; the history must have its times */
    bool whole;        /* never split by key or element */
    bool plain;        /* no reductions: slower, and the judge of them; implies
                        * FL_DECIDER_SEARCH, as `whole` does where a history is
                        * of several objects */
    enum fl_decider decider;
    enum fl_search_kind search;
    uint32_t jobs; /* threads that decide parts side by side; 0 and 1: none.
                    * The answer does not depend on it. */
};

enum fl_exhausted {
    FL_WITHIN, /* no budget ran out */
    FL_NODES,
    FL_BYTES,
    FL_TIME,
};

enum {
    FL_PATTERN_MAX = 240,     /* bytes of a pattern in words */
    FL_PATTERN_OPERATIONS = 4 /* that a pattern names at most */
};

/* An answer.  Made by fl_check(), ended by fl_result_free(). */
struct fl_result {
    enum fl_verdict verdict;
    enum fl_exhausted exhausted; /* why, if inconclusive */
    uint32_t *order;             /* a pass: the witness, by operation index;
                                  * otherwise the longest legal prefix found,
                                  * which a monitor does not look for */
    uint32_t order_count;
    uint32_t blocked;    /* the operation that stopped it, or FL_OPEN */
    uint32_t partitions; /* parts that the history was split into */
    uint32_t part;       /* the first that failed, and its key */
    fl_value part_key;
    uint64_t nodes; /* model steps tried, memo entries made, bytes held */
    uint64_t entries;
    uint64_t bytes;
    uint32_t cuts;       /* quiescent points that divided them further */
    const char *decider; /* "search" (in depth), "breadth search", "both
                          * searches", "monitor: queue", or, if it took several
                          * for the parts, "monitor and search" */
    /* Of a violation that a monitor found: what no order can explain, in
     * words ("5 was dequeued before 7, enqueued before it"), and the
     * operations that it speaks of.  Otherwise empty. */
    char pattern[FL_PATTERN_MAX];
    uint32_t pattern_operations[FL_PATTERN_OPERATIONS];
    uint32_t pattern_count;
};

/*
 * Decides `h` (which must be settled) and stores the answer in `*out`.
 *
 * `options` may be NULL: linearizable, no limits.  Returns FL_OK, or
 * FL_NO_MEMORY and no result.  The caller owns the result.
 */
enum fl_status fl_check(const struct fl_history *h,
                        const struct fl_options *options,
                        struct fl_result **out);

/*
 * A checker: fl_check() that keeps its memory from one history to the next,
 * for campaigns that decide millions of small ones.
 *
 * NULL when memory ends.  The caller owns it and ends it with
 * fl_checker_free().  Not for several threads at once.
 */
struct fl_checker *fl_checker_new(void);

/* Ends a checker.  NULL is allowed. */
void fl_checker_free(struct fl_checker *checker);

/*
 * Decides `h` as fl_check() does.  The result belongs to the checker and is
 * valid until its next decision.
 */
enum fl_status fl_checker_decide(struct fl_checker *checker,
                                 const struct fl_history *h,
                                 const struct fl_options *options,
                                 const struct fl_result **out);

/* Ends a result of fl_check().  NULL is allowed. */
void fl_result_free(struct fl_result *result);

/*
 * Whether `order` (operation indices) proves that `h` passes: every returned
 * operation once, every open one at most once, *precedes* respected, each
 * answer accepted by the model, deadlines and successors held.
 *
 * Shares no code with the search; O(n) model steps.
 */
bool fl_witness_holds(const struct fl_history *h,
                      const struct fl_options *options, const uint32_t *order,
                      uint32_t order_count);

/* "linearizable", "strict", ... and back; -1 if there is no such criterion. */
const char *fl_criterion_name(enum fl_criterion criterion);
int fl_criterion_find(const char *name);

/* "pass", "violation", "inconclusive". */
const char *fl_verdict_name(enum fl_verdict verdict);

/*
 * Returns the smallest part of `h` that still fails, by dropping the units
 * that its model names: one-minimal unless `budget` (of all its decisions
 * together) ran out, which sets `*complete` to false.  A history that does not
 * fail comes back as it is.  NULL when memory ends.  The caller owns the
 * result; stamps are kept, so an operation is known by its call.  Where the
 * model names no units the part may be a prefix, and what was in flight at its
 * end is open.
 */
struct fl_history *fl_minimise(const struct fl_history *h,
                               const struct fl_options *options,
                               bool *complete);

#ifdef __cplusplus
}
#endif

#endif
