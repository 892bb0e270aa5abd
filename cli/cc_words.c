/*
 * Command lines of compilers, as far as the wrapper must understand them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cc.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static bool is_one_of(const char *word, const char *const *list)
{
    assert(word != NULL);
    for (uint32_t i = 0; list[i] != NULL; i++) {
        if (strcmp(word, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

bool cc_takes_next(const char *word)
{
    static const char *const takers[] = {"-o",
                                         "-I",
                                         "-D",
                                         "-U",
                                         "-L",
                                         "-l",
                                         "-x",
                                         "-include",
                                         "-imacros",
                                         "-isystem",
                                         "-iquote",
                                         "-idirafter",
                                         "-MF",
                                         "-MT",
                                         "-MQ",
                                         "-Xlinker",
                                         "-Xpreprocessor",
                                         "-Xassembler",
                                         "-Xclang",
                                         "-mllvm",
                                         "-T",
                                         "-u",
                                         "-z",
                                         "-e",
                                         "-arch",
                                         "-target",
                                         "--param",
                                         "-aux-info",
                                         "-dumpbase",
                                         "-specs",
                                         "-isysroot",
                                         "-B",
                                         "-A",
                                         "-wrapper",
                                         "-h",
                                         "-soname",
                                         NULL};
    return is_one_of(word, takers);
}

bool cc_is_source(const char *word)
{
    static const char *const ends[] = {".c",   ".cc", ".cp", ".cpp", ".cxx",
                                       ".c++", ".C",  ".s",  ".S",   ".i",
                                       ".ii",  ".sx", NULL};
    const char *dot = strrchr(word, '.');
    return word[0] != '-' && dot != NULL && is_one_of(dot, ends);
}

bool cc_is_dropped(const char *word)
{
    static const char *const whole[] = {
        "-static",         "-pie",        "-fno-plt", "-p", "-pg",
        "-fwhole-program", "-static-pie", NULL};
    return is_one_of(word, whole) || begins(word, "-fsanitize") ||
           begins(word, "-flto") || begins(word, "-fprofile") ||
           strcmp(word, "--coverage") == 0;
}

/* Only asks, or ends before anything is compiled. */
static bool is_question(const char *word)
{
    static const char *const questions[] = {"-E",
                                            "-M",
                                            "-MM",
                                            "-fsyntax-only",
                                            "--version",
                                            "--help",
                                            "-###",
                                            "-dumpversion",
                                            "-dumpmachine",
                                            "-dumpspecs",
                                            "-dumpfullversion",
                                            "--target-help",
                                            NULL};
    return is_one_of(word, questions) || begins(word, "-print-") ||
           begins(word, "--print-") || begins(word, "--help=");
}

enum cc_mode cc_mode_of(const char *const *words)
{
    assert(words != NULL);
    enum cc_mode mode = CC_EXECUTABLE;
    bool input = false;
    for (uint32_t i = 0; words[i] != NULL; i++) {
        const char *word = words[i];
        if (is_question(word)) {
            return CC_PASS;
        }
        if (strcmp(word, "-c") == 0 || strcmp(word, "-S") == 0) {
            mode = CC_COMPILE;
        } else if (mode == CC_EXECUTABLE && (strcmp(word, "-shared") == 0 ||
                                             strcmp(word, "--shared") == 0)) {
            mode = CC_SHARED;
        } else if (strcmp(word, "-r") == 0) {
            return CC_PASS; /* objects into one object */
        }
        bool skips = cc_takes_next(word) && words[i + 1] != NULL;
        input = input || word[0] != '-' || strcmp(word, "-") == 0;
        i += skips ? 1 : 0;
    }
    return input ? mode : CC_PASS;
}
