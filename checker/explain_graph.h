/*
 * The graph of configurations, as the parts of the explanation share it.
 *
 * Private to checker/explain*.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_EXPLAIN_GRAPH_H
#define FL_EXPLAIN_GRAPH_H

#include "checker/explain.h"
#include "checker/model.h"
#include "checker/phrase.h"

enum {
    FL_CONFIGURATIONS_MAX = 4096, /* what is enumerated at most */
    FL_EXPLAINED_MAX = 256        /* operations of a history explained */
};

/* Everything reachable, growing while it is enumerated. */
struct fl_graph {
    const struct fl_history *h;
    const struct fl_options *options;
    const struct fl_explain_context *context;
    const bool *gone; /* operations that did not happen; NULL: none */
    struct fl_space space;
    size_t state_max; /* rounded up, so that each state is aligned */

    struct fl_configuration *configurations;
    unsigned char *states; /* of each, state_max bytes */
    size_t *sizes;
    uint32_t count;
    uint32_t max;
    uint32_t *slots; /* hash to configuration + 1 */

    struct fl_edge *edges;
    uint32_t edges_count;
    uint32_t edges_max;
    struct fl_refusal *refusals;
    fl_value *answers; /* what the model would have answered in each */
    uint32_t refusals_count;
    uint32_t refusals_max;

    unsigned char *scratch;              /* one state */
    uint32_t deadline[FL_EXPLAINED_MAX]; /* crash criteria; FL_OPEN: none */
    uint32_t successor[FL_EXPLAINED_MAX];
    uint32_t client[FL_EXPLAINED_MAX]; /* the name that it goes by */
    bool accepts;      /* a configuration has all returned operations */
    bool complete;     /* every configuration was expanded */
    uint32_t expanded; /* the first so many were */
};

/* Whether operation `i` took effect in configuration `c`. */
static inline bool fl_is_done(const struct fl_configuration *c, uint32_t i)
{
    return (c->done[i / 64] >> (i % 64) & 1) != 0;
}

/* The earliest return of an operation that did not take effect in `c`, or
 * FL_OPEN; its index in `*by`. */
uint32_t fl_graph_bound(const struct fl_graph *g,
                        const struct fl_configuration *c, uint32_t *by);

/* Whether operation `i` could be next in `c`. */
bool fl_graph_enabled(const struct fl_graph *g,
                      const struct fl_configuration *c, uint32_t i);

/* Takes memory; part of fl_graph_build(). */
enum fl_status fl_graph_begin(struct fl_graph *g);

/* Enters (next->done, the state in g->scratch of `size` bytes), or finds it;
 * its index in `*to`.  False: no memory. */
bool fl_graph_enter(struct fl_graph *g, const struct fl_configuration *next,
                    size_t size, uint32_t *to);

/* Adds an edge; adds that `by` is enabled in `at` and may not answer as it did.
 * False: no memory. */
bool fl_graph_add_edge(struct fl_graph *g, struct fl_edge edge);
bool fl_graph_refuse(struct fl_graph *g, uint32_t at, uint32_t by);

/* What operation `i` would have to answer in configuration `at`. */
fl_value fl_graph_answer(struct fl_graph *g, uint32_t at, uint32_t i);

/* Enumerates; the caller ends the graph even if this fails. */
enum fl_status fl_graph_build(struct fl_graph *g);

/* Adds the configurations along `order`, which lie beyond a limit. */
enum fl_status fl_graph_follow(struct fl_graph *g, const uint32_t *order,
                               uint32_t order_count);

/* Frees what is left in `g`; what was taken over is NULL there. */
void fl_graph_release(struct fl_graph *g);

/* "T1": the name of a client. */
void fl_add_client(struct fl_phrase *phrase,
                   const struct fl_explain_context *context, uint32_t client);

/* "T1 pop()", as in sentences. */
void fl_add_call(struct fl_phrase *phrase, const struct fl_graph *g,
                 uint32_t operation);

/* The same for what crashes may have lost (explain_losses.c); FL_BAD_INPUT if
 * the history does not fail. */
enum fl_status fl_graph_build_losses(struct fl_graph *g);

/* Says what the crashes on the spine lost. */
enum fl_status fl_explain_crashes(const struct fl_graph *g,
                                  struct fl_explanation *e);

/* What was lost on the way to configuration `at`, into `phrase`; returns how
 * many operations. */
uint32_t fl_add_lost(const struct fl_graph *g, uint32_t at, uint32_t era,
                     struct fl_phrase *phrase);

/* Chooses the spine and the stuck operation and fills the sentences. */
enum fl_status fl_explain_prefix(struct fl_graph *g, struct fl_explanation *e);
enum fl_status fl_explain_reasons(const struct fl_graph *g,
                                  struct fl_explanation *e);
void fl_explain_must(const struct fl_graph *g, struct fl_explanation *e);

/* Fills the hint, if a broken invariant is recognised. */
void fl_explain_hint(const struct fl_graph *g, struct fl_explanation *e);

/* The same for one sort of objects; false: no pattern of theirs. */
bool fl_hint_container(const struct fl_graph *g, struct fl_explanation *e);
bool fl_hint_set(const struct fl_graph *g, struct fl_explanation *e);
bool fl_hint_register(const struct fl_graph *g, struct fl_explanation *e);

/* Whether operation `i` is of the type called `name`. */
bool fl_is_named(const struct fl_history *h, uint32_t i, const char *name);

#endif
