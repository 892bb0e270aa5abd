/*
 * The compiler wrapper: what a command line for a compiler asks for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CC_H
#define CLI_CC_H

#include <stdbool.h>
#include <stdint.h>

/* What is done with a command. */
enum cc_mode {
    CC_PASS,       /* handed on as it is: --version, -E, -M */
    CC_COMPILE,    /* objects or assembly: compiled instrumented */
    CC_SHARED,     /* a shared object: linked with the simulated world */
    CC_EXECUTABLE, /* a program: not instrumented, with a runtime that gives
                    * instrumented objects what they call */
};

/* What the command `words` (NULL-ended, without the compiler itself) asks for.
 */
enum cc_mode cc_mode_of(const char *const *words);

/* Whether the word names a source that a compiler compiles. */
bool cc_is_source(const char *word);

/* Whether the word after this one belongs to it: -o, -I, -x, ... */
bool cc_takes_next(const char *word);

/* Whether instrumented code is compiled without that word: another sanitizer,
 * or what would undo ours. */
bool cc_is_dropped(const char *word);

#endif
