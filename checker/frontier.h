/*
 * The frontier: which items could be next in a configuration, in the order in
 * which they are tried, and which of them need not be tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_FRONTIER_H
#define FL_FRONTIER_H

#include "checker/search.h"

/* Whether the conditions of the criterion allow item `i` after this frame. */
bool fl_frontier_alive(const struct fl_search *s, const struct fl_frame *frame,
                       uint32_t i);

/* Fills the candidates of `frame`, the top one.  Anything but FL_END_NOT_YET
 * ends the search. */
enum fl_end fl_frontier_expand(struct fl_search *s, struct fl_frame *frame);

#endif
