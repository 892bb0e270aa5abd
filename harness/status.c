/*
 * Status lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/status.h"
#include "harness/wall.h"

#include <assert.h>
#include <inttypes.h>
#include <unistd.h>

enum {
    REDRAW_MS = 100,
    HEARTBEAT_MS = 30000,
};

void status_init(struct status *status, bool quiet)
{
    assert(status != NULL);
    *status = (struct status){.out = quiet ? NULL : stderr};
    status->terminal = isatty(STDERR_FILENO) == 1;
    status->next = wall_ms() + (status->terminal ? 200 : HEARTBEAT_MS);
}

static void print_view(const struct status *status,
                       const struct status_view *view, uint64_t elapsed)
{
    FILE *out = status->out;
    if (status->scenarios > 1) {
        (void)fprintf(out, "scenario %u/%u  ", status->number,
                      status->scenarios);
    }
    (void)fprintf(out, "%s  %" PRIu64, status->scenario, view->runs);
    if (view->planned != 0) {
        (void)fprintf(out, "/%" PRIu64, view->planned);
    }
    uint64_t rate = elapsed == 0 ? 0 : view->runs * 1000 / elapsed;
    uint64_t fresh = view->runs == 0 ? 0 : view->fresh * 1000 / view->runs;
    (void)fprintf(out,
                  " schedules  %" PRIu64 "/s  %" PRIu64
                  " new histories per 1000  %" PRIu64 " failure%s  %" PRIu64
                  ".%" PRIu64 " s",
                  rate, fresh, view->failures, view->failures == 1 ? "" : "s",
                  elapsed / 1000, elapsed / 100 % 10);
    if (view->deadline != WALL_NEVER && view->deadline >= view->started) {
        (void)fprintf(out, " of %" PRIu64 " s",
                      (view->deadline - view->started) / 1000);
    }
}

void status_show(struct status *status, const struct status_view *view,
                 bool now)
{
    if (status == NULL || status->out == NULL) {
        return;
    }
    assert(view != NULL && status->scenario != NULL);
    uint64_t time = wall_ms();
    if (!now && time < status->next) {
        return;
    }
    status->next = time + (status->terminal ? REDRAW_MS : HEARTBEAT_MS);
    bool redraw = status->terminal && !now;
    status_clear(status);
    print_view(status, view, time - view->started);
    if (!redraw) {
        (void)fputc('\n', status->out);
    }
    status->drawn = redraw;
    (void)fflush(status->out);
}

void status_clear(struct status *status)
{
    if (status != NULL && status->out != NULL && status->drawn) {
        (void)fputs("\r\033[K", status->out);
        (void)fflush(status->out);
        status->drawn = false;
    }
}
