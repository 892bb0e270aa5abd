/*
 * Files: no part of the simulated world, and named where they are asked for.
 *
 * What is written to the standard streams is output like any other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/print.h"
#include "harness/sim/shim/unwind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int refuse(const char *name, uintptr_t pc)
{
    fl_sim_table->program_refuse(name, pc);
    *fl_sim_table->errno_address() = ENOSYS;
    return -1;
}

HIDDEN int open(const char *path, int mode, ...)
{
    (void)path;
    (void)mode;
    return refuse("open", PC);
}

HIDDEN int open64(const char *path, int mode, ...)
{
    (void)path;
    (void)mode;
    return refuse("open", PC);
}

HIDDEN int close(int file)
{
    (void)file;
    return refuse("close", PC);
}

HIDDEN ssize_t read(int file, void *to, size_t size)
{
    (void)file;
    (void)to;
    (void)size;
    return refuse("read", PC);
}

HIDDEN ssize_t write(int file, const void *from, size_t size)
{
    if (file != STDOUT_FILENO && file != STDERR_FILENO) {
        return refuse("write", PC);
    }
    if (unwind_cancelled != NULL && fl_sim_table->cancel_due(PC)) {
        unwind_cancelled(PC);
    }
    print(NULL, "%.*s", (int)size, (const char *)from);
    return (ssize_t)size;
}

HIDDEN int ioctl(int file, unsigned long request, ...)
{
    (void)file;
    (void)request;
    return refuse("ioctl", PC);
}

HIDDEN FILE *fopen(const char *restrict path, const char *restrict mode)
{
    (void)path;
    (void)mode;
    refuse("fopen", PC);
    return NULL;
}

HIDDEN FILE *fopen64(const char *restrict path, const char *restrict mode)
{
    (void)path;
    (void)mode;
    refuse("fopen", PC);
    return NULL;
}

HIDDEN FILE *fdopen(int file, const char *mode)
{
    (void)file;
    (void)mode;
    refuse("fdopen", PC);
    return NULL;
}

HIDDEN int fclose(FILE *stream)
{
    (void)stream;
    return refuse("fclose", PC);
}

HIDDEN size_t fread(void *restrict to, size_t size, size_t count,
                    FILE *restrict stream)
{
    (void)to;
    (void)size;
    (void)count;
    (void)stream;
    refuse("fread", PC);
    return 0;
}

HIDDEN char *fgets(char *restrict to, int size, FILE *restrict stream)
{
    (void)to;
    (void)size;
    (void)stream;
    refuse("fgets", PC);
    return NULL;
}

HIDDEN int getc(FILE *stream)
{
    (void)stream;
    return refuse("getc", PC);
}

HIDDEN int fgetc(FILE *stream)
{
    (void)stream;
    return refuse("fgetc", PC);
}

HIDDEN int getchar(void)
{
    return refuse("getchar", PC);
}

HIDDEN int putc(int byte, FILE *stream)
{
    (void)stream;
    print(NULL, "%c", byte);
    return byte;
}
