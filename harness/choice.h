/*
 * The one stream of decisions.
 *
 * Whatever may differ between two runs of the same scenario is drawn here:
 * who runs, which fault acts, how late a message is, which freed block comes
 * back.  Each concern has a sub-stream of its own, so that a further fault
 * rule does not reshuffle the workload.  A decision is a small number, and 0
 * is always the plainest: stay on the running thread, no fault, newest block,
 * least latency.
 *
 *     explore   draw, and forget
 *     record    draw, and keep what is not 0
 *     replay    give back what was kept; 0 where nothing was
 *
 * Scheduling decisions are kept apart, as switches (trace.h), since there are
 * many and nearly all say "stay".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_CHOICE_H
#define HX_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

enum stream {
    STREAM_SCHEDULE, /* who runs next */
    STREAM_FAULTS,   /* which faults act, when, on whom */
    STREAM_NETWORK,  /* latency, loss, order of messages */
    STREAM_MEMORY,   /* which freed block an allocation gets */
    STREAM_WAKE,     /* which waiter gets a lock or a signal */
    STREAM_PROGRAM,  /* rand() and getrandom() of the code under test */
    STREAM_WORKLOAD, /* which operations, with which arguments */
    STREAM_STALE,    /* which store a load reads, where a store is placed */
    STREAMS
};

enum choice_mode {
    CHOICE_EXPLORE,
    CHOICE_RECORD,
    CHOICE_REPLAY,
};

/* One kept decision: number `position` of its stream was `value`, not 0. */
struct decision {
    uint32_t stream;
    uint32_t position;
    uint64_t value;
};

enum {
    CARRIED_MAX = 16 /* quantities with a memory: quantity.h, correlation */
};

/* Starts out zeroed; ended by choice_release(). */
struct choice {
    enum choice_mode mode;
    uint64_t word[STREAMS];     /* generator states */
    uint32_t position[STREAMS]; /* decisions drawn so far */
    struct decision *kept;      /* record: owned; replay: borrowed; in order
                                 * of (stream, position) when replayed */
    uint32_t kept_count;
    uint32_t kept_max;      /* 0: borrowed, or there is nothing */
    uint32_t next[STREAMS]; /* replay: index into kept of the next one */
    uint32_t carried_set;   /* bits: quantities drawn before in this run, */
    double carried[CARRIED_MAX]; /* and their last normal deviate */
};

/* The seed of run `index` of a campaign: a hash of both, never 0. */
uint64_t choice_seed_of(uint64_t campaign_seed, uint64_t index);

/* Starts `c` for exploring or recording from `seed`.  What was kept before is
 * forgotten, and its memory kept. */
void choice_begin(struct choice *c, enum choice_mode mode, uint64_t seed);

/* Starts `c` for replaying `count` decisions, which are borrowed and must be
 * sorted by (stream, position). */
void choice_replay(struct choice *c, const struct decision *kept,
                   uint32_t count);

/* Frees what recording kept. */
void choice_release(struct choice *c);

/* After recording: brings what was kept into the order of (stream, position),
 * in which a replay wants it. */
void choice_sort(struct choice *c);

#define CHOICE_GOLDEN 0x9e3779b97f4a7c15u /* 2^64 / golden ratio, odd */

/* The hash of splitmix64. */
static inline uint64_t choice_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* 64 random bits of `stream`; neither recorded nor replayed: whoever uses them
 * settles the decision that they lead to. */
static inline uint64_t choice_word(struct choice *c, enum stream stream)
{
    c->word[stream] += CHOICE_GOLDEN;
    return choice_mix(c->word[stream]);
}

/* The long way of choice_settle(): the decision is kept, or was. */
uint64_t choice_keep(struct choice *c, enum stream stream, uint64_t drawn);

/*
 * Makes `drawn` the next decision of `stream` and returns it; in a replay,
 * returns the decision kept at this position instead (0 if none was).
 */
static inline uint64_t choice_settle(struct choice *c, enum stream stream,
                                     uint64_t drawn)
{
    c->position[stream]++;
    return __builtin_expect(c->mode == CHOICE_EXPLORE, 1)
               ? drawn
               : choice_keep(c, stream, drawn);
}

/* A decision below `below` (which is not 0), uniform.  A replayed decision that
 * is not below it, since the trace was edited, becomes `below` - 1. */
uint32_t choice_below(struct choice *c, enum stream stream, uint32_t below);

/* A decision that is 1 with probability `ppm` in a million, else 0. */
bool choice_chance(struct choice *c, enum stream stream, uint32_t ppm);

#endif
