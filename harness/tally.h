/*
 * What a search counts, on its way from a strategy to a report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TALLY_H
#define HX_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why no two threads are taken to be alike (harness/sim/twins.h). */
enum apart {
    APART_NOT,       /* some are */
    APART_UNASKED,   /* nobody wants to know */
    APART_NO_SEARCH, /* the strategy does not try all schedules */
    APART_KIND,      /* no threads */
    APART_FAULTS,    /* faults may act, on one of them */
    APART_NUMBERED,  /* the algorithm is told who is who */
    APART_CALLS,     /* they do different things */
    APART_MADE,      /* the code makes its threads, no two of them alike */
    APART_JOINED,    /* whoever made them sees which of them ends first, or
                      * what each returns */
    APART_STOPPED,   /* the run is over before they are */
    APART_HANDLED,   /* somebody uses a thread's handle for more */
    APART_NAMED,     /* a thread looked at its own number */
    APART_ORDERED,   /* the world had them go on in the order of numbers */
};

/* Why runs are not cut at states that were met before. */
enum unpruned {
    UNPRUNED_NOT,       /* they are */
    UNPRUNED_UNASKED,   /* nobody wants it */
    UNPRUNED_NO_SEARCH, /* the strategy does not try all schedules */
    UNPRUNED_FAULTS,    /* faults may act at any step, or time heals them */
    UNPRUNED_KIND,      /* no threads */
    UNPRUNED_SILENT,    /* some code stores without a hook */
    UNPRUNED_COUNTS,    /* who overtakes whom is judged */
};

/* Why a program is searched by orders of events, although its memory model
 * would allow a search over execution graphs (harness/sim/schedule/graphs.h).
 */
enum ungraphed {
    UNGRAPHED_NOT, /* it is not, or nobody asked for graphs */
    UNGRAPHED_BOUND,
    UNGRAPHED_ORDERED,
    UNGRAPHED_KIND,
    UNGRAPHED_CLOCK,
    UNGRAPHED_LIMIT,
    UNGRAPHED_BARRIER,
    UNGRAPHED_ROBUST,
    UNGRAPHED_WRITERS,
    UNGRAPHED_OBJECT,
    UNGRAPHED_SIZES,
    UNGRAPHED_PLAIN,
    UNGRAPHED_SILENT,
    UNGRAPHED_REUSE,
    UNGRAPHED_FREE,
    UNGRAPHED_SIZE_CLASS,
    UNGRAPHED_FILL,
    UNGRAPHED_STORES,
    UNGRAPHED_STALE,
    UNGRAPHED_LOCATIONS,
    UNGRAPHED_FENCES,
    UNGRAPHED_SEQUENCE,
    UNGRAPHED_LOOP,
    UNGRAPHED_DECISION,
    UNGRAPHED_LENGTH,
    UNGRAPHED_STEP,
    UNGRAPHED_KINDS /* how many there are */
};

/* ... and the code that showed it first; 0: not known. */
struct ungraphed_cause {
    enum ungraphed why;
    uintptr_t pc;
};

/* What a search could leave out. */
struct search_savings {
    enum apart apart;
    uint64_t stands_for; /* schedules that each stands for, at most; 0 or 1:
                          * itself */
    enum unpruned unpruned;
    uint64_t met; /* runs that were cut at a state met before */
    bool full;    /* not all states could be kept */
};

/* What a search has done so far. */
struct search_tally {
    uint64_t executions; /* complete ones */
    uint64_t redundant;  /* cut off, or like one before */
    uint64_t blocked;    /* ended by a loop that was cut */
    bool cuts;           /* loops that wait are */
    bool graphs;         /* it is one over execution graphs */
    uint64_t distinct;   /* by what each read reads and the order of writes */
    bool more;           /* ... or more: not all could be kept */
    bool all;            /* the search came to its end */
    struct ungraphed_cause ungraphed; /* it is not one over graphs, for this */
    struct search_savings saved;
};

/* Why there are no threads alike: "no two threads have the same calls". */
const char *tally_apart(enum apart apart);

/* Why the search is not one over graphs, with the place that showed it first
 * ("a.c:12", or NULL), in `text`: "a barrier at a.c:12 has no graph form". */
void tally_ungraphed(enum ungraphed why, const char *place, char *text,
                     size_t max);

/* Why no run is cut: "faults may act at any step". */
const char *tally_unpruned(enum unpruned unpruned);

#endif
