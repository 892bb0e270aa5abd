/*
 * A first try at loading a plug-in, in a child: constructors run in the process
 * that loads it, where nothing could be done about a crash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TRIAL_H
#define HX_TRIAL_H

#include <stdbool.h>
#include <stdio.h>

/* Whether constructors of the plug-in at `path`, which errors call `title`,
 * come to an end within ten seconds; if not, `errors` says how they end. */
bool trial_loads(const char *title, const char *path, FILE *errors);

#endif
