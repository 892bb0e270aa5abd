/*
 * Real libraries as subjects: what is fetched, what is changed in it, and what
 * happens where nothing can be fetched.
 *
 * That a plug-in finds its flaw is the hunt's to say.  Here: the rest is built,
 * and nobody takes a plug-in of yesterday for one of today, when the source is
 * not in reach, is another one, or has no such line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* A directory with a plug-in of yesterday. */
static void begin(void)
{
    enter();
    expect_code(0, "mkdir -p fetched build/algorithms && "
                   "echo old >build/algorithms/ck_set.so");
}

static void expect_whole(const char *path, const char *text)
{
    const char *found = content(path);
    ck_assert_msg(found != NULL && strcmp(found, text) == 0,
                  "%s is not '%s' but '%s'", path, text,
                  found == NULL ? "(missing)" : found);
}

static const char compile[] =
    "here=$PWD; cd \"$R\" && CC=${CC:-cc} CFLAGS='-w -I.' PARTS=ck_hs "
    "PATCHED=ck_hs.c PART_FLAGS= LINK= sh algorithms/libraries/compile.sh "
    "ck_set ck \"$here/fetched\" \"$here/build\"";

START_TEST(without_the_source_it_is_left_out)
{
    expect_code(0, "http_proxy=http://127.0.0.1:9 "
                   "sh \"$R/algorithms/libraries/fetch.sh\" ck fetched");
    expect_whole("fetched/ck.skipped",
                 "the source of ck 0.7.1 is not in reach\n");
    expect_code(0, "ls fetched");
    expect_whole("out.txt", "ck.skipped\n"); /* nothing half fetched */
    expect_code(0, compile);
    expect_code(0, "ls build/algorithms/*.s*");
    expect_whole("out.txt", "build/algorithms/ck_set.skipped\n");
}
END_TEST

START_TEST(another_source_is_refused)
{
    expect_code(0,
                "mkdir fetched/ck && echo 'int nothing;' >fetched/ck/ck_hs.c");
    ck_assert_int_ne(shell("%s", compile), 0);
    expect_text("err.txt", "ck_hs.c: no such line: ck_hs_map_signal(map, h);");
    ck_assert_int_ne(shell("ls build/algorithms/*.so"), 0);
}
END_TEST

START_TEST(one_line_is_changed)
{
    expect_code(0,
                "for i in 1 2 3 4 5; do "
                "echo $i; echo '  ck_hs_map_signal(map, h); '$i; done >source");
    expect_code(1, "sh \"$R/algorithms/libraries/patch.sh\" ck_hs.c changed "
                   "source && diff source changed/ck_hs.c");
    expect_whole("out.txt", "8c8\n<   ck_hs_map_signal(map, h); 4\n---\n"
                            ">    4\n");
}
END_TEST

START_TEST(what_was_left_out_is_said)
{
    expect_code(0, "rm build/algorithms/ck_set.so && "
                   "echo 'no source' >build/algorithms/ck_set.skipped");
    ck_assert_int_eq(setenv("FAULTLINE_ALGORITHMS", "build/algorithms", 1), 0);
    expect_code(0, "\"$F\" hunt \"$R/scenarios/ck_set.yaml\"");
    expect_text("out.txt", "skipped: no source");
    expect_text("out.txt", "1 scenarios, 0 missed, 1 skipped");
    expect_code(77, "\"$F\" run \"$R/scenarios/ck_set.yaml\"");
    (void)shell("\"$F\" list algorithms"); /* all the others are missing */
    expect_text("out.txt", "ck_set\n  left out: no source\n");
    (void)shell("\"$F\" doctor");
    expect_text("out.txt", "no source");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("libraries");
    TCase *all = tcase_create("sources");
    tcase_add_checked_fixture(all, begin, leave);
    tcase_set_timeout(all, 150);
    tcase_add_test(all, without_the_source_it_is_left_out);
    tcase_add_test(all, another_source_is_refused);
    tcase_add_test(all, one_line_is_changed);
    tcase_add_test(all, what_was_left_out_is_said);
    suite_add_tcase(suite, all);
    return check_tap_run(suite);
}
