/*
 * A first try at loading a plug-in, in a child.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trial.h"

#include "harness/child.h"
#include "harness/wall.h"

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

enum {
    LOADING_MS = 10000 /* that constructors may take */
};

/* In a child: loads the plug-in, and with it runs its constructors. */
static int try_loading(void *name)
{
    return dlopen(name, RTLD_NOW | RTLD_LOCAL) != NULL ? 0 : 1;
}

bool trial_loads(const char *title, const char *path, FILE *errors)
{
    assert(title != NULL && path != NULL);
    char name[4200];
    snprintf(name, sizeof(name), "%s%s", strchr(path, '/') ? "" : "./", path);
    (void)fflush(NULL);
    struct child_end end =
        child_run(try_loading, name, wall_ms() + LOADING_MS, NULL);
    if (end.exited && end.code <= 1 && !end.too_late) {
        return true; /* if it could not, the dynamic linker says why */
    }
    if (end.too_late) {
        fprintf(errors, "%s: error: its constructors do not end within %d s\n",
                title, LOADING_MS / 1000);
    } else if (end.exited) {
        fprintf(errors, "%s: error: its constructors end the program\n", title);
    } else {
        fprintf(errors, "%s: error: its constructors crash: SIG%s\n", title,
                sigabbrev_np(end.signal));
    }
    fprintf(errors, "  constructors run when it is loaded; make what needs a "
                    "thread or a file when it is first used\n");
    return false;
}
