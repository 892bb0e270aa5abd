/*
 * The member that every other needs: the table, thread-locals and errno.
 *
 * The table pointer is filled by the dynamic linker from the harness that
 * loads the plug-in, and lies in memory that is read-only afterwards: a wild
 * store of the program under test cannot break the tie.
 *
 * Position-independent code finds its thread-locals through __tls_get_addr().
 * All simulated threads share one thread of the system, so libc's would give
 * them all one block; ours gives each fiber its own, with addresses of its
 * own, as algorithms that publish &node need.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>

const struct sim_table *const fl_sim_table = &fl_sim_functions;
const uint32_t fl_sim_version = SIM_VERSION;

/* Mutable: constructors run before anybody could be told what they allocate.
 */
struct sim_early fl_sim_early;

/* The linker's own name for it; the index is {module, offset}. */
HIDDEN void *__tls_get_addr(const size_t index[2]);

HIDDEN void *__tls_get_addr(const size_t index[2])
{
    return fl_sim_table->tls_address(index);
}

HIDDEN int *__errno_location(void)
{
    return fl_sim_table->errno_address();
}
