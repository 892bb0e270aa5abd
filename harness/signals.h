/*
 * Signals: a crash of the code under test is a verdict, not our end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIGNALS_H
#define HX_SIGNALS_H

#include <stdbool.h>

/* Installs handlers, on a stack of their own, for the faults of the code under
 * test; and a watch, by CPU time, for a loop that reaches no point.  Once a
 * process; later calls do nothing. */
void signals_install(void);

/* In a child of fork(), which inherits the handlers and not the watch: starts
 * it again, if there was one, and another, by the wall's time, for a call that
 * blocks in the system. */
void signals_inherit(void);

/* Puts the handlers back to what they were: for tests and after the last run.
 */
void signals_remove(void);

#endif
