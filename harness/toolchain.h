/*
 * The user's compiler: which one it is, and the words that make it compile
 * code for the simulated world.
 *
 * Code is compiled with -fsanitize=thread, so that every access becomes a call
 * of a hook, and linked without the sanitizer's own library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TOOLCHAIN_H
#define HX_TOOLCHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WORDS_OF_TOOLCHAIN = 32 /* at most, of each list below, with its NULL */
};

/* Whether `compiler` (a name looked up in PATH, or a path) is clang; false for
 * gcc, and for what cannot be asked. */
bool toolchain_is_clang(const char *compiler);

/* The words with which a file is compiled: a NULL-ended list. */
const char *const *toolchain_compile(bool clang);

/* The words with which objects become a plug-in, after the objects, and with
 * libfaultline-sim.a behind them: a NULL-ended list. */
const char *const *toolchain_link(void);

/* For C++, the words after libfaultline-sim.a: the runtime libraries, static,
 * in a group that the caller ends with it and "-Wl,--end-group".  So the calls
 * of libstdc++ are answered by it, too, and what both define is ours. */
const char *const *toolchain_link_cxx(void);

/* Whether the program `name` is in PATH (or is one, if it has a slash). */
bool toolchain_has(const char *name);

/* A file that goes with this program: writes the path of `name`
 * ("libfaultline-sim.a") beside the program, above it (tests), or in ../lib to
 * `path`.  False: there is none. */
bool toolchain_file(const char *name, char *path, size_t max);

/* "-I" and the folder in which <faultline/object.h> lies; false: nowhere. */
bool toolchain_headers(char *word, size_t max);

/* Whether the object file or archive at `path` has instrumented code: names a
 * hook.  False for what cannot be read. */
bool toolchain_instrumented(const char *path);

#endif
