/*
 * Relaying reports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/relay.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

FILE *relay_open(void)
{
    int fd = memfd_create("report", MFD_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    FILE *file = fdopen(fd, "w+");
    if (file == NULL) {
        close(fd);
    }
    return file;
}

void relay(FILE *from, FILE *to)
{
    assert(from != NULL && to != NULL);
    char block[4096];
    rewind(from);
    for (;;) {
        size_t size = fread(block, 1, sizeof(block), from);
        if (size == 0 || fwrite(block, 1, size, to) != size) {
            return; /* main() looks at ferror(stdout) */
        }
    }
}
