/*
 * Runs that differ when they are repeated: the source is named, and the line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* A file `name` with this text, in the working directory. */
static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* An object whose operation takes in `source`, and looks so often at `n`. */
static void build_unsteady(const char *source)
{
    char text[1200];
    (void)snprintf(
        text, sizeof(text),
        "#include <faultline/object.h>\n"
        "#include <stdatomic.h>\n"
        "static atomic_long n;\n"
        "static void *make(void) { static int any; return &any; }\n"
        "static fl_value add(void *self, const fl_value *a)\n{\n"
        "    (void)self;\n"
        "    unsigned draw;\n"
        "    %s\n"
        "    for (unsigned i = 0; i < draw %% 4; i++) {\n"
        "        atomic_load(&n); /* line 11 */\n"
        "    }\n"
        "    return atomic_fetch_add(&n, a[0]); /* line 13 */\n}\n"
        "FL_OBJECT = {.name = \"u\", .model = \"counter\", .make = make,\n"
        "             .operations = {{\"add\", add}}};\n",
        source);
    put("u.c", text);
    expect_code(0, "$F cc -shared -o u.so u.c");
    put("u.yaml", "scenario: 1\nname: u\n"
                  "system: { kind: threads, algorithm: ./u.so, threads: 2 }\n"
                  "run: { seeds: 1..2000 }\n");
}

static void expect_source(const char *source)
{
    expect_code(3, "$F run --no-svg u.yaml");
    expect_text("out.txt", "not deterministic: run ");
    expect_text("out.txt", source);
    const char *text = content("out.txt");
    ck_assert_msg(strstr(text, "u.c:11") != NULL ||
                      strstr(text, "u.c:13") != NULL,
                  "%s", text);
}

START_TEST(a_clock_is_named)
{
#if defined(__x86_64__)
    build_unsteady("draw = (unsigned)(__builtin_ia32_rdtsc() >> 5);");
#else
    build_unsteady("unsigned long now; __asm__ volatile(\"mrs %0, "
                   "cntvct_el0\" : \"=r\"(now)); draw = (unsigned)now;");
#endif
    expect_source("it takes in something from outside the simulated world");
}
END_TEST

/* Far down, where no frame of ours has been: those of a build for debugging are
 * large. */
START_TEST(memory_that_nobody_wrote_is_named)
{
    build_unsteady("volatile unsigned char room[6000]; "
                   "__asm__ volatile(\"\" : \"=m\"(room)); draw = room[13];");
    expect_source("it reads memory that nobody wrote");
}
END_TEST

START_TEST(what_is_steady_is_not_accused)
{
    build_unsteady("draw = 3;");
    expect_code(0, "$F run --no-svg u.yaml");
    ck_assert_ptr_null(strstr(content("out.txt"), "warning: "));
}
END_TEST

/* The same with the addresses of two blocks, which are given back. */
static void build_with_blocks(const char *source)
{
    char text[700];
    (void)snprintf(text, sizeof(text),
                   "void *malloc(unsigned long); void free(void *); "
                   "void *p = malloc(24), *q = malloc(24); "
                   "unsigned long at = (unsigned long)p; (void)at; "
                   "%s free(q); free(p);",
                   source);
    build_unsteady(text);
}

/* Equal here, time and again, so that the verdict is as without it. */
static void expect_addresses(int code, const char *place)
{
    expect_code(code, "$F run --no-svg --no-shrink u.yaml");
    expect_text("out.txt", "warning: behaviour depends on addresses: ");
    expect_text("out.txt", "the first step that differs is step ");
    expect_text("out.txt", place);
}

START_TEST(a_hash_of_a_pointer_is_named)
{
    build_with_blocks("draw = (unsigned)(at * 0x9e3779b97f4a7c15u >> 61);");
    expect_addresses(0, "u.c:1");
}
END_TEST

START_TEST(the_order_of_blocks_is_named)
{
    build_with_blocks("draw = p < q ? 3 : 1;");
    expect_addresses(0, "u.c:1");
}
END_TEST

START_TEST(a_pointer_in_what_is_returned_is_named)
{
    build_with_blocks("draw = 1; if (p != q) { return (fl_value)at; }");
    expect_addresses(1, "u.c:");
}
END_TEST

START_TEST(an_address_outside_the_heap_is_named)
{
    build_unsteady("draw = (unsigned)((unsigned long)&draw >> 28);");
    expect_addresses(0, "u.c:1");
}
END_TEST

/* After a search, whichever it was; `rest` is of its scenario. */
static void search(const char *rest)
{
    char text[400];
    (void)snprintf(text, sizeof(text),
                   "scenario: 1\nname: u\n"
                   "system: { kind: threads, algorithm: ./u.so, threads: 2 }\n"
                   "workload: { ops_per_thread: 1 }\n%s\n",
                   rest);
    put("e.yaml", text);
    expect_code(0, "$F run --no-svg --no-shrink e.yaml");
    expect_text("out.txt", "not violated in all");
}

static const char *const searches[] = {
    "schedule: { strategy: exhaustive, preemptions: 1 }",
    ("schedule: { strategy: exhaustive, preemptions: 1, symmetry: on,"
     " prune: state }"),
    "schedule: { strategy: dpor }"};

START_TEST(a_search_says_so_too)
{
    build_with_blocks("draw = (unsigned)(at * 0x9e3779b97f4a7c15u >> 61);");
    search(searches[_i]);
    expect_text("out.txt", "warning: behaviour depends on addresses: ");
    expect_text("out.txt", "u.c:1");
    build_with_blocks("draw = p == q ? 3 : 1;");
    search(searches[_i]);
    ck_assert_ptr_null(strstr(content("out.txt"), "depends on addresses"));
}
END_TEST

/* A list is made of pointers, and goes the same way wherever it lies; so does
 * what asks whether two pointers are equal. */
START_TEST(pointers_that_are_followed_are_not_accused)
{
    build_with_blocks("static void *_Atomic top; *(void **)p = top; top = p; "
                      "draw = top == p ? 1 : 2; top = *(void **)p; "
                      "((void **)q)[1] = p;");
    expect_code(0, "$F run --no-svg u.yaml");
    ck_assert_ptr_null(strstr(content("out.txt"), "warning: "));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unsteady");
    TCase *tcase = make_case(suite, "unsteady");
    tcase_add_test(tcase, a_clock_is_named);
    tcase_add_test(tcase, memory_that_nobody_wrote_is_named);
    tcase_add_test(tcase, what_is_steady_is_not_accused);
    tcase_add_test(tcase, a_hash_of_a_pointer_is_named);
    tcase_add_test(tcase, the_order_of_blocks_is_named);
    tcase_add_test(tcase, a_pointer_in_what_is_returned_is_named);
    tcase_add_test(tcase, an_address_outside_the_heap_is_named);
    tcase_add_loop_test(tcase, a_search_says_so_too, 0, 3);
    tcase_add_test(tcase, pointers_that_are_followed_are_not_accused);
    return check_tap_run(suite);
}
