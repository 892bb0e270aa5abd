/*
 * What a pass says that it has seen: accesses of the code, found in it and
 * made or not, the same for any number of workers, and only where it is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* An atomic access on each of three lines, the last of which is for a value
 * that nobody ever writes. */
static const char source[] =
    "#include <faultline/object.h>\n"
    "#include <stdatomic.h>\n"
    "static _Atomic(fl_value) value = FL_NONE;\n"
    "static atomic_int never;\n"
    "static void *make(void) { return &never; }\n"
    "static fl_value put(void *self, const fl_value *a) {\n"
    "    (void)self;\n"
    "    atomic_store(&value, a[0]);\n"
    "    return FL_NONE;\n"
    "}\n"
    "static fl_value get(void *self, const fl_value *a) {\n"
    "    (void)self, (void)a;\n"
    "    fl_value seen = atomic_load(&value);\n"
    "    if (seen == -7) { atomic_store(&never, 1); }\n"
    "    return seen;\n"
    "}\n"
    "FL_OBJECT = {.name = \"seen\", .model = \"register\", .make = make,\n"
    "    .operations = {{\"write\", put}, {\"read\", get}}};\n";

START_TEST(lines_that_are_never_reached_are_named)
{
    FILE *file = fopen("seen.c", "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(source, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    expect_code(0, "$F cc -g -O2 -shared -o seen.so seen.c && $F run -n 700 "
                   "--format jsonl=a.jsonl --format text --library ./seen.so "
                   ">text.txt || { cat text.txt; false; }");
    expect_code(0, "grep '^      35 looked at: 2 of 3 atomic accesses, 1 pair "
                   "of writer and reader, [0-9]* interleavings$' text.txt");
    expect_code(0, "grep '^      no new access or pair in the last "
                   "[0-9]* of 700$' text.txt");
    expect_code(0, "grep '^      never made: seen.c:14$' text.txt");
    expect_code(0, "grep '\"reach\":{\"looked\":35,\"sites\":2,"
                   "\"sites_all\":3,\"pairs\":1,' a.jsonl");
    expect_code(0, "grep '\"never\":1,\"never_at\":\\[\"seen.c:14\"\\]}' "
                   "a.jsonl");
}
END_TEST

START_TEST(the_figures_are_those_of_one_worker)
{
    expect_code(0,
                "for j in 1 2 4; do $F run -n 2000 --jobs $j --format "
                "jsonl=$j.jsonl $R/scenarios/chain.yaml >/dev/null; grep -o "
                "'\"reach\":{[^}]*}' $j.jsonl >$j.txt; done; test -s 1.txt && "
                "cmp 1.txt 2.txt && cmp 1.txt 4.txt");
}
END_TEST

START_TEST(what_is_not_known_is_not_told)
{
    expect_code(0, "$F run --format "
                   "jsonl=a.jsonl $R/scenarios/ms_queue-exhaustive.yaml");
    expect_code(1, "grep '\"reach\"' a.jsonl");
    expect_code(1,
                "$F run --format jsonl=a.jsonl $R/scenarios/treiber-aba.yaml");
    expect_code(1, "grep '\"reach\"' a.jsonl");
    expect_code(0, "$F run --resume -n 500 $R/scenarios/ms_queue.yaml && "
                   "$F run --resume -n 500 --format jsonl=a.jsonl "
                   "$R/scenarios/ms_queue.yaml");
    expect_code(1, "grep '\"reach\"' a.jsonl");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reach");
    TCase *reach = tcase_create("reach");
    tcase_set_timeout(reach, 60);
    tcase_add_checked_fixture(reach, enter, leave);
    tcase_add_test(reach, lines_that_are_never_reached_are_named);
    tcase_add_test(reach, the_figures_are_those_of_one_worker);
    tcase_add_test(reach, what_is_not_known_is_not_told);
    suite_add_tcase(suite, reach);
    return check_tap_run(suite);
}
