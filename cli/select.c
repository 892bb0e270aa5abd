/*
 * Selecting scenario files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/select.h"
#include "cli/embedded.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PATH_SIZE_MAX = 1024
};

const char select_default[] = "<default>";

static void add_path(struct selection *selection, const char *path)
{
    if (selection->count == SELECT_MAX) {
        (void)fprintf(stderr,
                      "faultline: more than %d scenarios; '%s' is "
                      "left out\n",
                      SELECT_MAX, path);
        return;
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        perror("faultline");
        exit(70);
    }
    selection->path[selection->count++] = copy;
}

static int is_scenario(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 ||
            strcmp(dot, ".json") == 0);
}

static void add_directory(struct selection *selection, const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_scenario, alphasort);
    if (count < 0) {
        (void)fprintf(stderr, "faultline: cannot read %s: %s\n", path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        selection->missing++;
        return;
    }
    if (count == 0) {
        (void)fprintf(
            stderr, "faultline: no scenario (*.yaml) in directory %s\n", path);
    }
    size_t size = strlen(path);
    const char *slash = size > 0 && path[size - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        char file[PATH_SIZE_MAX];
        (void)snprintf(file, sizeof(file), "%s%s%s", path, slash,
                       entries[i]->d_name);
        add_path(selection, file);
        free(entries[i]);
    }
    free(entries);
}

void select_add(struct selection *selection, const char *word)
{
    assert(selection != NULL && word != NULL);
    if (strcmp(word, "-") == 0) {
        add_path(selection, word);
        return;
    }
    struct stat status;
    if (stat(word, &status) != 0) {
        (void)fprintf(stderr,
                      "faultline: no scenario '%s': %s\n"
                      "try: faultline list scenarios\n",
                      word,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        selection->missing++;
    } else if (S_ISDIR(status.st_mode)) {
        add_directory(selection, word);
    } else {
        add_path(selection, word);
    }
}

void select_discover(struct selection *selection)
{
    assert(selection != NULL);
    struct stat status;
    if (stat("scenarios", &status) == 0 && S_ISDIR(status.st_mode)) {
        add_directory(selection, "scenarios");
    } else {
        add_path(selection, select_default);
    }
}

void select_release(struct selection *selection)
{
    for (uint32_t i = 0; i < selection->count; i++) {
        free(selection->path[i]);
    }
    selection->count = 0;
}

struct scenario *select_load(const char *path)
{
    assert(path != NULL);
    if (strcmp(path, select_default) == 0) {
        return scenario_parse(path, embedded_scenario,
                              strlen(embedded_scenario), stderr);
    }
    return scenario_load(path, stderr);
}
