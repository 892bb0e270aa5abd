/*
 * What compilers are told, and where our own files lie.
 *
 * The flags are measured with gcc 12 and clang 14; harness/sim/tsan_abi.h says
 * what they lead to.  -fplt is there because thread-locals are found through
 * a function of the plug-in's own, and without a PLT the linker turns the call
 * into bytes that some processors read in another way.  A frame larger than a
 * page is probed page by page, so that it meets the guard below its stack and
 * never the stack of another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/toolchain.h"

#include "harness/child.h"
#include "harness/image.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#define WIDE   "-mcx16", /* or 16 bytes would be a call of libatomic */
#define PROBED "-fstack-clash-protection",
#define PROBED_BY_GCC
#else
#define WIDE
#define PROBED /* clang 14 has it for x86 alone, gcc for guards of 64 KiB */
#define PROBED_BY_GCC \
    "-fstack-clash-protection", "--param=stack-clash-protection-guard-size=12",
#endif

/* Optimised a little: plain accesses stay close to the text. */
#define COMMON                                                                 \
    "-fsanitize=thread", "-O1", "-g", "-fPIC", "-fno-omit-frame-pointer",      \
        "-U_FORTIFY_SOURCE", WIDE PROBED "-fno-builtin-memcpy",                \
        "-fno-builtin-memmove", "-fno-builtin-memset", "-fno-builtin-mempcpy", \
        "-fno-builtin-strcpy", "-fno-builtin-strncpy", "-fno-builtin-stpcpy",  \
        "-fno-builtin-strcat", "-fno-builtin-strncat", "-fno-builtin-sprintf", \
        "-fno-builtin-snprintf", "-fno-lto"

static const char *const for_gcc[] = {
    COMMON,
    PROBED_BY_GCC "-fplt",
    "--param=tsan-instrument-func-entry-exit=0",
    "--param=tsan-distinguish-volatile=1",
    "-Wno-tsan",
    NULL,
};

static const char *const for_clang[] = {
    COMMON,
    "-mllvm",
    "-tsan-instrument-func-entry-exit=0",
    "-mllvm",
    "-tsan-distinguish-volatile=1",
    NULL,
};

static const char *const for_link[] = {
    "-fno-sanitize=all",
    "-Wl,-u,fl_sim_table",
    "-Wl,-z,now",
    "-Wl,-Bsymbolic",
    NULL,
};

_Static_assert(sizeof(for_gcc) / sizeof(for_gcc[0]) <= WORDS_OF_TOOLCHAIN &&
                   sizeof(for_clang) / sizeof(for_clang[0]) <=
                       WORDS_OF_TOOLCHAIN,
               "no list is longer");

bool toolchain_is_clang(const char *compiler)
{
    assert(compiler != NULL);
    int file = memfd_create("faultline-version", MFD_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const char *const words[] = {compiler, "--version", NULL};
    char text[400] = "";
    ssize_t size = 0;
    if (child_spawn(words, file) == 0) {
        size = pread(file, text, sizeof(text) - 1, 0);
    }
    close(file);
    text[size > 0 ? size : 0] = '\0';
    return strstr(text, "clang") != NULL;
}

const char *const *toolchain_compile(bool clang)
{
    return clang ? for_clang : for_gcc;
}

const char *const *toolchain_link(void)
{
    return for_link;
}

const char *const *toolchain_link_cxx(void)
{
    /* pthread_once() and mutexes are asked for weakly, which takes no member;
     * guards would be taken from libstdc++ where only its own code has one. */
    static const char *const words[] = {
        "-Wl,--wrap=pthread_once",
        "-Wl,-u,__wrap_pthread_once",
        "-Wl,-u,pthread_mutex_lock",
        "-Wl,-u,__cxa_guard_acquire",
        "-static-libstdc++",
        "-static-libgcc",
        "-Wl,--start-group",
        "-l:libstdc++.a",
        "-l:libgcc_eh.a",
        NULL,
    };
    return words;
}

bool toolchain_has(const char *name)
{
    assert(name != NULL && name[0] != '\0');
    if (strchr(name, '/') != NULL) {
        return access(name, X_OK) == 0;
    }
    const char *list = getenv("PATH");
    while (list != NULL && *list != '\0') {
        size_t size = strcspn(list, ":");
        char path[PATH_MAX];
        int made =
            snprintf(path, sizeof(path), "%.*s/%s", (int)size, list, name);
        if (made > 0 && (size_t)made < sizeof(path) &&
            access(path, X_OK) == 0) {
            return true;
        }
        list += size + (list[size] == ':' ? 1 : 0);
    }
    return false;
}

bool toolchain_file(const char *name, char *path, size_t max)
{
    char self[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    assert(name != NULL && max > 0);
    if (size <= 0) {
        return false;
    }
    self[size] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    /* build/faultline, build/tests/x_check, PREFIX/bin/faultline. */
    static const char *const places[] = {"", "/..", "/../lib"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int made = snprintf(path, max, "%s%s/%s", self, places[i], name);
        if (made > 0 && (size_t)made < max && access(path, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

bool toolchain_headers(char *word, size_t max)
{
    static const char header[] = "include/faultline/object.h";
    assert(max > 2);
    if (!toolchain_file(header, word + 2, max - 2)) {
        return false;
    }
    memcpy(word, "-I", 2);
    word[strlen(word) - strlen("/faultline/object.h")] = '\0';
    return true;
}

bool toolchain_instrumented(const char *path)
{
    FILE *nowhere = fopen("/dev/null", "w");
    struct image image;
    bool found = false;
    if (nowhere != NULL && image_open(&image, path, nowhere)) {
        assert(image.bytes != NULL);
        found = memmem(image.bytes, image.size, "__tsan_", 7) != NULL;
        image_close(&image);
    }
    if (nowhere != NULL) {
        (void)fclose(nowhere);
    }
    return found;
}
