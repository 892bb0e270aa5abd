/*
 * Stable storage of a node.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/stable.h"

#include <assert.h>
#include <string.h>

void stable_reset(struct stable *stable)
{
    memset(stable->durable, 0, stable->used);
    memset(stable->current, 0, stable->used);
    stable->used = 0;
    stable->unsynced_count = 0;
    stable->log_size = 0;
}

bool stable_fits(size_t offset, size_t size)
{
    return size <= STABLE_MAX && offset <= STABLE_MAX - size;
}

void stable_sync(struct stable *stable)
{
    for (uint32_t i = 0; i < stable->unsynced_count; i++) {
        const struct unsynced *u = &stable->unsynced[i];
        memcpy(stable->durable + u->offset, stable->log + u->start, u->size);
    }
    stable->unsynced_count = 0;
    stable->log_size = 0;
    assert(memcmp(stable->durable, stable->current, stable->used) == 0);
}

void stable_write(struct stable *stable, size_t offset, const void *bytes,
                  size_t size)
{
    assert(stable_fits(offset, size));
    if (stable->unsynced_count == UNSYNCED_MAX ||
        stable->log_size + size > UNSYNCED_BYTES) {
        stable_sync(stable); /* the cache is full: it is written back */
    }
    stable->unsynced[stable->unsynced_count++] =
        (struct unsynced){.offset = (uint32_t)offset,
                          .size = (uint32_t)size,
                          .start = stable->log_size};
    memcpy(stable->log + stable->log_size, bytes, size);
    memcpy(stable->current + offset, bytes, size);
    stable->log_size += (uint32_t)size;
    if (offset + size > stable->used) {
        stable->used = (uint32_t)(offset + size);
    }
}

void stable_read(const struct stable *stable, size_t offset, void *bytes,
                 size_t size)
{
    assert(stable_fits(offset, size));
    memcpy(bytes, stable->current + offset, size);
}

/* How much of a torn write of `size` bytes reaches the disk: some multiple of
 * `torn_bytes`, and not all of it; a smaller write is never torn. */
static uint32_t torn_size(uint32_t size, uint32_t torn_bytes,
                          struct choice *choice)
{
    assert(torn_bytes > 0);
    if (size <= torn_bytes) {
        return size;
    }
    uint32_t sectors = (size - 1) / torn_bytes;
    return torn_bytes *
           (sectors == 1 ? 1
                         : 1 + choice_below(choice, STREAM_NETWORK, sectors));
}

void stable_lose(struct stable *stable, uint32_t torn_bytes,
                 struct choice *choice)
{
    if (torn_bytes > 0 && stable->unsynced_count > 0) {
        uint32_t torn =
            stable->unsynced_count == 1
                ? 0
                : choice_below(choice, STREAM_NETWORK, stable->unsynced_count);
        for (uint32_t i = 0; i <= torn; i++) {
            const struct unsynced *u = &stable->unsynced[i];
            uint32_t size =
                i == torn ? torn_size(u->size, torn_bytes, choice) : u->size;
            memcpy(stable->durable + u->offset, stable->log + u->start, size);
        }
    }
    memcpy(stable->current, stable->durable, stable->used);
    stable->unsynced_count = 0;
    stable->log_size = 0;
}
