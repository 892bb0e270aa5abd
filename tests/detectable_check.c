/*
 * The criterion `detectable` in scenarios: what those who were killed are told
 * when they are back, and that an object is held to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* Writes the scenario `name` of the tree to s.yaml, changed by `edit`. */
static void take(const char *name, const char *edit)
{
    ck_assert_int_eq(setenv("NAME", name, 1), 0);
    ck_assert_int_eq(setenv("EDIT", edit, 1), 0);
    expect_code(0, "sed \"$EDIT\" $R/scenarios/$NAME.yaml >s.yaml");
}

START_TEST(the_sound_form_keeps_its_word)
{
    expect_code(0, "$F run $R/scenarios/detectable_counter.yaml "
                   "--schedules 5000 --no-svg");
    expect_text("out.txt", "not violated in 5000 schedules");
}
END_TEST

static const char *const flaws[] = {"unseen", "looks_late", "no_number"};

START_TEST(each_flaw_breaks_it)
{
    char name[80];
    snprintf(name, sizeof(name), "detectable_counter-%s", flaws[_i]);
    take(name, "s/^expect:.*//");
    expect_code(1, "$F run s.yaml --no-svg");
    expect_text("out.txt", "told: ");
    expect_text("out.txt", "STUCK");
    expect_code(1, "$F replay out/*/*/trace.json --times 20");
}
END_TEST

/* The counter is right; only what it says of itself is not. */
START_TEST(less_is_kept)
{
    take("detectable_counter-unseen",
         "s/criterion: detectable/criterion: recoverable/; s/^expect:.*//");
    expect_code(0, "$F run s.yaml --no-svg --schedules 3000");
}
END_TEST

START_TEST(somebody_is_told_that_it_was_done)
{
    take("detectable_counter-unseen", "s/^expect:.*//");
    expect_code(1, "$F run s.yaml --no-svg");
    expect_text("out.txt", "told: not done");
    take("detectable_counter-no_number", "s/^expect:.*//");
    expect_code(1, "$F run s.yaml --no-svg");
    expect_text("out.txt", "told: 0");
}
END_TEST

START_TEST(who_tells_nothing_is_not_asked)
{
    take("shm_region", "s/criterion: strict/criterion: detectable/");
    expect_code(65, "$F run s.yaml");
    expect_text("err.txt", "shm_region tells them nothing (it has no resolve)");
    expect_text("err.txt", "use recoverable or strict");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detectable");
    TCase *tcase = make_case(suite, "detectable");
    tcase_add_test(tcase, the_sound_form_keeps_its_word);
    tcase_add_loop_test(tcase, each_flaw_breaks_it, 0,
                        sizeof(flaws) / sizeof(flaws[0]));
    tcase_add_test(tcase, less_is_kept);
    tcase_add_test(tcase, somebody_is_told_that_it_was_done);
    tcase_add_test(tcase, who_tells_nothing_is_not_asked);
    return check_tap_run(suite);
}
