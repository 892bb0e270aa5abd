/*
 * Execution graphs: what a search over reads-from and modification order
 * keeps of a run.
 *
 * A vertex is one thing that a thread does: it reads a location, writes it, is
 * a fence, touches some other object, or none of that.  An update that writes
 * is two vertices of one piece, first the read.  The vertices of a graph are
 * listed in the order in which they were added, which contains that of each
 * thread, and is not the order in which a run executes them.
 *
 *     graphs.c          the search: one run for each graph
 *     graphs_piece.c    what a thread has done becomes vertices
 *     graphs_moves.c    ... what it did with locks and the like
 *     graphs_grow.c     what else a vertex could have read, or where it could
 *                       stand; and whom a write could have given its value
 *     graphs_list.c     parts of graphs, vertices put in and taken out
 *     graphs_check.c    whether a graph is an execution, and one order of it
 *     graphs_clock.c    happens-before in it
 *     graphs_twins.c    threads that are alike
 *     executions.c      the strategy: this search where it can be made
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_GRAPHS_H
#define HX_SCHEDULE_GRAPHS_H

#include "harness/sim/memory.h"
#include "harness/sim/schedule/seen.h"
#include "harness/sim/schedule/strategy.h"

enum {
    GRAPH_THREADS = 64,
    GRAPH_MAX = 1024,   /* vertices */
    GRAPH_PLACES = 512, /* locations */
    GRAPH_WORDS = GRAPH_MAX / 64,
    GRAPH_HEADS = 3, /* of release sequences, of one write: as in model.h */
};

/* Not an address: the number of operations that a client has returned from. */
#define RETURNS_OF(thread) ((uintptr_t)1 << 63 | (thread))

#define NO_VERTEX UINT16_MAX

enum vertex_kind {
    VERTEX_OTHER,
    VERTEX_READ,
    VERTEX_WRITE,
    VERTEX_FENCE,
    VERTEX_TOUCH, /* of an object that is no location */
};

struct vertex {
    uint8_t kind; /* enum vertex_kind */
    uint8_t thread;
    uint8_t order;     /* enum order */
    uint8_t success;   /* READ of a compare-and-swap: the order if it swaps, */
    uint8_t failure;   /* and if not */
    uint8_t apply;     /* READ of an update: enum update */
    uint8_t size;      /* READ of an update: bytes */
    bool updates;      /* READ: a write comes with it; WRITE: a read did */
    bool compares;     /* READ: of a compare-and-swap */
    bool idles;        /* ... a weak one, which may fail for no reason */
    bool idle;         /* ... and did */
    uint8_t move;      /* enum move, of an object: it reads the object's state,
                        * as the last move left it, and writes the next if that
                        * is another one; or MOVE_NONE */
    uint8_t acquires;  /* READ of a move: parts of the object (moves.h) */
    uint8_t releases;  /* WRITE of a move */
    uint8_t chosen;    /* READ of a signal: which of the sleepers it wakes */
    bool fixed;        /* ... instead of one that came before it and now waits;
                        * it would not have come as it was added */
    bool reads;        /* TOUCH: and changes nothing */
    bool settled;      /* a location that is never read stale: an object, or
                        * what an operation returned before a call */
    uint16_t piece;    /* of its thread, from 1 */
    uint16_t place;    /* READ, WRITE, TOUCH: number of the location */
    uint16_t source;   /* READ: the write; NO_VERTEX: the initial value */
    uint16_t rank;     /* WRITE: in modification order, from 1 */
    uint16_t gives;    /* READ of who goes to sleep: 1 + the place of its mutex,
                        * given up by a WRITE without a READ: who holds it does
                        * so whatever others do */
    uint16_t after;    /* what made it possible, if not its thread's last */
    uint16_t beside;   /* 1 + the last vertex of the same piece of a twin that
                        * must not be overtaken; 0: of none */
    struct wide value; /* WRITE: stored; READ: expected */
    struct wide operand; /* READ of an update */
};

struct graph {
    struct vertex *list;
    uint32_t count;
};

/* A graph whose run is still to be made.  Vertices from `fresh` on have not
 * been looked at for others that they lead to. */
struct planned {
    struct planned *below;
    uint32_t count;
    uint32_t fresh;
    bool doomed; /* its last vertex cannot be: it only leads to others */
    struct vertex list[];
};

/* A piece in the order of execution. */
struct turn {
    uint8_t thread;
    uint16_t piece;
    uint16_t first; /* vertex; `next` gives the others */
};

/* Room for checking one graph. */
struct check {
    uint32_t threads;
    uint32_t pieces;
    uint32_t words;
    uint32_t places;
    struct turn turns[GRAPH_MAX]; /* by number of piece */
    uint16_t piece_of[GRAPH_MAX]; /* of each vertex */
    uint16_t own[GRAPH_MAX];      /* number among its thread's, from 1 */
    uint16_t next[GRAPH_MAX];     /* vertex of the same piece */
    uint16_t last[GRAPH_MAX];     /* vertex of each piece */
    uint16_t first_write[GRAPH_PLACES + 1];
    uint16_t writes[GRAPH_MAX];    /* by place and rank */
    uint16_t chain[GRAPH_MAX];     /* the access of the same place before it, */
    uint16_t latest[GRAPH_PLACES]; /* and the last one of each */
    uint16_t degree[GRAPH_MAX];    /* edges into each piece */
    uint64_t edges[GRAPH_MAX * GRAPH_WORDS];
    uint16_t line[GRAPH_MAX]; /* pieces as they can be executed */
    uint16_t *clocks;         /* of each vertex; `threads` numbers each */
    uint16_t *messages;
    uint16_t *heads;
    uint8_t head_count[GRAPH_MAX];
    uint8_t head_thread[GRAPH_MAX][GRAPH_HEADS];
    bool has_message[GRAPH_MAX];
    bool crowd[GRAPH_MAX]; /* more heads than fit: all of the message goes on */
};

struct graphs {
    bool started;
    bool unfit; /* the program does what this search does not follow, */
    struct ungraphed_cause cause; /* ... first this */
    bool lost;                    /* this run does not do what was planned */
    bool cut;                     /* some run was lost, or failed */
    bool cuts;    /* loops that wait are to be cut, though nobody asked */
    bool c20;     /* release sequences of C++20 */
    bool inserts; /* stores may be executed in another order than that of
                   * modification */
    bool ran;
    bool stuck;            /* in this run nobody could go on any more */
    bool halted;           /* ... for all that could waits for a twin */
    bool twins;            /* some threads are alike, */
    const uint64_t *likes; /* as the world has it */
    uint32_t lanes;        /* clients */
    struct offer *offer;
    const struct footprint *done;

    struct graph graph; /* of this run; GRAPH_MAX */
    struct graph part;  /* ... up to one vertex */
    struct graph built; /* what is to be planned */
    struct graph rest;  /* what follows in it */
    uint32_t fixed;     /* vertices of the graph that were planned */
    struct planned *planned;

    struct turn script[GRAPH_MAX]; /* pieces, as planned and then as made */
    uint32_t script_count;
    uint32_t at;                    /* pieces begun */
    uint32_t finished;              /* and over */
    uint16_t wrote[GRAPH_MAX];      /* vertex, by turn */
    uint16_t turn_of[GRAPH_MAX];    /* by vertex */
    struct operation next;          /* what the running piece began with */
    uint16_t pieces[GRAPH_THREADS]; /* begun by each thread */
    uint64_t known;                 /* threads that there are, */
    uint16_t born[GRAPH_THREADS];   /* and the vertex that made them */
    struct ungraphed_cause used[GRAPH_THREADS]; /* the object that each used
                                                 * last */
    uint64_t alike[GRAPH_THREADS]; /* those below that did the same so far */

    uint32_t places;
    uintptr_t place[GRAPH_PLACES];
    uint64_t first[GRAPH_PLACES]; /* state of an object before any move */
    bool acted[GRAPH_PLACES];     /* ... which is known */

    struct check check;
    struct seen seen;
    struct seen barred; /* graphs that end where a loop was cut */
    struct search_tally tally;
};

/* --- graphs_list.c -------------------------------------------------------- */

/* The vertices of `from` whose bits are set, in `to`: references and ranks as
 * they are then. */
void graph_take(struct graph *to, const struct graph *from,
                const uint64_t *bits);

/* The first `count` of them. */
void graph_take_first(struct graph *to, const struct graph *from,
                      uint32_t count);

/* Puts a vertex at the end; a write at its rank, which it takes from others.
 * Its number. */
uint16_t graph_add(struct graph *g, const struct vertex *v);

/* The greatest rank at `place`; 0: nobody writes it. */
uint16_t graph_top(const struct graph *g, uint16_t place);

/* The write with this rank, or NO_VERTEX. */
uint16_t graph_ranked(const struct graph *g, uint16_t place, uint16_t rank);

/* Gives a write, the last vertex, another rank. */
void graph_rank(struct graph *g, uint16_t write, uint16_t rank);

/* The rank of what a vertex reads or writes. */
static inline uint16_t graph_position(const struct graph *g,
                                      const struct vertex *v)
{
    if (v->kind == VERTEX_WRITE) {
        return v->rank;
    }
    return v->source == NO_VERTEX ? 0 : g->list[v->source].rank;
}

/* Sets the bits of what is causally before vertex `of` (program order, reads
 * from, made possible by), without itself. */
void graph_prefix(const struct graph *g, uint16_t of, uint64_t *bits);

static inline bool bits_have(const uint64_t *bits, uint32_t i)
{
    return (bits[i / 64] >> i % 64 & 1) != 0;
}

static inline void bits_set(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= (uint64_t)1 << i % 64;
}

/* The write that comes with `read`, which updates what was `before`. */
struct vertex graph_written(const struct graph *g, uint16_t read,
                            struct wide before);

/* The write by which the mutex of `read`, which goes to sleep, is given up. */
struct vertex graph_given(const struct graph *g, const struct vertex *read);

/* --- graphs_check.c, graphs_clock.c --------------------------------------- */

/* Whether a graph is an execution of the memory model: coherent, with updates
 * that nothing comes between, and executable in some order in which
 * modification order and that of sequentially consistent accesses are kept.
 * Then check.line is one such order. */
bool graph_check(struct graphs *s, const struct graph *g);

/* Clocks of all vertices, in the order check.line.  False: the memory model
 * goes by more than the graph (stores that are inserted into a release
 * sequence). */
bool graph_clocks(struct graphs *s, const struct graph *g);

/* Whether vertex `a` happens before vertex `b`. */
static inline bool graph_before(const struct check *c, const struct graph *g,
                                uint16_t a, uint16_t b)
{
    return a != b && c->clocks[b * c->threads + g->list[a].thread] >= c->own[a];
}

/* --- graphs_twins.c ------------------------------------------------------- */

/* A run begins: takes who is alike from the profile. */
void graphs_twins_begin(struct graphs *s, const struct profile *profile);

/* Those of `threads` that must not go on before a twin has. */
uint64_t graphs_held(const struct graphs *s, uint64_t threads);

/* For the first vertex of a piece: its member `beside`. */
uint16_t graphs_beside(const struct graphs *s, const struct turn *turn);

/* A piece is over, and its vertices are there: who is still like its thread? */
void graphs_compare(struct graphs *s, const struct turn *turn);

/* Whether of twins that read differently the lower reads the older store.
 * Within graph_check(). */
bool graph_ranks_twins(const struct graphs *s, const struct graph *g);

/* --- graphs_grow.c -------------------------------------------------------- */

/* Plans all graphs that vertex `at` of the run's graph leads to, which has
 * come last to those before it.  `initial`: of its location. */
void graph_grow(struct graphs *s, uint16_t at, struct wide initial);

/* --- graphs_piece.c ------------------------------------------------------- */

/* The piece that was begun last is over: its vertices are compared with what
 * was planned, or added.  May find the program unfit. */
void graphs_finish_piece(struct graphs *s);

/* The number of a location. */
uint16_t graphs_place(struct graphs *s, uintptr_t at);

/* Puts a vertex of the piece that is over at the end; NO_VERTEX: the search is
 * unfit, for there is no room. */
uint16_t graphs_add(struct graphs *s, const struct turn *turn, struct vertex v);

/* --- graphs_moves.c ------------------------------------------------------- */

/* Adds a move that was made, which reads how its object was left.  False: that
 * is not how it was found, or not what comes of it, for somebody did what is
 * not followed. */
bool graphs_add_move(struct graphs *s, const struct turn *turn);

/* Whether the piece did with an object what vertex `v` says. */
bool graphs_keep_move(struct graphs *s, const struct vertex *v);

/* Whether the piece begins behind a barrier, where its thread has waited. */
bool graphs_passes(const struct graphs *s, const struct turn *turn);

/* The vertex that made the next piece of its thread possible, which begins with
 * `next`; NO_VERTEX: what its thread did before. */
uint16_t graphs_enabler(const struct graphs *s, const struct turn *turn,
                        const struct operation *next);

/* Nobody can go on: plans what comes of it if one of those that wait for a lock
 * had been earlier. */
void graphs_finish_stuck(struct graphs *s, const struct moment *moment);

/* --- graphs.c ------------------------------------------------------------- */

/* The search is unfit: `why`, at `pc` (0: where the running piece began). */
void graphs_refuse(struct graphs *s, enum ungraphed why, uintptr_t pc);

/* ... for what thread `thread` did to an object, or why else. */
void graphs_refuse_use(struct graphs *s, uint32_t thread, enum ungraphed why);

/* The search begins anew with the next run. */
void graphs_forget(struct graphs *s);

/* What the functions of a strategy do (strategy.h); `profile` has an offer. */
void graphs_begin(struct graphs *s, const struct profile *profile);

/* The next thread. */
struct pick graphs_pick(struct graphs *s, const struct moment *moment);

/* What the access that is made reads, or where it stands. */
uint32_t graphs_choose(struct graphs *s, uint32_t below);

/* False: that was the last run, or the program is unfit for this search. */
bool graphs_end(struct graphs *s);

/* Frees what it holds. */
void graphs_release(struct graphs *s);

#endif
