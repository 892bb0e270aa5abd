/*
 * What a pass says that it has seen: accesses of the code, found in it and
 * made or not, the same for any number of workers and shards and wherever a
 * campaign was cut, and only where it is known.
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

/* The member of $1.jsonl, in $1.txt, where something was seen. */
#define SEEN \
    "seen() { grep -o '\"reach\":{[^}]*}' $1.jsonl >$1.txt; test -s $1.txt; }; "

START_TEST(shards_are_like_one_campaign)
{
    expect_code(0, SEEN "C=$R/scenarios/chain.yaml; $F run -n 1200 --format "
                        "jsonl=one.jsonl $C && seen one && for i in 1 2 3; do "
                        "$F run -n 1200 --shard $i/3 --jobs $i --out s$i "
                        "$C >/dev/null; done; $F merge --out all --format "
                        "jsonl=all.jsonl --format text s3 s1 s2 >text.txt && "
                        "seen all && cmp one.txt all.txt && grep 'never made: "
                        "chain' text.txt && $F merge --out b "
                        "--format jsonl=two.jsonl s1 s2 && seen two && "
                        "! cmp -s one.txt two.txt");
}
END_TEST

#ifdef __SANITIZE_ADDRESS__ /* a few times slower */
#define MANY "8000"
#else
#define MANY "24000"
#endif

START_TEST(a_campaign_that_goes_on_is_like_one)
{
    expect_code(0, SEEN "C=\"-n " MANY " $R/scenarios/chain.yaml\"; "
                        "$F run --format jsonl=one.jsonl --out one $C && "
                        "seen one; for i in 1 2; do timeout -s KILL 1.3 "
                        "$F run --resume --jobs $i $C; timeout -s INT 0.3 "
                        "$F run --resume $C; done >/dev/null; "
                        "$F run --resume --format jsonl=all.jsonl $C && "
                        "seen all && cmp one.txt all.txt && "
                        "$F run --resume --format jsonl=kept.jsonl $C && "
                        "seen kept && cmp one.txt kept.txt");
}
END_TEST

START_TEST(what_other_code_showed_is_not_joined)
{
    expect_code(0, "make() { sed \"s/-7/$1/\" seen.c >one.c; $F cc -g -O2 "
                   "-shared -o seen.so one.c; }; run() { $F run -n 300 "
                   "--seed 1 \"$@\" --library ./seen.so; }; make -7 && "
                   "run --shard 1/2 --out a && make -8 && "
                   "run --shard 2/2 --out b && $F merge --out all --format "
                   "jsonl=m.jsonl a b && grep schedules.:300, m.jsonl && "
                   "! grep '\"reach\"' m.jsonl && run --shard 1/2 --out d "
                   "&& $F merge --out e --format jsonl=m.jsonl d b && "
                   "grep '\"reach\".*\"never\":1,' m.jsonl");
}
END_TEST

/* All executions of a search are looked at. */
START_TEST(a_search_is_told_whole)
{
    expect_code(0, "printf 'scenario: 1\\nname: all\\nsystem: { kind: threads, "
                   "algorithm: ./seen.so, threads: 2 }\\nworkload: { "
                   "ops_per_thread: 1, mix: { read: 1, write: 1 } }\\n' "
                   ">all.yaml; $F cc -g -O2 -shared -o seen.so seen.c");
    expect_code(0, SEEN
                "run() { $F run --strategy dpor --seed 1 --resume --format "
                "jsonl=$1.jsonl all.yaml && seen $1; }; run a && cat a.txt && "
                "n=$(grep -o '\"executions\":[0-9]*' a.jsonl | tr -dc 0-9) && "
                "grep '\"looked\":'$n',' a.txt && run b && cmp a.txt b.txt");
}
END_TEST

START_TEST(what_is_not_known_is_not_told)
{
    expect_code(1,
                "$F run --format jsonl=a.jsonl $R/scenarios/treiber-aba.yaml");
    expect_code(1, "grep '\"reach\"' a.jsonl");
}
END_TEST

static void enter_with_source(void)
{
    enter();
    FILE *file = fopen("seen.c", "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(source, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

int main(void)
{
    Suite *suite = suite_create("reach");
    TCase *reach = tcase_create("reach");
    tcase_set_timeout(reach, 60);
    tcase_add_checked_fixture(reach, enter_with_source, leave);
    tcase_add_test(reach, lines_that_are_never_reached_are_named);
    tcase_add_test(reach, the_figures_are_those_of_one_worker);
    tcase_add_test(reach, shards_are_like_one_campaign);
    tcase_add_test(reach, a_campaign_that_goes_on_is_like_one);
    tcase_add_test(reach, what_other_code_showed_is_not_joined);
    tcase_add_test(reach, a_search_is_told_whole);
    tcase_add_test(reach, what_is_not_known_is_not_told);
    suite_add_tcase(suite, reach);
    return check_tap_run(suite);
}
