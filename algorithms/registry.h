/*
 * The menu of algorithms.
 *
 * Each is one file and one plug-in: algorithms/<family>/<name>.c becomes
 * <name>.so.  What an algorithm says of itself stands in its descriptor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_ALGORITHMS_REGISTRY_H
#define FL_ALGORITHMS_REGISTRY_H

/* The names of all algorithms, in the order in which they are listed; ends
 * with NULL. */
extern const char *const algorithm_names[];

#endif
