/*
 * Thread-locals that are found by descriptors.
 *
 * Position-independent code of x86-64 asks __tls_get_addr() where a
 * thread-local lies, and the shim answers (harness/sim/shim/table.c).  That of
 * aarch64 calls what a pair of words in its table of addresses says, which the
 * dynamic linker fills in; so does the runtime library of C++, which nobody
 * compiles for us.  These pairs are filled in anew: inside a fiber each names
 * the fiber's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_DESCRIPTORS_H
#define HX_DESCRIPTORS_H

#include <link.h>
#include <stddef.h>

/* What a pair held before, and what is asked for by it. */
struct descriptor {
    void *function;
    void *argument;
    size_t offset; /* in the thread-locals of the plug-in */
};

/*
 * Fills in those of the loaded `object`.  Returns the array that they refer to
 * from now on, which the caller frees after unloading it; NULL: there are none.
 */
struct descriptor *descriptors_take(const struct dl_phdr_info *object);

#endif
