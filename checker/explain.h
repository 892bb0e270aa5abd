/*
 * The reason: why no order explains a history, in words and as a graph.
 *
 * On a small failing history all reachable configurations (set of linearized
 * operations, state) are enumerated.  Every operation that could be next in
 * one and is not accepted by the model is a refusal.  Configurations and
 * refusals together are a complete proof; sentences and drawings are read off
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_EXPLAIN_H
#define FL_EXPLAIN_H

#include "checker/check.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FL_TEXT_MAX = 120 /* bytes of a state, an answer, a hint */
};

/* A configuration: which operations took effect, and the state after them. */
struct fl_configuration {
    uint64_t done[4];        /* bit i: operation i took effect */
    uint32_t depth;          /* how many returned operations did */
    uint32_t from;           /* the configuration it was first reached from */
    uint32_t by;             /* through this operation; FL_OPEN for the start */
    uint32_t era;            /* crashes of everybody before it, where a
                              * criterion lets them lose something; else 0 */
    bool spine;              /* lies on the longest legal prefix */
    char state[FL_TEXT_MAX]; /* as the model describes it */
};

/* A step that the model allows: a second way into a configuration, too. */
struct fl_edge {
    uint32_t from;
    uint32_t to;
    uint32_t by; /* operation; FL_OPEN: a crash of everybody */
};

/* A crash of everybody on the longest legal prefix. */
struct fl_crash_loss {
    uint32_t at;             /* its stamp */
    uint32_t before;         /* so many operations of the prefix precede it */
    uint32_t lost;           /* returned operations that it lost there */
    char what[FL_TEXT_MAX];  /* which: "T0 push(2), T1 push(3)" */
    char state[FL_TEXT_MAX]; /* what is left */
};

/* An operation that was enabled in a configuration and not accepted there. */
struct fl_refusal {
    uint32_t at;            /* configuration */
    uint32_t by;            /* operation */
    char must[FL_TEXT_MAX]; /* what it had to answer there ("3", "empty");
                              * empty: it is not possible there */
};

/* Lines of "the other reachable states do not help". */
struct fl_reason {
    uint32_t by;             /* the operation refused there, or not enabled */
    bool enabled;            /* false: "too early", it had not been called */
    char state[FL_TEXT_MAX]; /* one state, or several: "[1 2 3]  [2 3]" */
    char when[FL_TEXT_MAX];  /* "before #4", "T2 push(5) took effect, ..." */
    char must[FL_TEXT_MAX];  /* what it had to answer; empty if not enabled */
};

/*
 * An explanation of a failing history.  Indices are those of its operations.
 * Ended by fl_explanation_free().
 */
struct fl_explanation {
    uint32_t setup_count; /* operations that prepared the object; neither
                           * numbered nor counted below */
    uint32_t *prefix;     /* the longest legal prefix, in order */
    uint32_t prefix_count;
    char (*prefix_states)[FL_TEXT_MAX]; /* the state after each */
    char start_state[FL_TEXT_MAX];      /* the state before the first */
    uint32_t returned_count;            /* operations that returned */
    uint32_t prefix_returned;           /* of which the prefix has so many */

    uint32_t stuck;              /* the operation that cannot come next */
    char must[FL_TEXT_MAX];      /* what it had to answer after the prefix, or
                                * empty: "is not possible" */
    char must_all[FL_TEXT_MAX];  /* in any configuration: "3, 4 or 5" */
    char got[FL_TEXT_MAX];       /* what it answered */
    char hint[2 * FL_TEXT_MAX];  /* an invariant broken, in words; or empty */
    uint32_t hint_operations[2]; /* whose answers show it (FL_OPEN: none) */

    struct fl_crash_loss *crashes; /* buffered criteria: what survived */
    uint32_t crashes_count;

    struct fl_reason *reasons; /* for the configurations beside the prefix */
    uint32_t reasons_count;
    uint32_t reasons_others; /* more such lines, left out */

    struct fl_configuration *configurations;
    uint32_t configurations_count;
    struct fl_edge *edges;
    uint32_t edges_count;
    struct fl_refusal *refusals;
    uint32_t refusals_count;
    bool complete; /* false: a limit was reached; the graph is a part */
};

/* What the operations alone do not tell. */
struct fl_explain_context {
    /* The first so many operations prepared the object before any client
     * began; they returned one after the other, before all else. */
    uint32_t setup_count;
    const char *const *names; /* of the clients; NULL: "T0", "T1", ... */
    uint32_t names_count;
};

/*
 * Explains why `h` fails; `h` should be minimal and must have at most 256
 * operations.  Stores the explanation in `*out`; the caller owns it.
 * Returns FL_BAD_INPUT if `h` does not fail within the budget of `options`.
 */
enum fl_status fl_explain(const struct fl_history *h,
                          const struct fl_options *options,
                          struct fl_explanation **out);

/* The same with a context: set-up operations apart, clients by name. */
enum fl_status fl_explain_within(const struct fl_history *h,
                                 const struct fl_options *options,
                                 const struct fl_explain_context *context,
                                 struct fl_explanation **out);

/* Ends an explanation.  NULL is allowed. */
void fl_explanation_free(struct fl_explanation *explanation);

#ifdef __cplusplus
}
#endif

#endif
