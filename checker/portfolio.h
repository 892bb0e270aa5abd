/*
 * Which search decides a part: in depth, in breadth, or both in turn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_PORTFOLIO_H
#define FL_PORTFOLIO_H

#include "checker/search.h"

/* Who decided, of those that were asked. */
struct fl_portfolio {
    bool depth;    /* the search in depth decided some part */
    bool breadth;  /* the search in breadth did */
    uint32_t cuts; /* quiescent points at which it divided them */
};

/* A turn: how many model steps, 0 without a limit, and whose it is where both
 * searches take turns. */
struct fl_turn {
    uint64_t slice;
    bool breadth;
};

/*
 * Searches s->part for at most one turn, and within the budget of `options`.
 * `*more` says that the turn was too short, and nothing else.
 *
 * The searches take turns by steps and not by the clock, so that the same
 * history is always decided by the same one.
 */
enum fl_end fl_portfolio_run(struct fl_portfolio *portfolio,
                             struct fl_search *s,
                             const struct fl_options *options,
                             struct fl_turn turn, bool *more);

/* Whether both searches take turns at s->part. */
bool fl_portfolio_alternates(const struct fl_search *s,
                             const struct fl_options *options);

/* Adds who decided one part to who decided others. */
void fl_portfolio_add(struct fl_portfolio *portfolio,
                      const struct fl_portfolio *part);

/* "search", "breadth search", "both searches". */
const char *fl_portfolio_name(const struct fl_portfolio *portfolio);

#endif
