/*
 * The views, one file each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_VIEWS_H
#define FL_DRAW_VIEWS_H

#include "checker/record.h"

extern const struct fl_view fl_view_timeline;
extern const struct fl_view fl_view_order;
extern const struct fl_view fl_view_proof;
extern const struct fl_view fl_view_steps;
extern const struct fl_view fl_view_network;

#endif
