/*
 * Where plug-ins lie: beside the program that was built, or installed with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/plugin.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes PLACE/FILE to `path`; false if there is no such file. */
static bool try_place(const char *place, const char *file, char *path,
                      size_t max)
{
    int size = snprintf(path, max, "%s/%s", place, file);
    return size > 0 && (size_t)size < max && access(path, R_OK) == 0;
}

/* The folder of the running program, without a slash at its end. */
static bool find_own_folder(char *folder, size_t max)
{
    ssize_t size = readlink("/proc/self/exe", folder, max - 1);
    if (size <= 0) {
        return false;
    }
    assert((size_t)size < max);
    folder[size] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

static bool is_path(const char *name)
{
    size_t length = strlen(name);
    return strchr(name, '/') != NULL ||
           (length > 3 && strcmp(name + length - 3, ".so") == 0);
}

/* Finds `file` where plug-ins lie. */
static bool find_file(const char *file, char *path, size_t max)
{
    assert(strchr(file, '/') == NULL);
    const char *chosen = getenv("FAULTLINE_ALGORITHMS");
    if (chosen != NULL && chosen[0] != '\0') {
        return try_place(chosen, file, path, max);
    }
    char folder[PATH_MAX];
    if (!find_own_folder(folder, sizeof(folder))) {
        return false;
    }
    /* build/faultline, build/tests/x_check; PREFIX/bin/faultline. */
    static const char *const places[] = {"algorithms", "../algorithms",
                                         "../lib/faultline/algorithms",
                                         "../lib/faultline"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char place[PATH_MAX + 40];
        snprintf(place, sizeof(place), "%s/%s", folder, places[i]);
        if (try_place(place, file, path, max)) {
            return true;
        }
    }
    return false;
}

bool plugin_find(const char *name, const char *reclaim, char *path, size_t max)
{
    assert(name != NULL && max > 0);
    if (is_path(name)) {
        bool plain = strchr(name, '/') == NULL;
        int size = snprintf(path, max, "%s%s", plain ? "./" : "", name);
        return size > 0 && (size_t)size < max && access(path, R_OK) == 0;
    }
    bool plain = reclaim == NULL || reclaim[0] == '\0';
    char file[NAME_MAX];
    int size = snprintf(file, sizeof(file), "%s%s%s.so", name, plain ? "" : "_",
                        plain ? "" : reclaim);
    return size > 0 && (size_t)size < sizeof(file) &&
           find_file(file, path, max);
}

bool plugin_left_out(const char *name, char *reason, size_t max)
{
    assert(name != NULL && max > 0);
    char path[PATH_MAX];
    char file[NAME_MAX];
    int size = snprintf(file, sizeof(file), "%s.skipped", name);
    if (is_path(name) || size <= 0 || (size_t)size >= sizeof(file) ||
        plugin_find(name, NULL, path, sizeof(path)) ||
        !find_file(file, path, sizeof(path))) {
        return false;
    }
    FILE *text = fopen(path, "re");
    bool known = text != NULL && fgets(reason, (int)max, text) != NULL;
    if (text != NULL) {
        (void)fclose(text);
    }
    if (!known) {
        (void)snprintf(reason, max, "it was not built");
    }
    reason[strcspn(reason, "\n")] = '\0';
    return true;
}
