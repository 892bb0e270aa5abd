/*
 * The table: every function that the shim of a plug-in forwards to.
 *
 * A plug-in also calls these outside a run, from its constructors, whose memory
 * comes from a room of its own: struct sim_early.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/calendar.h"
#include "harness/sim/clock.h"
#include "harness/sim/heap.h"
#include "harness/sim/options.h"
#include "harness/sim/process.h"
#include "harness/sim/program.h"
#include "harness/sim/sync.h"
#include "harness/sim/sync/functions.h"
#include "harness/sim/tsan_abi.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* libc's own, for code outside any fiber: it finds the block of the thread of
 * the system. */
void *__tls_get_addr(const size_t index[2]);

static void *tls_address(const size_t index[2])
{
    if (world == NULL || world->current == NULL) {
        return __tls_get_addr(index);
    }
    return (char *)sync_thread_locals(world) + index[1];
}

static int *errno_address(void)
{
    if (world == NULL || world->current == NULL) {
        return &errno;
    }
    assert(world->current->id < FIBERS_MAX);
    return &world->current->errno_value;
}

static void *on_malloc(size_t size, uintptr_t pc)
{
    return world == NULL ? malloc(size) : heap_malloc(world, size, pc);
}

static void *on_calloc(size_t count, size_t size, uintptr_t pc)
{
    return world == NULL ? calloc(count, size)
                         : heap_calloc(world, count, size, pc);
}

static void *on_realloc(void *block, size_t size, uintptr_t pc)
{
    return world == NULL ? realloc(block, size)
                         : heap_realloc(world, block, size, pc);
}

static void *on_aligned(size_t align, size_t size, uintptr_t pc)
{
    return world == NULL ? aligned_alloc(align, size)
                         : heap_aligned(world, align, size, pc);
}

static void on_release(void *block, uintptr_t pc)
{
    if (world == NULL) {
        free(block);
    } else {
        heap_release(world, block, pc);
    }
}

static size_t on_usable(void *block, uintptr_t pc)
{
    return world == NULL ? malloc_usable_size(block)
                         : heap_usable(world, block, pc);
}

/* Only the pages that are used cost anything; the plug-in's loader gives the
 * rest back. */
static void *on_room(size_t *size)
{
    const size_t room = (size_t)64 << 20;
    void *start = mmap(NULL, room, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(size != NULL);
    *size = start == MAP_FAILED ? 0 : room;
    return start == MAP_FAILED ? NULL : start;
}

/* environment.h says whose it is while the plug-in is loaded. */
static char *const *on_environment(void)
{
    assert(world == NULL || world->current == NULL);
    return environ;
}

/* strdup() and strndup(). */
static char *on_text(const char *text, size_t max, uintptr_t pc)
{
    size_t length = text_length(text, max, pc);
    assert(length <= max);
    char *copy = on_malloc(length + 1, pc);
    if (copy != NULL) {
        bytes_copy(copy, text, length, pc);
        bytes_set(copy + length, 0, 1, pc);
    }
    return copy;
}

/* vasprintf(). */
__attribute__((format(printf, 2, 0))) static int
on_print(char **text, const char *format, va_list arguments, uintptr_t pc)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *made = length < 0 ? NULL : on_malloc((size_t)length + 1, pc);
    if (made == NULL) {
        return -1;
    }
    bytes_set(made, 0, (size_t)length + 1, pc);
    vsnprintf(made, (size_t)length + 1, format, arguments);
    assert(length >= 0);
    *text = made;
    return length;
}

const struct sim_table fl_sim_functions = {
    .version = SIM_VERSION,
    .tls_address = tls_address,
    .errno_address = errno_address,
    .heap_malloc = on_malloc,
    .heap_calloc = on_calloc,
    .heap_realloc = on_realloc,
    .heap_aligned = on_aligned,
    .heap_release = on_release,
    .heap_usable = on_usable,
    .heap_text = on_text,
    .heap_print = on_print,
    .early_room = on_room,
    .bytes_copy = bytes_copy,
    .bytes_move = bytes_move,
    .bytes_set = bytes_set,
    .bytes_compare = bytes_compare,
    .bytes_find = bytes_find,
    .text_length = text_length,
    .text_compare = text_compare,
    .text_copy = text_copy,
    .text_print = text_print,
    .text_find = text_find,
    .text_token = text_token,
    .text_long = text_long,
    .text_unsigned = text_unsigned,
    .text_float = text_float,
    .text_double = text_double,
    .text_wide = text_wide,
    .thread_create = thread_create,
    .thread_join = thread_join,
    .thread_tryjoin = thread_tryjoin,
    .thread_detach = thread_detach,
    .thread_exit = thread_exit,
    .thread_self = thread_self,
    .thread_attributes = thread_attributes,
    .thread_rename = thread_rename,
    .thread_name = thread_name,
    .thread_mask = thread_mask,
    .thread_cancel = thread_cancel,
    .cancel_state = cancel_state,
    .cancel_due = cancel_due,
    .cancel_leave = cancel_leave,
    .key_create = key_create,
    .key_delete = key_delete,
    .key_get = key_get,
    .key_set = key_set,
    .once_call = once_call,
    .once_begin = once_begin,
    .once_end = once_end,
    .flag_store = __tsan_atomic8_store,
    .mutex_init = mutex_init,
    .mutex_destroy = mutex_destroy,
    .mutex_lock = mutex_lock,
    .mutex_trylock = mutex_trylock,
    .mutex_unlock = mutex_unlock,
    .mutex_consistent = mutex_consistent,
    .spin_init = spin_init,
    .spin_destroy = spin_destroy,
    .spin_lock = spin_lock,
    .spin_trylock = spin_trylock,
    .spin_unlock = spin_unlock,
    .rwlock_init = rwlock_init,
    .rwlock_destroy = rwlock_destroy,
    .rwlock_read = rwlock_read,
    .rwlock_tryread = rwlock_tryread,
    .rwlock_write = rwlock_write,
    .rwlock_trywrite = rwlock_trywrite,
    .rwlock_unlock = rwlock_unlock,
    .cond_init = cond_init,
    .cond_destroy = cond_destroy,
    .cond_wait = cond_wait,
    .cond_signal = cond_signal,
    .cond_broadcast = cond_broadcast,
    .barrier_init = barrier_init,
    .barrier_destroy = barrier_destroy,
    .barrier_wait = barrier_wait,
    .semaphore_init = semaphore_init,
    .semaphore_destroy = semaphore_destroy,
    .semaphore_wait = semaphore_wait,
    .semaphore_trywait = semaphore_trywait,
    .semaphore_post = semaphore_post,
    .semaphore_value = semaphore_value,
    .system_call = system_call,
    .clock_read = clock_read,
    .clock_sleep = clock_sleep,
    .thread_yield = thread_yield,
    .calendar_split = calendar_split,
    .calendar_join = calendar_join,
    .calendar_print = calendar_print,
    .process_self = process_self,
    .thread_number = thread_number,
    .process_signal = process_signal,
    .program_random = program_random,
    .program_environment = on_environment,
    .program_options = program_options,
    .program_abort = program_abort,
    .program_exit = program_exit,
    .program_assert = program_assert,
    .program_print = program_print,
    .program_refuse = program_refuse,
};

const struct sim_table *sim_table(void)
{
    return &fl_sim_functions;
}
