/*
 * The style of a report, by convention: NO_COLOR, CLICOLOR_FORCE, isatty, the
 * terminal's width, the locale's charset.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

/* Asked of the environment rather than of the current locale, so that nobody
 * need call setlocale(), which would change how numbers are written. */
static bool speaks_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        const char *value = getenv(names[k]);
        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "UTF-8") != NULL ||
                   strcasestr(value, "utf8") != NULL;
        }
    }
    return false;
}

static bool wants_colour(int fd)
{
    if (is_set("NO_COLOR")) {
        return false;
    }
    const char *force = getenv("CLICOLOR_FORCE");
    if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0) {
        return true;
    }
    const char *term = getenv("TERM");
    return fd >= 0 && isatty(fd) == 1 && term != NULL &&
           strcmp(term, "dumb") != 0;
}

struct report_style report_style_of(FILE *out)
{
    assert(out != NULL);
    struct report_style style = {.columns = 100};
    int fd = fileno(out);
    struct winsize window;
    if (fd >= 0 && isatty(fd) == 1 && ioctl(fd, TIOCGWINSZ, &window) == 0 &&
        window.ws_col >= 60) {
        style.columns = window.ws_col < 160 ? window.ws_col : 160;
    }
    style.colour = wants_colour(fd);
    style.unicode = speaks_utf8();
    return style;
}
