/*
 * The state of a memory model, as a number: what loads may return, beside the
 * newest stores, which are in memory.
 *
 * Under tso that is what waits in the store buffers.  Under c11 it is how far
 * each thread has seen.  Nothing of that matters to a piece of a run in which
 * every load reads the newest store and every store becomes the newest: such a
 * piece can be made again wherever values are the same.  One with stale reads
 * can be made again from a state in which everybody has seen all there is:
 * what it reads then was stored within it.
 *
 * What happens before what is no part of it: it decides about races, and those
 * are judged on their own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/buffers.h"

#include <string.h>
#include <xxhash.h>

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    return XXH3_64bits_withSeed(bytes, size, hash);
}

uint64_t memory_state(const struct world *w)
{
    uint64_t hash = 1;
    if (w->memory != &memory_tso) {
        return hash;
    }
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        struct buffer *b = buffer_of(w->weak, i);
        const uint64_t header[] = {i, b->count, b->stores != 0};
        hash = mix(hash, header, sizeof(header));
        for (uint32_t k = 0; k < b->count; k++) {
            const struct buffered *e = buffer_entry(b, k);
            const uint64_t words[] = {e->address, e->size, e->order,
                                      e->value.low, e->value.high};
            hash = mix(hash, words, sizeof(words));
        }
    }
    return hash;
}

/* Whether fiber `i` reads memory, and will again. */
static bool is_reader(const struct world *w, uint32_t i)
{
    const struct fiber *f = &w->fibers[i];
    return !f->pseudo && f->state != FIBER_UNUSED && f->state != FIBER_DONE &&
           f->state != FIBER_CRASHED;
}

uint64_t memory_views(const struct world *w)
{
    struct weak *weak = w->weak;
    uint64_t hash = 1;
    if (w->memory == NULL || weak->newest_only) {
        return hash;
    }
    assert(weak->locations_used <= LOCATIONS_MAX);
    for (uint32_t id = 0; id < weak->locations_used; id++) {
        struct location *l = &weak->locations[id];
        if (l->count <= 1) {
            continue; /* all there is to read, or no location any more */
        }
        uint32_t before = location_store(l, 1)->ts;
        for (uint32_t i = 0; i < w->fibers_count; i++) {
            const struct knowledge *k = &weak->threads[i];
            if (!is_reader(w, i)) {
                continue;
            }
            if (k->stamp != weak->stamp ||
                view_at(k->view, k->views, id) <= before) {
                return 0;
            }
            const uint64_t words[] = {l->address, i, k->stale[id]};
            hash = k->stale[id] == 0 ? hash : mix(hash, words, sizeof(words));
        }
    }
    return hash == 0 ? 1 : hash;
}
