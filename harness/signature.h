/*
 * Signatures: the canonical form by which failures are the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIGNATURE_H
#define HX_SIGNATURE_H

#include "harness/run.h"

enum {
    SIGNATURE_MAX = 17 /* hex digits of a signature, and the end */
};

/*
 * Writes the signature of a shrunk failure: a hash of how it ended, of its
 * history with clients and values renamed by first use, and of the kinds of
 * faults in it.  Equal for runs that differ in names and timing only.
 */
void signature_write(const struct scenario *scenario,
                     const struct run_outcome *outcome,
                     const struct trace *trace, char text[SIGNATURE_MAX]);

#endif
