/*
 * What a search counts, on its way from a strategy to a report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TALLY_H
#define HX_TALLY_H

#include <stdbool.h>
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
    struct search_savings saved;
};

/* Why there are no threads alike: "no two threads have the same calls". */
const char *tally_apart(enum apart apart);

/* Why no run is cut: "faults may act at any step". */
const char *tally_unpruned(enum unpruned unpruned);

#endif
