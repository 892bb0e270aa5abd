/*
 * The memory of a monitor: arrays that last as long as its decision, and are
 * counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/monitor.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    LARGE = 1 << 20 /* bytes of a room that is mapped for itself */
};

/*
 * Zeroed memory.  A large room is walked in every order, and what costs most
 * there is not the bytes but finding their pages: so it asks for large ones,
 * which the system need not give.
 */
static void *take_memory(size_t size)
{
    if (size < LARGE) {
        return calloc(1, size);
    }
    void *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
        return NULL;
    }
    (void)madvise(data, size, MADV_HUGEPAGE);
    return data;
}

static void return_memory(void *data, size_t size)
{
    if (size < LARGE) {
        free(data);
        return;
    }
    int failed = munmap(data, size);
    assert(failed == 0);
    (void)failed;
}

void *fl_monitor_room(struct fl_monitor *m, size_t count, size_t size)
{
    uint32_t at = 0;
    while (at < FL_MONITOR_ROOMS && m->rooms[at].data != NULL) {
        at++;
    }
    assert(at < FL_MONITOR_ROOMS);
    void *data =
        at == FL_MONITOR_ROOMS ? NULL : take_memory((count + 1) * size);
    if (data != NULL) {
        m->rooms[at] = (struct fl_room){data, (count + 1) * size};
        m->bytes += m->rooms[at].size;
        m->peak = m->bytes > m->peak ? m->bytes : m->peak;
    }
    return data;
}

void fl_monitor_drop(struct fl_monitor *m, void *room)
{
    for (uint32_t i = 0; i < FL_MONITOR_ROOMS && room != NULL; i++) {
        if (m->rooms[i].data == room) {
            assert(m->bytes >= m->rooms[i].size);
            m->bytes -= m->rooms[i].size;
            return_memory(room, m->rooms[i].size);
            m->rooms[i] = (struct fl_room){0};
            return;
        }
    }
    assert(room == NULL);
}
