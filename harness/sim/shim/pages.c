/*
 * Pages: anonymous memory of mmap() is a block of the heap, on a page and full
 * of zeros, so that what is used after munmap() is found out.
 *
 * Files, fixed addresses and the release of a part are refused by name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <sys/mman.h>

enum {
    PAGE = 4096
};

static size_t whole_pages(size_t size)
{
    return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static void *refuse_map(uintptr_t pc)
{
    fl_sim_table->program_refuse("mmap", pc);
    *fl_sim_table->errno_address() = ENOSYS;
    return MAP_FAILED;
}

static void *map(size_t size, int mode, uintptr_t pc)
{
    const int known = MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE |
                      MAP_POPULATE | MAP_STACK;
    if ((mode & MAP_ANONYMOUS) == 0 || (mode & ~known) != 0) {
        return refuse_map(pc);
    }
    size_t whole = whole_pages(size);
    if (size == 0 || whole < size) {
        *fl_sim_table->errno_address() = size == 0 ? EINVAL : ENOMEM;
        return MAP_FAILED;
    }
    bool early = !fl_sim_early.over; /* full of zeros */
    void *pages = early ? early_take(PAGE, whole)
                        : fl_sim_table->heap_aligned(PAGE, whole, pc);
    if (pages == NULL) {
        *fl_sim_table->errno_address() = ENOMEM;
        return MAP_FAILED;
    }
    return early ? pages : fl_sim_table->bytes_set(pages, 0, whole, pc);
}

/* The address is a wish. */
HIDDEN void *mmap(void *at, size_t size, int protection, int mode, int file,
                  off_t offset)
{
    (void)at;
    (void)protection;
    (void)file;
    (void)offset;
    return map(size, mode, PC);
}

HIDDEN void *mmap64(void *at, size_t size, int protection, int mode, int file,
                    off64_t offset)
{
    (void)at;
    (void)protection;
    (void)file;
    (void)offset;
    return map(size, mode, PC);
}

HIDDEN int munmap(void *at, size_t size)
{
    if (early_owns(at)) {
        return 0;
    }
    if (fl_sim_table->heap_usable(at, PC) != whole_pages(size)) {
        fl_sim_table->program_refuse("munmap of a part", PC);
        *fl_sim_table->errno_address() = EINVAL;
        return -1;
    }
    fl_sim_table->heap_release(at, PC);
    return 0;
}

/* Whether the pages are kept in memory, and where: nobody can tell.  Those that
 * are given back are full of zeros. */
HIDDEN int madvise(void *at, size_t size, int advice)
{
    if (advice == MADV_DONTNEED) {
        fl_sim_table->bytes_set(at, 0, whole_pages(size), PC);
    }
    return 0;
}

HIDDEN int posix_madvise(void *at, size_t size, int advice)
{
    (void)at;
    (void)size;
    (void)advice;
    return 0;
}

HIDDEN int mlock(const void *at, size_t size)
{
    (void)at;
    (void)size;
    return 0;
}

HIDDEN int munlock(const void *at, size_t size)
{
    (void)at;
    (void)size;
    return 0;
}

HIDDEN int mlockall(int mode)
{
    (void)mode;
    return 0;
}

HIDDEN int munlockall(void)
{
    return 0;
}
