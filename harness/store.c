/*
 * The out/ directory: whole directories by rename.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/store.h"
#include "harness/child.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DRAWINGS_MAX = 16 /* .dot files of one failure */
};

static bool is_fit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '+';
}

void store_init(struct store *store, const char *out, const char *scenario)
{
    assert(store != NULL);
    assert(out != NULL && scenario != NULL);
    *store = (struct store){0};
    (void)snprintf(store->out, sizeof(store->out), "%s", out);
    size_t size = 0;
    for (; scenario[size] != '\0' && size + 1 < sizeof(store->scenario);
         size++) {
        store->scenario[size] = '_';
        if (is_fit(scenario[size])) {
            store->scenario[size] = scenario[size];
        }
    }
    if (size == 0) {
        store->scenario[0] = '_';
    }
}

int store_make_directories(const char *path)
{
    assert(path != NULL && path[0] != '\0');
    char part[STORE_PATH_MAX];
    (void)snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) {
            return errno;
        }
        *slash = '/';
    }
    if (mkdir(part, 0777) != 0 && errno != EEXIST) {
        return errno;
    }
    return 0;
}

/* Tries to begin under store->root; 0 or an errno. */
static int try_begin(struct store *store, struct parcel *parcel)
{
    int error = store_make_directories(store->root);
    if (error != 0) {
        return error;
    }
    int size = snprintf(parcel->making, sizeof(parcel->making),
                        "%s/.making-XXXXXX", store->root);
    if (size < 0 || (size_t)size >= sizeof(parcel->making)) {
        return ENAMETOOLONG;
    }
    if (mkdtemp(parcel->making) == NULL) {
        return errno;
    }
    return chmod(parcel->making, 0755) == 0 ? 0 : errno;
}

/* out/ failed with `error`: goes on in a directory of its own. */
static bool move_to_scratch(struct store *store, int error)
{
    if (store->error != 0) {
        return false; /* it is there already */
    }
    store->error = error;
    const char *base = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe)
    if (base == NULL || base[0] == '\0') {
        base = "/tmp";
    }
    char path[STORE_PATH_MAX];
    int size = snprintf(path, sizeof(path), "%s/faultline-XXXXXX", base);
    if (size < 0 || (size_t)size + sizeof(store->scenario) >= sizeof(path) ||
        mkdtemp(path) == NULL) {
        return false;
    }
    size = snprintf(store->root, sizeof(store->root), "%s/%s", path,
                    store->scenario);
    return size > 0 && (size_t)size < sizeof(store->root);
}

bool store_begin(struct store *store, struct parcel *parcel)
{
    assert(store != NULL && parcel != NULL);
    *parcel = (struct parcel){.store = store};
    if (store->root[0] == '\0') {
        int size = snprintf(store->root, sizeof(store->root), "%s/%s",
                            store->out, store->scenario);
        if (size < 0 || (size_t)size >= sizeof(store->root)) {
            store->root[0] = '\0';
            parcel->error = ENAMETOOLONG;
        }
    }
    if (parcel->error == 0) {
        parcel->error = try_begin(store, parcel);
    }
    if (parcel->error != 0 && move_to_scratch(store, parcel->error)) {
        parcel->error = try_begin(store, parcel);
    }
    if (parcel->error != 0) {
        parcel->making[0] = '\0';
    }
    return parcel->error == 0;
}

static void keep_error(struct parcel *parcel, int error)
{
    if (parcel->error == 0) {
        parcel->error = error == 0 ? EIO : error;
    }
}

/* Writes the path of file `name` to parcel->file. */
static bool name_file(struct parcel *parcel, const char *name)
{
    assert(parcel->making[0] != '\0');
    int size = snprintf(parcel->file, sizeof(parcel->file), "%s/%s",
                        parcel->making, name);
    if (size < 0 || (size_t)size >= sizeof(parcel->file)) {
        keep_error(parcel, ENAMETOOLONG);
        return false;
    }
    return true;
}

FILE *store_file(struct parcel *parcel, const char *name)
{
    assert(name != NULL && strchr(name, '/') == NULL);
    if (!name_file(parcel, name)) {
        return NULL;
    }
    FILE *file = fopen(parcel->file, "w");
    if (file == NULL) {
        keep_error(parcel, errno);
    }
    return file;
}

void store_close(struct parcel *parcel, FILE *file)
{
    assert(file != NULL);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        keep_error(parcel, errno);
    }
}

void store_text(struct parcel *parcel, const char *name, const char *text)
{
    FILE *file = store_file(parcel, name);
    if (file != NULL) {
        (void)fputs(text, file);
        store_close(parcel, file);
    }
}

void store_trace(struct parcel *parcel, const char *name,
                 const struct trace *trace)
{
    if (name_file(parcel, name)) {
        int error = trace_write(trace, parcel->file);
        if (error != 0) {
            keep_error(parcel, error);
        }
    }
}

/* Puts the directory at `from` in the place of `to`. */
static int swap_in(const char *from, const char *to)
{
    if (rename(from, to) == 0) {
        return 0;
    }
    if (errno != EEXIST && errno != ENOTEMPTY) {
        return errno;
    }
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0) {
        store_remove(from);
        return 0;
    }
    store_remove(to); /* a file system that cannot exchange */
    return rename(from, to) == 0 ? 0 : errno;
}

bool store_commit(struct parcel *parcel, const char *name, char *path)
{
    assert(parcel != NULL && name != NULL && path != NULL);
    int size =
        snprintf(path, STORE_PATH_MAX, "%s/%s", parcel->store->root, name);
    if (size < 0 || size >= STORE_PATH_MAX) {
        keep_error(parcel, ENAMETOOLONG);
    }
    if (parcel->error == 0) {
        int error = swap_in(parcel->making, path);
        if (error != 0) {
            keep_error(parcel, error);
        }
    }
    if (parcel->error != 0) {
        path[0] = '\0';
        store_abandon(parcel);
    }
    return parcel->error == 0;
}

void store_abandon(struct parcel *parcel)
{
    assert(parcel != NULL);
    if (parcel->making[0] != '\0') {
        store_remove(parcel->making);
        parcel->making[0] = '\0';
    }
}

void store_remove(const char *path)
{
    assert(path != NULL);
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        (void)unlinkat(dirfd(directory), entry->d_name, 0);
    }
    (void)closedir(directory);
    (void)rmdir(path);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

/* Collects the .dot files at `path`, in `files`; returns their number. */
static uint32_t find_drawings(const char *path, char (*files)[STORE_PATH_MAX])
{
    uint32_t count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (ends_with(entry->d_name, ".dot") && count < DRAWINGS_MAX) {
            int size = snprintf(files[count], STORE_PATH_MAX, "%s/%s", path,
                                entry->d_name);
            count += size > 0 && size < STORE_PATH_MAX;
        }
    }
    (void)closedir(directory);
    return count;
}

bool store_draw(const char *path)
{
    assert(path != NULL);
    char(*files)[STORE_PATH_MAX] = calloc(DRAWINGS_MAX, sizeof(*files));
    if (files == NULL) {
        return false;
    }
    /* One process draws all: starting it costs as much as a drawing. */
    const char *arguments[DRAWINGS_MAX + 4] = {"dot", "-Tsvg", "-O"};
    uint32_t count = find_drawings(path, files);
    for (uint32_t i = 0; i < count; i++) {
        arguments[3 + i] = files[i];
    }
    bool drawn = count == 0 || child_spawn(arguments, -1) == 0;
    for (uint32_t i = 0; i < count && drawn; i++) {
        char from[STORE_PATH_MAX + 8];
        char to[STORE_PATH_MAX + 8];
        int stem = (int)(strlen(files[i]) - strlen(".dot"));
        (void)snprintf(from, sizeof(from), "%s.svg", files[i]);
        (void)snprintf(to, sizeof(to), "%.*s.svg", stem, files[i]);
        drawn = rename(from, to) == 0;
    }
    free(files);
    return drawn;
}

bool store_found(struct store *store, const struct trace *trace, char *path)
{
    assert(store != NULL && trace != NULL && path != NULL);
    path[0] = '\0';
    char name[64];
    (void)snprintf(name, sizeof(name), "found-%" PRIu64, trace->index);
    for (int attempt = 0; attempt < 2; attempt++) {
        struct parcel parcel;
        if (!store_begin(store, &parcel)) {
            return false;
        }
        store_trace(&parcel, "original.trace.json", trace);
        if (trace->scenario_text != NULL) {
            store_text(&parcel, "scenario.yaml", trace->scenario_text);
        }
        char repeat[2 * STORE_PATH_MAX];
        (void)snprintf(repeat, sizeof(repeat),
                       "faultline replay %s/%s/original.trace.json\n",
                       store->root, name);
        store_text(&parcel, "repeat.txt", repeat);
        if (store_commit(&parcel, name, path)) {
            return true;
        }
        if (!move_to_scratch(store, parcel.error)) {
            return false;
        }
    }
    return false;
}
