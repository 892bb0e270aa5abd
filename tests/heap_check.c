/*
 * The simulated heap, from set-up code: what it gives, takes and refuses.
 *
 * Outside fibers a point does nothing and a failed run is only noted, so the
 * oracle can be asked directly.  Check, since a wrong table means a crash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/heap.h"
#include "tests/check_tap.h"

#include <errno.h>
#include <string.h>

enum {
    BLOCKS = 8,
    RUNS = 2000
};

static const uintptr_t pc = 0x1000; /* any caller */

/* A world with nothing in it but a heap; ended by end_world(). */
static struct world *new_world(enum reuse reuse)
{
    struct world *w = calloc(1, sizeof(*w));
    ck_assert_ptr_nonnull(w);
    w->heap = heap_new();
    choice_begin(&w->choice, CHOICE_EXPLORE, 7);
    heap_reset(w, reuse, false, 0);
    return w;
}

static void end_world(struct world *w)
{
    choice_release(&w->choice);
    heap_free(w->heap);
    free(w);
}

/* The end that the run was given since the last question, if any. */
static enum run_end take_end(struct world *w)
{
    enum run_end end = w->ended ? w->end : RUN_FINISHED;
    w->ended = false;
    w->end = RUN_FINISHED;
    return end;
}

static void touch(struct world *w, char *at, size_t size, enum access access)
{
    heap_access(w, at, size, access, pc);
}

static bool is_filled(const unsigned char *bytes, size_t size, size_t with)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != with) {
            return false;
        }
    }
    return true;
}

START_TEST(blocks_are_usable_and_apart)
{
    struct world *w = new_world(REUSE_NEWEST);
    char *last = NULL;
    for (size_t size = 0; size < 300; size++) {
        char *block = heap_malloc(w, size, pc);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 16, 0);
        ck_assert(heap_owns(w->heap, block));
        ck_assert_uint_eq(heap_usable(w, block, pc), size);
        ck_assert(is_filled((unsigned char *)block, size, 0xA5));
        ck_assert(last == NULL || block >= last + size);
        last = block;
    }
    ck_assert_uint_eq(heap_live(w->heap), 300);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    end_world(w);
}
END_TEST

START_TEST(equal_runs_see_equal_addresses)
{
    struct world *w = new_world(REUSE_NEWEST);
    char *first[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        first[i] = heap_malloc(w, 8 * i, pc);
    }
    heap_reset(w, REUSE_NEWEST, false, 3);
    ck_assert_uint_eq(heap_live(w->heap), 0);
    for (size_t i = 0; i < BLOCKS; i++) {
        ck_assert_ptr_eq(heap_malloc(w, 8 * i, pc), first[i]);
    }
    ck_assert_uint_eq((unsigned char)first[1][0], 0xA5 ^ 3);
    end_world(w);
}
END_TEST

START_TEST(a_turned_heap_grows_downward_and_then_up)
{
    struct world *w = new_world(REUSE_NEVER);
    heap_turn(w->heap);
    heap_reset(w, REUSE_NEVER, false, 0);
    const char *first = heap_malloc(w, 40, pc);
    char *last = heap_malloc(w, 40, pc);
    ck_assert(last + 40 < first);
    char *line = heap_aligned(w, 256, 100, pc);
    ck_assert(line + 100 < last);
    ck_assert_uint_eq((uintptr_t)line % 256, 0);
    ck_assert_ptr_eq(heap_used(w->heap).first, line);
    uint32_t number = 0;
    uint64_t offset = 0;
    ck_assert(heap_name(w->heap, (uintptr_t)line + 7, &number, &offset));
    ck_assert(number == 3 && offset == 7);
    touch(w, last, 8, ACCESS_WRITE);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    touch(w, last + 40, 8, ACCESS_WRITE); /* and no block before it */
    ck_assert_int_eq(take_end(w), RUN_OUT_OF_BOUNDS);
    const char *large = heap_malloc(w, 1 << 17, pc);
    ck_assert(large > first + 40); /* below there is no room for it */
    ck_assert_ptr_eq(heap_used(w->heap).first, line);
    ck_assert(heap_malloc(w, 16, pc) < (const void *)line);
    end_world(w);
}
END_TEST

START_TEST(freed_memory_may_not_be_used)
{
    struct world *w = new_world(REUSE_NEVER);
    char *block = heap_malloc(w, 24, pc);
    touch(w, block, 8, ACCESS_WRITE);
    touch(w, block, 8, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    heap_release(w, block, pc);
    ck_assert_uint_eq((unsigned char)block[23], 0xDF);
    touch(w, block + 16, 8, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    ck_assert_str_eq(w->detail, "set-up reads 8 bytes at offset 16 of n1 "
                                "(24 bytes), freed by set-up");
    touch(w, block, 1, ACCESS_ATOMIC_WRITE);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    /* quarantine: the address never comes back */
    for (int i = 0; i < 100; i++) {
        ck_assert_ptr_ne(heap_malloc(w, 24, pc), block);
    }
    end_world(w);
}
END_TEST

START_TEST(freed_reads_allow_reads_only)
{
    struct world *w = new_world(REUSE_NEVER);
    heap_reset(w, REUSE_NEVER, true, 0);
    char *block = heap_malloc(w, 24, pc);
    heap_release(w, block, pc);
    touch(w, block, 8, ACCESS_READ);
    touch(w, block, 8, ACCESS_ATOMIC_READ);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    touch(w, block, 8, ACCESS_UPDATE);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    touch(w, block, 8, ACCESS_WRITE);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    end_world(w);
}
END_TEST

START_TEST(without_checks_only_misuse_of_malloc_is_seen)
{
    struct world *w = new_world(REUSE_NEVER);
    heap_set_checks(w->heap, false);
    char *block = heap_calloc(w, 1, 24, pc);
    touch(w, block, 32, ACCESS_WRITE);
    heap_release(w, block, pc);
    touch(w, block, 8, ACCESS_READ);
    touch(w, block, 8, ACCESS_ATOMIC_WRITE);
    touch(w, (char *)block + 100000, 8, ACCESS_UPDATE);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    heap_release(w, block, pc);
    ck_assert_int_eq(take_end(w), RUN_DOUBLE_FREE);
    heap_set_checks(w->heap, true);
    touch(w, block, 8, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    end_world(w);
}
END_TEST

START_TEST(every_byte_past_the_end_is_out_of_bounds)
{
    struct world *w = new_world(REUSE_NEWEST);
    for (size_t size = 1; size <= 200; size++) {
        char *block = heap_malloc(w, size, pc);
        heap_malloc(w, 64, pc);
        for (size_t i = 0; i < 16; i++) {
            touch(w, block + size + i, 1, ACCESS_WRITE);
            ck_assert_int_eq(take_end(w), RUN_OUT_OF_BOUNDS);
        }
        touch(w, block + size - 1, 2, ACCESS_WRITE);
        ck_assert_int_eq(take_end(w), RUN_OUT_OF_BOUNDS);
        touch(w, block, size, ACCESS_WRITE);
        touch(w, block + size - 1, 1, ACCESS_READ);
        ck_assert_int_eq(take_end(w), RUN_FINISHED);
        touch(w, block, size + 1, ACCESS_READ);
        ck_assert_int_eq(take_end(w), RUN_OUT_OF_BOUNDS);
    }
    char *far = (char *)heap_malloc(w, 16, pc) + 100000;
    touch(w, far, 8, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_OUT_OF_BOUNDS);
    end_world(w);
}
END_TEST

START_TEST(uninitialised_reads_are_told)
{
    struct world *w = new_world(REUSE_NEWEST);
    char *block = heap_malloc(w, 64, pc);
    touch(w, block, 8, ACCESS_ATOMIC_READ);
    ck_assert_int_eq(take_end(w), RUN_UNINITIALISED);
    touch(w, block, 4, ACCESS_UPDATE);
    ck_assert_int_eq(take_end(w), RUN_UNINITIALISED);
    touch(w, block, 8, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_UNINITIALISED);
    touch(w, block, 4, ACCESS_READ); /* not a pointer */
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    touch(w, block, 1, ACCESS_WRITE); /* the rest may be padding */
    touch(w, block, 8, ACCESS_ATOMIC_READ);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    touch(w, block, 16, ACCESS_ATOMIC_READ); /* its second half is not */
    ck_assert_int_eq(take_end(w), RUN_UNINITIALISED);
    char *zeros = heap_calloc(w, 4, 16, pc);
    touch(w, zeros + 48, 16, ACCESS_ATOMIC_READ);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    ck_assert_int_eq(zeros[63], 0);
    end_world(w);
}
END_TEST

START_TEST(misuse_of_free_is_told)
{
    struct world *w = new_world(REUSE_NEWEST);
    char *block = heap_malloc(w, 40, pc);
    char local = 0;
    heap_release(w, NULL, pc);
    heap_release(w, block + 16, pc);
    ck_assert_int_eq(take_end(w), RUN_INVALID_FREE);
    heap_release(w, &local, pc);
    ck_assert_int_eq(take_end(w), RUN_INVALID_FREE);
    heap_release(w, block, pc);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    heap_release(w, block, pc);
    ck_assert_int_eq(take_end(w), RUN_DOUBLE_FREE);
    ck_assert_ptr_null(heap_realloc(w, block, 80, pc));
    ck_assert_int_eq(take_end(w), RUN_DOUBLE_FREE);
    ck_assert_uint_eq(heap_live(w->heap), 0);
    end_world(w);
}
END_TEST

/* Frees a, b, c in this order and allocates three again. */
static void take_three(struct world *w, char *in[3], char *out[3])
{
    for (int i = 0; i < 3; i++) {
        in[i] = heap_malloc(w, 24, pc);
    }
    for (int i = 0; i < 3; i++) {
        heap_release(w, in[i], pc);
    }
    for (int i = 0; i < 3; i++) {
        out[i] = heap_malloc(w, 17, pc);
    }
}

START_TEST(reuse_is_as_the_mode_says)
{
    char *in[3];
    char *out[3];
    struct world *w = new_world(REUSE_NEWEST);
    take_three(w, in, out);
    ck_assert(out[0] == in[2] && out[1] == in[1] && out[2] == in[0]);
    heap_reset(w, REUSE_OLDEST, false, 0);
    take_three(w, in, out);
    ck_assert(out[0] == in[0] && out[1] == in[1] && out[2] == in[2]);
    heap_reset(w, REUSE_RANDOM, false, 0);
    take_three(w, in, out);
    ck_assert(out[0] == in[0] || out[0] == in[1] || out[0] == in[2]);
    ck_assert(out[0] != out[1] && out[1] != out[2] && out[0] != out[2]);
    end_world(w);
}
END_TEST

START_TEST(eager_and_mixed_draw_every_mode)
{
    struct world *w = new_world(REUSE_NEWEST);
    unsigned eager = 0;
    unsigned mixed = 0;
    for (uint64_t seed = 1; seed < 100; seed++) {
        char *in[3];
        char *out[3];
        choice_begin(&w->choice, CHOICE_EXPLORE, seed * 977);
        heap_reset(w, REUSE_EAGER, false, 0);
        take_three(w, in, out);
        eager |= out[0] == in[2] ? 1 : out[0] == in[0] ? 2 : 4;
        ck_assert(out[0] == in[0] || out[0] == in[1] || out[0] == in[2]);
        heap_reset(w, REUSE_MIXED, false, 0);
        take_three(w, in, out);
        mixed |= out[0] == in[2] ? 1 : out[0] == in[0] ? 2 : 4;
        mixed |= out[0] > in[2] ? 8 : 0;
    }
    ck_assert_uint_eq(eager, 7);
    ck_assert_uint_eq(mixed, 15);
    end_world(w);
}
END_TEST

START_TEST(aligned_blocks_are_aligned_and_come_back)
{
    struct world *w = new_world(REUSE_NEWEST);
    heap_malloc(w, 8, pc);
    for (size_t align = 1; align <= 4096; align *= 2) {
        char *block = heap_aligned(w, align, 40, pc);
        ck_assert_uint_eq((uintptr_t)block % align, 0);
        heap_release(w, block, pc);
        heap_release(w, heap_malloc(w, 40, pc), pc);
        ck_assert_uint_eq((uintptr_t)heap_aligned(w, align, 40, pc) % align, 0);
    }
    char *a = heap_aligned(w, 64, 700, pc);
    heap_release(w, a, pc);
    ck_assert_ptr_eq(heap_aligned(w, 64, 700, pc), a);
    ck_assert_ptr_null(heap_aligned(w, 24, 8, pc));
    ck_assert_int_eq(errno, EINVAL);
    end_world(w);
}
END_TEST

START_TEST(realloc_moves_and_keeps_the_bytes)
{
    struct world *w = new_world(REUSE_NEVER);
    char *block = heap_realloc(w, NULL, 40, pc);
    touch(w, block, 8, ACCESS_WRITE);
    memset(block, 7, 8);
    memset(block + 32, 7, 8); /* as code without hooks does */
    char *beside = heap_malloc(w, 300, pc);
    memset(beside, 9, 300);
    char *more = heap_realloc(w, block, 400, pc);
    ck_assert_ptr_null(memchr(more + 40, 9, 360)); /* not what lay behind */
    heap_release(w, beside, pc);
    ck_assert_ptr_ne(more, block);
    ck_assert_int_eq(more[39], 7);
    touch(w, more, 8, ACCESS_ATOMIC_READ);
    touch(w, more + 32, 8, ACCESS_ATOMIC_READ);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    touch(w, more + 8, 8, ACCESS_ATOMIC_READ); /* was not written before */
    ck_assert_int_eq(take_end(w), RUN_UNINITIALISED);
    touch(w, block, 1, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    ck_assert_ptr_null(heap_realloc(w, more, 0, pc));
    ck_assert_uint_eq(heap_live(w->heap), 0);
    end_world(w);
}
END_TEST

START_TEST(too_much_is_refused)
{
    struct world *w = new_world(REUSE_NEWEST);
    errno = 0;
    ck_assert_ptr_null(heap_malloc(w, SIZE_MAX, pc));
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_ptr_null(heap_calloc(w, SIZE_MAX / 2, 3, pc));
    unsigned got = 0;
    while (heap_malloc(w, 1 << 20, pc) != NULL) {
        got++;
    }
    ck_assert_uint_gt(got, 30);
    ck_assert_uint_lt(got, 64);
    ck_assert_int_eq(take_end(w), RUN_BEYOND);
    heap_reset(w, REUSE_NEWEST, false, 0); /* gives the pages back */
    char *block = heap_malloc(w, 1 << 24, pc);
    ck_assert_ptr_nonnull(block);
    touch(w, block + (1 << 23), 8, ACCESS_ATOMIC_READ);
    ck_assert_int_eq(take_end(w), RUN_UNINITIALISED);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    end_world(w);
}
END_TEST

START_TEST(leaks_are_what_nothing_leads_to)
{
    struct world *w = new_world(REUSE_NEWEST);
    char **head = heap_malloc(w, 16, pc);
    char **next = heap_malloc(w, 16, pc);
    uintptr_t tagged = (uintptr_t)next | 1 | (uintptr_t)5 << 48;
    memcpy(head, &tagged, sizeof(tagged));
    char *globals[4] = {NULL, NULL, (char *)head, NULL};
    struct span root = {globals, sizeof(globals)};
    heap_find_leaks(w, &root, 1);
    ck_assert_int_eq(take_end(w), RUN_FINISHED);
    heap_malloc(w, 24, pc);
    heap_find_leaks(w, &root, 1);
    ck_assert_int_eq(take_end(w), RUN_LEAK);
    ck_assert_ptr_nonnull(strstr(w->detail, "1 block (24 bytes) lost"));
    globals[2] = NULL;
    heap_find_leaks(w, &root, 1);
    ck_assert_ptr_nonnull(strstr(w->detail, "3 blocks (56 bytes) lost"));
    end_world(w);
}
END_TEST

START_TEST(a_dead_process_leaves_nothing)
{
    struct world *w = new_world(REUSE_NEVER);
    char *block = heap_malloc(w, 24, pc);
    heap_drop_process(w, 1);
    ck_assert_uint_eq(heap_live(w->heap), 1);
    heap_drop_process(w, 0);
    ck_assert_uint_eq(heap_live(w->heap), 0);
    touch(w, block, 8, ACCESS_READ);
    ck_assert_int_eq(take_end(w), RUN_USE_AFTER_FREE);
    end_world(w);
}
END_TEST

/* Against a plain model: live blocks never overlap, whatever the mode. */
START_TEST(live_blocks_never_overlap)
{
    struct world *w = new_world(REUSE_NEWEST);
    for (uint64_t run = 0; run < RUNS; run++) {
        choice_begin(&w->choice, CHOICE_EXPLORE, run + 1);
        heap_reset(w, REUSE_MIXED, false, (uint8_t)run);
        unsigned char *live[BLOCKS] = {NULL};
        size_t size[BLOCKS] = {0};
        for (int i = 0; i < 100; i++) {
            uint64_t word = choice_word(&w->choice, STREAM_PROGRAM);
            size_t k = word % BLOCKS;
            if (live[k] != NULL) {
                ck_assert(is_filled(live[k], size[k], k));
                heap_release(w, live[k], pc);
                live[k] = NULL;
                continue;
            }
            size[k] = word / BLOCKS % 2000;
            size_t align = (size_t)16 << (word >> 61);
            live[k] = heap_aligned(w, align, size[k], pc);
            ck_assert_ptr_nonnull(live[k]);
            memset(live[k], (int)k, size[k]);
        }
        ck_assert_int_eq(take_end(w), RUN_FINISHED);
    }
    end_world(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap");
    TCase *cases = tcase_create("heap");
    tcase_add_test(cases, blocks_are_usable_and_apart);
    tcase_add_test(cases, equal_runs_see_equal_addresses);
    tcase_add_test(cases, freed_memory_may_not_be_used);
    tcase_add_test(cases, a_turned_heap_grows_downward_and_then_up);
    tcase_add_test(cases, freed_reads_allow_reads_only);
    tcase_add_test(cases, without_checks_only_misuse_of_malloc_is_seen);
    tcase_add_test(cases, every_byte_past_the_end_is_out_of_bounds);
    tcase_add_test(cases, uninitialised_reads_are_told);
    tcase_add_test(cases, misuse_of_free_is_told);
    tcase_add_test(cases, reuse_is_as_the_mode_says);
    tcase_add_test(cases, eager_and_mixed_draw_every_mode);
    tcase_add_test(cases, aligned_blocks_are_aligned_and_come_back);
    tcase_add_test(cases, realloc_moves_and_keeps_the_bytes);
    tcase_add_test(cases, too_much_is_refused);
    tcase_add_test(cases, leaks_are_what_nothing_leads_to);
    tcase_add_test(cases, a_dead_process_leaves_nothing);
    tcase_add_test(cases, live_blocks_never_overlap);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
