/*
 * Every criterion at once: which hold of a history, the strongest of them, and
 * the next one that does not.
 *
 * The criteria are ordered by implication, and what follows from an answer is
 * not asked again:
 *
 *     strict > persistent > recoverable > linearizable > quiescent
 *              persistent > sequential
 *     detectable > linearizable
 *     durable_strict > durable > buffered_durable
 *     durable_strict > buffered_strict > buffered_durable
 *
 * and, of objects that do not ask who calls, strict > durable_strict and
 * durable = linearizable; of histories in which no client goes on after an
 * operation that was cut off, linearizable > sequential.  With such clients it
 * is not so: what was cut off may take effect after what its client did next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_LATTICE_H
#define FL_LATTICE_H

#include "checker/check.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FL_CRITERIA = FL_BUFFERED_STRICT + 1,
    FL_UNSUITED_MAX = 200 /* bytes of why a criterion does not apply */
};

/* How a history stands to one criterion. */
struct fl_standing {
    bool applies;
    char unsuited[FL_UNSUITED_MAX]; /* if not: why, and what to use instead */
    bool inferred;                  /* it follows from the answer to `from` */
    enum fl_criterion from;
    enum fl_verdict verdict;
    enum fl_exhausted exhausted;
    uint64_t nodes;      /* model steps tried */
    const char *decider; /* as in fl_result; NULL if it was inferred */
};

/* How far out of order a queue or a stack is. */
struct fl_relaxation {
    bool applies;                 /* its model has a relaxed form */
    const struct fl_model *model; /* that form; or NULL */
    enum fl_verdict verdict; /* a pass: `passes` is the least k.  A violation:
                              * whatever k is.  Else it is in between. */
    uint32_t fails;          /* the greatest k known not to do; 0: none */
    uint32_t passes;         /* the least known to do; FL_OPEN: none */
    uint64_t nodes;
};

/* All answers, by criterion. */
struct fl_lattice {
    struct fl_standing standing[FL_CRITERIA];
    int strongest;            /* an fl_criterion; -1: none holds */
    bool beside[FL_CRITERIA]; /* holds too, and does not follow from it */
    int failing; /* the weakest that fails, of those that imply the strongest
                  * if there is one; -1: none fails */
    struct fl_relaxation relaxation;
};

/*
 * Whether criterion `a` implies criterion `b`, of this history: whatever
 * answers it had, if `a` held, `b` would.  Every one implies itself.
 */
bool fl_criterion_implies(const struct fl_history *h, enum fl_criterion a,
                          enum fl_criterion b);

/*
 * Whether `criterion` says something of its own about `h`.  If not, writes into
 * `text` (FL_UNSUITED_MAX bytes) why, and what to use instead.
 */
bool fl_criterion_suits(const struct fl_history *h, enum fl_criterion criterion,
                        char *text);

/*
 * Decides `h` under every criterion that applies; options->criterion is not
 * read.  The budget of nodes and bytes is that of each decision, that of time
 * that of all.  FL_OK, or FL_NO_MEMORY.
 */
enum fl_status fl_lattice_decide(const struct fl_history *h,
                                 const struct fl_options *options,
                                 struct fl_lattice *lattice);

/*
 * Finds the least k with which `h` passes as the relaxed form of its model (a
 * removal takes one of the k values that are next: Henzinger, Kirsch, Payer,
 * Sezgin, Sokolova 2013): what passes with k passes with k + 1, so k is found
 * by doubling and bisection.  options->criterion is kept.
 */
enum fl_status fl_relaxation_measure(const struct fl_history *h,
                                     const struct fl_options *options,
                                     struct fl_relaxation *relaxation);

#ifdef __cplusplus
}
#endif

#endif
