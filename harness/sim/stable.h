/*
 * Stable storage of a node: what survives its crash.
 *
 * Writes are in order in a log until the next sync.  A crash keeps them (only
 * the process died), or loses them (the machine did); and it may tear one:
 * those before it are kept, of itself only the first sectors, those after it
 * are lost.
 *
 *     durable   |.............|           as of the last sync
 *     log       w1 w2 w3 ...              since then
 *     current   |.............|           what reads see: durable + log
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_STABLE_H
#define HX_SIM_STABLE_H

#include "harness/choice.h"

#include <stddef.h>

enum {
    STABLE_MAX = 4096,     /* bytes of a node */
    UNSYNCED_MAX = 64,     /* writes; the oldest reach the disk by themselves */
    UNSYNCED_BYTES = 8192, /* of all of them */
};

/* A write that no sync has made safe. */
struct unsynced {
    uint32_t offset;
    uint32_t size;
    uint32_t start; /* of its bytes in the log */
};

struct stable {
    uint32_t used; /* bytes of both images that were ever written */
    uint32_t unsynced_count;
    uint32_t log_size;
    struct unsynced unsynced[UNSYNCED_MAX];
    unsigned char durable[STABLE_MAX];
    unsigned char current[STABLE_MAX];
    unsigned char log[UNSYNCED_BYTES];
};

/* All zero again. */
void stable_reset(struct stable *stable);

/* Does [offset, offset + size) lie inside? */
bool stable_fits(size_t offset, size_t size);

/* Writes, syncs, reads; the range must fit. */
void stable_write(struct stable *stable, size_t offset, const void *bytes,
                  size_t size);
void stable_sync(struct stable *stable);
void stable_read(const struct stable *stable, size_t offset, void *bytes,
                 size_t size);

/* The node crashed and loses unsynced writes; with `torn_bytes`, one of them
 * (drawn from STREAM_NETWORK) reaches the disk up to a multiple of that size.
 */
void stable_lose(struct stable *stable, uint32_t torn_bytes,
                 struct choice *choice);

#endif
