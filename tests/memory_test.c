/*
 * The checker when memory ends: at whichever allocation that happens, it says
 * so, leaks nothing, and never gives a wrong verdict.
 *
 * The allocator is replaced in this program by one that fails on demand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/format/jsonl.h"

#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OWN_ALLOCATOR 0
#endif
#endif
#ifndef HAS_OWN_ALLOCATOR
#define HAS_OWN_ALLOCATOR 1
#endif

#if HAS_OWN_ALLOCATOR

/* glibc's own, under the names by which it exports them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *data, size_t size);

/* Allocations that still succeed; negative: all do. */
static long allocations_left = -1;

static bool may_allocate(void)
{
    if (allocations_left > 0) {
        allocations_left--;
        return true;
    }
    return allocations_left < 0;
}

void *malloc(size_t size)
{
    return may_allocate() ? __libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return may_allocate() ? __libc_calloc(count, size) : NULL;
}

void *realloc(void *data, size_t size)
{
    return may_allocate() ? __libc_realloc(data, size) : NULL;
}

static const char text[] =
    "{\"model\":\"kv\",\"initial\":\"\",\"expect\":\"violation\"}\n"
    "{\"client\":0,\"op\":\"put\",\"key\":\"x\",\"args\":[\"a\"],"
    "\"result\":null,\"call\":0,\"return\":1}\n"
    "{\"client\":1,\"op\":\"append\",\"key\":\"y\",\"args\":[\"b\"],"
    "\"result\":null,\"call\":2,\"return\":null}\n"
    "{\"client\":0,\"op\":\"get\",\"key\":\"x\",\"args\":[],"
    "\"result\":\"b\",\"call\":3,\"return\":4}\n";

/* Reads, decides and minimises with `left` allocations.  True: all worked. */
static bool work_with(long left)
{
    struct fl_error error;
    struct fl_history *h = NULL;
    struct fl_history *less = NULL;
    struct fl_result *result = NULL;
    enum fl_status read = FL_NO_MEMORY;
    enum fl_status checked = FL_NO_MEMORY;
    bool complete = false;
    allocations_left = left;
    struct fl_jsonl *reader = fl_jsonl_open_bytes(text, sizeof(text) - 1);
    if (reader != NULL) {
        read = fl_jsonl_next(reader, &h, NULL, &error);
    }
    if (read == FL_OK) {
        checked = fl_check(h, NULL, &result);
    }
    if (checked == FL_OK) {
        less = fl_minimise(h, NULL, &complete);
    }
    allocations_left = -1;
    CU_ASSERT(read == FL_OK || read == FL_NO_MEMORY);
    CU_ASSERT(checked == FL_OK || checked == FL_NO_MEMORY);
    CU_ASSERT(checked != FL_OK || result->verdict == FL_VIOLATION);
    bool worked = less != NULL;
    fl_history_free(less);
    fl_result_free(result);
    fl_history_free(h);
    fl_jsonl_close(reader);
    return worked;
}

static void each_failed_allocation_is_told(void)
{
    long left = 0;
    while (left < 500 && !work_with(left)) {
        left++;
    }
    printf("# %ld allocations failed in turn\n", left);
    CU_ASSERT(left > 20);
    CU_ASSERT(left < 500);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"each failed allocation is told", each_failed_allocation_is_told},
        {NULL, NULL},
    };
    return tap_run("memory", cases);
}

#else

int main(void)
{
    return tap_skip_all("the sanitizer has an allocator of its own");
}

#endif
