/*
 * The file of a plug-in, read before it is loaded.
 *
 * Loading the wrong file gives the dynamic linker's words at best, and a run
 * that sees nothing at worst: code that was not instrumented has no points.
 * So everything that can be known from the file is looked at first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_IMAGE_H
#define HX_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A file, as it is in memory. */
struct image {
    const unsigned char *bytes;
    size_t size;
};

/* Reads the file at `path` into *image, which the caller ends with
 * image_close().  False: what is wrong was written to `errors`. */
bool image_open(struct image *image, const char *path, FILE *errors);
void image_close(struct image *image);

/* Whether `image`, called `path`, is a plug-in that the simulated world can
 * run; what is wrong is written to `errors`, each with what to do next.
 * `known`: that it is instrumented, since we compiled it; there may be no
 * access in it. */
bool image_judge(const struct image *image, const char *path, bool known,
                 FILE *errors);

/* Whether it has an object or an algorithm, whatever else is wrong with it. */
bool image_is_plugin(const struct image *image);

/* Whether weak compare-and-swaps of the plug-in can be told from strong ones.
 * gcc calls a hook of each; clang calls one for both. */
bool image_tells_weak(const struct image *image);

/* Whether a runtime library is linked into it, whose own stores nobody sees:
 * that of C++. */
bool image_is_mixed(const struct image *image);

/* Whether the dynamic linker would make variables in it one for all that is
 * loaded (STB_GNU_UNIQUE, as C++ has them), so that copies would share them. */
bool image_is_shared(const struct image *image);

/* Writes `image` to a memory file, in which such variables are its own; its
 * name goes to `name`.  Returns its descriptor, which the caller closes, or
 * -1. */
int image_copy(const struct image *image, char *name, size_t max);

/* Whether an instruction in it reads or sets the control word of SSE (aarch64:
 * those of floating point), or may: then each fiber has one of its own. */
bool image_sets_modes(const struct image *image);

/* Whether it finds thread-locals at a distance from the thread pointer, without
 * a call: all fibers would share them. */
bool image_shares_locals(const struct image *image);

/* Whether a function of libc is known to neither wait, nor act on the system,
 * nor hide accesses that matter: plug-ins may call it directly. */
bool image_is_harmless(const char *name);

/* Whether it is one of mathematics; image_is_harmless() asks this, too. */
bool image_is_math(const char *name);

/* Whether the runtime library of C++ refers to it, in ways that do not matter:
 * text in the language of the user, wide characters, its own tables. */
bool image_is_of_cxx(const char *name);

#endif
