/*
 * What the search in breadth holds.  See breadth.c for how it goes, search.h
 * for how it is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_BREADTH_H
#define FL_BREADTH_H

#include "checker/level.h"
#include "checker/trail.h"

struct fl_breadth {
    struct fl_level level; /* configurations after the last return */
    struct fl_level next;  /* those that the present return is led through */
    struct fl_trail trail;
    struct fl_block row;     /* uint64_t: the one being made */
    struct fl_block flight;  /* uint32_t: items called and not returned, those
                              * that must by return, then those that may */
    struct fl_block slots;   /* uint32_t: the slot of each item in flight */
    struct fl_block vacant;  /* uint32_t: slots that were used and are free */
    struct fl_block returns; /* uint32_t: the musts by return */
    uint32_t flight_count;
    uint32_t flight_musts; /* so many of them must take effect */
    uint32_t slots_count;  /* slots ever used */
    uint32_t vacant_count;
    uint32_t rows_max;    /* configurations at one event; 0: no limit */
    uint32_t called;      /* items of the part that were called, by call */
    uint32_t states_kept; /* states left when they were collected last */
    uint32_t cuts;        /* quiescent points met; see breadth.c */
    uint64_t made;        /* configurations made */
    bool fresh;           /* something inert was called since the last return */
    bool traced;          /* the trail is kept */
    bool ahead;           /* the items behind `called` are known already */
};

/* Forgets the configurations and the trail, and keeps the memory. */
void fl_breadth_clear(struct fl_breadth *b);

/* Bytes held, beside the states. */
uint64_t fl_breadth_held(const struct fl_breadth *b);

/* Ends it. */
void fl_breadth_release(struct fl_breadth *b);

#endif
