/*
 * The ten lines of docs/checker.md, as they stand there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/model.h"
#include "checker/operations.h"

#include <string.h>

static void ten_lines_of_the_manual_pass(void)
{
    const char *said = "";
    struct fl_history *h = fl_history_new(fl_model_find("queue"), 100, 0);
    uint32_t put =
        fl_history_call(h, 0, FL_QUEUE_ENQUEUE, FL_NONE, (fl_value[]){7, 0});
    uint32_t get =
        fl_history_call(h, 1, FL_QUEUE_DEQUEUE, FL_NONE, (fl_value[]){0, 0});
    fl_history_return(h, get, 7);
    fl_history_return(h, put, FL_NONE);
    struct fl_result *result;
    if (fl_check(h, NULL, &result) == FL_OK) {
        said = fl_verdict_name(result->verdict);
        fl_result_free(result);
    }
    fl_history_free(h);
    CU_ASSERT_STRING_EQUAL(said, "pass");
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the ten lines of the manual pass", ten_lines_of_the_manual_pass},
        {NULL, NULL},
    };
    return tap_run("example", cases);
}
