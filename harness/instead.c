/*
 * What to write instead of a function that is not part of the simulated world.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/instead.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Names that are near to each other have one piece of advice. */
struct advice {
    const char *names; /* between blanks; a '*' at the end stands for the rest
                        * of a name */
    const char *text;
};

static const struct advice advice[] = {
    {" fork vfork exec* system popen pclose posix_spawn* wait waitpid wait3 "
     "wait4 daemon clone ",
     "make threads; processes are those of a scenario with kind: processes"},
    {" open open64 close read write ioctl fopen fopen64 fdopen freopen fclose "
     "fread fseek ftell rewind fstat stat lstat access unlink remove rename "
     "mkdir rmdir opendir readdir closedir getcwd chdir tmpfile mkstemp lseek "
     "fcntl dup dup2 pipe pipe2 eventfd poll ppoll select pselect epoll_* "
     "inotify_* writev readv pread pwrite fsync fdatasync ftruncate truncate ",
     "keep in memory what the file would hold"},
    {" stdin scanf __isoc99_scanf __isoc23_scanf fscanf __isoc99_fscanf fgets "
     "gets getc fgetc getchar getline getdelim __getdelim ungetc ",
     "give main() what it would read, by --argument"},
    {" socket bind listen accept accept4 connect send sendto sendmsg recv "
     "recvfrom recvmsg getaddrinfo shutdown socketpair setsockopt getsockopt ",
     "pass messages through a queue; nodes of a network are those of a "
     "scenario with kind: network"},
    {" signal sigaction raise pthread_kill alarm sigwait sigwaitinfo "
     "sigtimedwait sigsuspend sigaltstack pause setitimer timer_* timerfd_* "
     "signalfd ",
     "no signal comes, unless to be ignored: call the handler from a thread"},
    {" pthread_setcanceltype ",
     "cancelling is deferred to the calls that wait; pthread_testcancel() "
     "is one, too"},
    {" sem_open sem_close sem_unlink ", "sem_init() has the same semaphores"},
    {" shm_open shm_unlink shmget shmat shmdt shmctl mprotect mremap ",
     "threads share all memory; mmap() gives pages to read and write"},
    {" dlopen dlsym dlclose dladdr dlvsym dlerror ",
     "link the library's source into the code under test"},
    {" open_memstream fmemopen ", "write to memory of its own by snprintf()"},
    {" __overflow __uflow __underflow ",
     "putc_unlocked() and its kin reach into libc: call putc()"},
    {" tsearch tfind tdelete twalk hcreate hsearch hdestroy ",
     "libc would keep what only one run may see: bring a table of its own"},
    {" __printf_chk __fprintf_chk __memcpy_chk __memset_chk __snprintf_chk ",
     "compile it with -U_FORTIFY_SOURCE"},
};

/* Whether `name` is one of `names`. */
static bool is_among(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = names + 1; *at != '\0';) {
        size_t length = strcspn(at, " ");
        bool rest = length > 0 && at[length - 1] == '*';
        if (rest ? strncmp(at, name, length - 1) == 0
                 : length == size && memcmp(at, name, size) == 0) {
            return true;
        }
        at += length + 1;
    }
    return false;
}

const char *instead_of(const char *name)
{
    assert(name != NULL);
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
        assert(advice[i].names[0] == ' ');
        if (is_among(advice[i].names, name)) {
            return advice[i].text;
        }
    }
    return NULL;
}
