/*
 * What constructors leave: memory and globals, the same in each run, whatever
 * runs do to them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NODES = 50
};

struct node {
    struct node *next;
    int value;
};

static struct node *list;
static char *text, *number;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int times;

static void begin(void)
{
    times++;
}

__attribute__((constructor)) static void make(void)
{
    pthread_once(&once, begin);
    for (int i = 0; i < NODES; i++) {
        struct node *node = malloc(sizeof(*node));
        *node = (struct node){.next = list, .value = i};
        list = node;
    }
    text = realloc(strdup("ab"), 100);
    free(calloc(3, 5));
    void *block = NULL;
    assert(posix_memalign(&block, 256, 10) == 0);
    assert((unsigned long)block % 256 == 0);
    assert(malloc_usable_size(block) >= 10);
    assert(asprintf(&number, "%d", 42) == 2);
}

static void *use(void *unused)
{
    pthread_once(&once, begin);
    return unused;
}

int main(void)
{
    pthread_t thread;
    assert(pthread_create(&thread, NULL, use, NULL) == 0);
    assert(pthread_join(thread, NULL) == 0);
    assert(times == 1);
    assert(strcmp(text, "ab") == 0 && strcmp(number, "42") == 0);
    char *longer = realloc(text, 200);
    longer[0] = 'x';
    assert(strcmp(longer, "xb") == 0);
    free(longer);
    free(number);
    int count = 0;
    for (struct node *n = list; n != NULL; n = n->next) {
        assert(n->value == NODES - 1 - count);
        count++;
    }
    assert(count == NODES);
    struct node *first = list;
    list = malloc(sizeof(*list));
    *list = (struct node){.next = first->next, .value = 7};
    first->next = list;
    free(first);
    return 0;
}
