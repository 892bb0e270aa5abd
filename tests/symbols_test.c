/*
 * Symbols, on this very program: places, frames, variables, members, lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/symbols.h"
#include "tests/tap.h"

#include <stddef.h>
#include <string.h>

struct leaf {
    int32_t seq;
    void *link;
};

struct tree {
    struct tree *next;
    _Atomic(uint64_t) value;
    struct leaf leaves[4];
    union {
        uint32_t low;
        uint64_t both;
    };
    struct leaf open[];
};

static struct leaf pool[8];
static uint64_t plain;

/* What a called function sees of its caller. */
struct call {
    uintptr_t pc;
    uint32_t line;
};

static __attribute__((noinline)) uintptr_t caller(void)
{
    __asm__ volatile("");
    return (uintptr_t)__builtin_return_address(0);
}

static inline __attribute__((always_inline)) uintptr_t inlined(void)
{
    uintptr_t pc = caller();
    __asm__ volatile("" : : "r"(pc));
    return pc;
}

static void a_place_is_that_of_the_call(void)
{
    struct symbols *symbols = symbols_open();
    CU_ASSERT_PTR_NOT_NULL_FATAL(symbols);
    struct call call = {.line = __LINE__ + 1};
    call.pc = caller();
    struct source_place place;
    CU_ASSERT_TRUE(symbols_place(symbols, call.pc, &place));
    CU_ASSERT_EQUAL(place.line, call.line);
    CU_ASSERT_STRING_EQUAL(place.file, "symbols_test.c");
    CU_ASSERT_STRING_EQUAL(place.function, "a_place_is_that_of_the_call");
    CU_ASSERT_TRUE(symbols_is_harness(symbols, call.pc));
    CU_ASSERT_FALSE(symbols_place(symbols, 0, &place));
    CU_ASSERT_FALSE(symbols_place(symbols, 64, &place));
    symbols_free(symbols);
    symbols_free(NULL);
}

static void inlined_calls_are_frames(void)
{
    struct symbols *symbols = symbols_open();
    uint32_t line = __LINE__ + 1;
    uintptr_t pc = inlined();
    struct fl_frame frames[4];
    uint32_t count = symbols_frames(symbols, pc, frames, 4);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_STRING_EQUAL(frames[0].function, "inlined");
    CU_ASSERT_STRING_EQUAL(frames[1].function, "inlined_calls_are_frames");
    CU_ASSERT_EQUAL(frames[1].line, line);
    CU_ASSERT_STRING_EQUAL(frames[1].file, "symbols_test.c");
    CU_ASSERT_EQUAL(symbols_frames(symbols, pc, frames, 1), 1);
    symbols_free(symbols);
}

static void variables_have_names(void)
{
    struct symbols *symbols = symbols_open();
    char text[80];
    CU_ASSERT_TRUE(symbols_variable(symbols, (uintptr_t)&plain, text, 80));
    CU_ASSERT_STRING_EQUAL(text, "plain");
    uintptr_t link = (uintptr_t)&pool[3].link;
    CU_ASSERT_TRUE(symbols_variable(symbols, link, text, 80));
    CU_ASSERT_STRING_EQUAL(text, "pool[3].link");
    static uint64_t inner[2];
    CU_ASSERT_TRUE(symbols_variable(symbols, (uintptr_t)&inner[1], text, 80));
    CU_ASSERT_STRING_EQUAL(text, "inner[1]");
    CU_ASSERT_FALSE(symbols_variable(symbols, (uintptr_t)text, text, 80));
    symbols_free(symbols);
}

static void check_member(struct symbols *symbols, uint32_t type, size_t offset,
                         const char *name)
{
    struct source_member member;
    CU_ASSERT_TRUE(symbols_member(symbols, type, offset, &member));
    CU_ASSERT_STRING_EQUAL(member.name, name);
}

static __attribute__((noinline)) void look_at(struct tree *t, uint64_t *word)
{
    struct symbols *symbols = symbols_open();
    uintptr_t pc = caller();
    struct source_object object;
    CU_ASSERT_TRUE_FATAL(symbols_object(symbols, pc, "t->next", &object));
    CU_ASSERT_EQUAL(object.offset, offsetof(struct tree, next));
    CU_ASSERT_FALSE(object.indexed);
    CU_ASSERT_FALSE(object.variable);
    uint32_t tree = object.type;
    check_member(symbols, tree, offsetof(struct tree, value), "value");
    check_member(symbols, tree, offsetof(struct tree, leaves[2].link),
                 "leaves[2].link");
    check_member(symbols, tree, offsetof(struct tree, low), "low");
    check_member(symbols, tree, offsetof(struct tree, value) + 4, "value+4");
    check_member(symbols, tree, sizeof(struct tree) + sizeof(struct leaf),
                 "open[1].seq");
    CU_ASSERT_EQUAL(symbols_size(symbols, tree), sizeof(struct tree));

    CU_ASSERT_TRUE(
        symbols_object(symbols, pc, " t->leaves[i & 3].seq ", &object));
    CU_ASSERT_TRUE(object.indexed);
    CU_ASSERT_EQUAL(object.type, tree);
    CU_ASSERT_TRUE(symbols_object(symbols, pc, "t->next->both", &object));
    CU_ASSERT_EQUAL(object.offset, offsetof(struct tree, both));
    CU_ASSERT_EQUAL(object.type, tree);
    CU_ASSERT_TRUE(symbols_object(symbols, pc, "*word", &object));
    check_member(symbols, object.type, 0, "");
    check_member(symbols, object.type, 16, "[2]");
    CU_ASSERT_TRUE(symbols_object(symbols, pc, "pool[2].seq", &object));
    CU_ASSERT_TRUE(object.variable);
    CU_ASSERT_FALSE(symbols_object(symbols, pc, "t->none", &object));
    CU_ASSERT_FALSE(symbols_object(symbols, pc, "nothing", &object));
    CU_ASSERT_FALSE(symbols_object(symbols, pc, "t +", &object));
    CU_ASSERT_FALSE(symbols_object(symbols, pc, "t->leaves[2", &object));
    CU_ASSERT_FALSE(symbols_object(symbols, pc, "3", &object));
    CU_ASSERT_PTR_NOT_NULL(t);
    CU_ASSERT_PTR_NOT_NULL(word);
    symbols_free(symbols);
}

static void lvalues_lead_to_objects(void)
{
    struct tree tree = {.next = NULL};
    look_at(&tree, &plain);
}

static void lines_are_read(void)
{
    struct symbols *symbols = symbols_open();
    const char *line = symbols_line(symbols, __FILE__, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_STRING_EQUAL(line, "/*");
    CU_ASSERT_PTR_NULL(symbols_line(symbols, __FILE__, 0));
    CU_ASSERT_PTR_NULL(symbols_line(symbols, __FILE__, 100000));
    CU_ASSERT_PTR_NULL(symbols_line(symbols, "/no/such/file", 1));
    CU_ASSERT_PTR_NULL(symbols_line(symbols, NULL, 1));
    symbols_free(symbols);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a place is that of the call", a_place_is_that_of_the_call},
        {"inlined calls are frames", inlined_calls_are_frames},
        {"variables have names", variables_have_names},
        {"lvalues lead to objects", lvalues_lead_to_objects},
        {"lines are read", lines_are_read},
        {NULL, NULL},
    };
    return tap_run("symbols", cases);
}
