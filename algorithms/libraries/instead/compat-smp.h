/*
 * Instead of Userspace RCU's compat-smp.h, which reads files of the system: how
 * many processors there are matters to the library's speed alone, and a run of
 * the simulated world must not depend on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ALGORITHMS_LIBRARIES_INSTEAD_COMPAT_SMP_H
#define ALGORITHMS_LIBRARIES_INSTEAD_COMPAT_SMP_H

/* How many processors there may be; the library takes 0 for "who knows". */
static inline int get_possible_cpus_array_len(void)
{
    return 0;
}

#endif
