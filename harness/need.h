/*
 * Memory that cannot be done without.  The harness has nothing sensible to do
 * when there is none left, and says so once, here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_NEED_H
#define HX_NEED_H

/* `memory`, fresh from malloc() or its kin; if it is NULL, ends the program
 * with exit code 70 and "faultline: no memory for WHAT". */
void *need(void *memory, const char *what) __attribute__((returns_nonnull));

#endif
