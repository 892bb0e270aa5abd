/*
 * The memory model: what an atomic access of simulated code does.
 *
 * The hooks of tsan_abi.c check the access, let the scheduler act, and then
 * come here.  Under sequential consistency, the only model so far, the access
 * is done on real memory: one OS thread runs all fibers, so a plain access
 * will do.  A model that keeps store buffers or histories of stores implements
 * `struct memory`, and the world's `memory` points to it; the hooks then call
 * it instead.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_H
#define HX_SIM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct world;

/* Memory orders as compilers pass them to the hooks; higher bits are hints. */
enum order {
    ORDER_RELAXED,
    ORDER_CONSUME, /* taken as acquire */
    ORDER_ACQUIRE,
    ORDER_RELEASE,
    ORDER_ACQ_REL,
    ORDER_SEQ_CST,
    ORDER_MASK = 7,
};

/* What a read-modify-write makes of the old value. */
enum update {
    UPDATE_EXCHANGE,
    UPDATE_ADD,
    UPDATE_SUB,
    UPDATE_AND,
    UPDATE_OR,
    UPDATE_XOR,
    UPDATE_NAND,
};

/* A value of up to 16 bytes, in the low ones. */
struct wide {
    uint64_t low;
    uint64_t high;
};

/* A memory model.  All functions act for the current fiber of `w`; `size` is
 * 1, 2, 4, 8 or 16 bytes. */
struct memory {
    const char *name;
    struct wide (*load)(struct world *w, const volatile void *address,
                        size_t size, enum order order);
    void (*store)(struct world *w, volatile void *address, size_t size,
                  struct wide value, enum order order);
    /* Returns the old value. */
    struct wide (*update)(struct world *w, volatile void *address, size_t size,
                          enum update kind, struct wide operand,
                          enum order order);
    /* Returns the value found; it was replaced by `desired` iff it equals
     * `expected`. */
    struct wide (*compare)(struct world *w, volatile void *address, size_t size,
                           const struct wide *expected_desired,
                           enum order order);
    void (*fence)(struct world *w, enum order order);
};

#endif
