/*
 * faultline version
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/code.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

const char version_text[] = FAULTLINE_VERSION;

static int version_main(int count, const char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "--json") == 0) {
        (void)printf("{\"program\":\"faultline\",\"version\":\"%s\","
                     "\"compiler\":\"%s\",\"c\":%ld}\n",
                     version_text, __VERSION__, __STDC_VERSION__);
        return CODE_PASS;
    }
    if (count > 1 && (strcmp(arguments[1], "--help") == 0 ||
                      strcmp(arguments[1], "-h") == 0)) {
        (void)fputs("usage: faultline version [--json]\n\n"
                    "Prints the version; as an object, with the compiler.\n",
                    stdout);
        return CODE_PASS;
    }
    if (count > 1) {
        (void)fprintf(stderr,
                      "faultline version: unknown argument '%s'\n"
                      "try: faultline version --json\n",
                      arguments[1]);
        return CODE_USAGE;
    }
    (void)printf("faultline %s\n", version_text);
    return CODE_PASS;
}

const struct command command_version = {
    .name = "version",
    .about = "print the version",
    .main = version_main,
};
