/*
 * Userspace RCU without inline assembly, which nobody can see.
 *
 * <urcu/arch/gcc.h> and <urcu/uatomic/gcc.h>, the library's own forms for other
 * machines, take the compiler's barriers and atomics; the guards keep out those
 * for x86.  Loads and stores are volatile or plain accesses, so a scenario says
 * `races: explore`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ALGORITHMS_LIBRARIES_URCU_H
#define ALGORITHMS_LIBRARIES_URCU_H

#define _URCU_ARCH_H    // NOLINT
#define _URCU_UATOMIC_H // NOLINT
#define _LGPL_SOURCE    // NOLINT
#include <urcu/arch/gcc.h>
#include <urcu/uatomic/gcc.h>

#endif
