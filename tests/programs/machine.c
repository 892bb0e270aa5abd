/*
 * What programs ask of the machine, and pages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // NOLINT: as programs say it
#endif
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void *act(void *pages)
{
    char *text = pages;
    pthread_setname_np(pthread_self(), "actor");
    assert(text[5000] == 0);
    (void)snprintf(text + 5000, 10, "%d", 42);
    return pages;
}

int main(void)
{
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    assert(processors == 4 && sysconf(_SC_PAGESIZE) == 4096);
    assert(sched_getcpu() < processors);
    cpu_set_t set;
    CPU_ZERO(&set);
    assert(pthread_setaffinity_np(pthread_self(), sizeof(set), &set) == 0);
    clock_t before = clock();
    char *pages = mmap(NULL, 6000, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(pages != MAP_FAILED && (uintptr_t)pages % 4096 == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, act, pages);
    pthread_join(thread, NULL);
    assert(strcmp(pages + 5000, "42") == 0);
    assert(munmap(pages, 6000) == 0);
    assert(clock() >= before && difftime(5, 3) == 2.0);
    volatile float half = 0.5F;
    assert(roundf(half) == 1.0F && islower('a') && !ispunct('a'));
    return 0;
}
