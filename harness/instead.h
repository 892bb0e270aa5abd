/*
 * What to write instead of a function that is not part of the simulated world.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_INSTEAD_H
#define HX_INSTEAD_H

/* Advice for whoever calls the function `name`, as the end of a sentence; NULL:
 * there is none but to leave it out. */
const char *instead_of(const char *name);

#endif
