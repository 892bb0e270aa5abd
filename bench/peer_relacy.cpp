/*
 * The queue of Michael and Scott under Relacy: what algorithms/queue/ms_queue.c
 * is, in the forms that Relacy asks for, so that both are run by the same
 * number of threads with the same calls, orders and allocations.
 *
 * Relacy explores at random, detects races and leaks and models C11's memory;
 * it keeps no history and has no checker.  A program of its own, since it wants
 * C++ and to be the whole program.  Prints executions a second of processor
 * time, of as many as argument 1 says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <relacy/relacy.hpp>
#include <sstream>

namespace
{

const unsigned threads = 2;
const unsigned operations = 2; /* of a thread */
const unsigned count_shift = 48;
const std::uint64_t address_mask = (std::uint64_t(1) << count_shift) - 1;

struct node {
    rl::atomic<std::uint64_t> next;
    rl::atomic<std::int64_t> value;
    node *made;
    node *spare;
};

node *node_of(std::uint64_t pointer)
{
    return reinterpret_cast<node *>(pointer & address_mask);
}

/* What one client has to itself. */
struct client {
    node *made;
    node *oldest;
    node *newest;
};

struct queue_test : rl::test_suite<queue_test, threads> {
    rl::atomic<std::uint64_t> head;
    rl::atomic<std::uint64_t> tail;
    client clients[threads];

    node *make_node(client &mine)
    {
        node *fresh = new node;
        fresh->next.store(0, rl::memory_order_relaxed);
        fresh->value.store(0, rl::memory_order_relaxed);
        fresh->spare = 0;
        fresh->made = mine.made;
        mine.made = fresh;
        return fresh;
    }

    node *take_node(client &mine)
    {
        node *taken = mine.oldest;
        if (taken == 0) {
            return make_node(mine);
        }
        mine.oldest = taken->spare;
        return taken;
    }

    void recycle_node(client &mine, node *old)
    {
        old->spare = 0;
        if (mine.oldest == 0) {
            mine.oldest = old;
        } else {
            mine.newest->spare = old;
        }
        mine.newest = old;
    }

    bool swap(rl::atomic<std::uint64_t> &word, std::uint64_t seen, node *to)
    {
        std::uint64_t count = (seen >> count_shift) + 1;
        return word.compare_exchange_weak(
            seen, count << count_shift | reinterpret_cast<std::uint64_t>(to),
            rl::memory_order_release, rl::memory_order_relaxed);
    }

    static std::uint64_t look(const rl::atomic<std::uint64_t> &word)
    {
        return word.load(rl::memory_order_acquire);
    }

    void enqueue(client &mine, std::int64_t value)
    {
        node *fresh = take_node(mine);
        fresh->value.store(value, rl::memory_order_relaxed);
        fresh->next.fetch_and(~address_mask, rl::memory_order_release);
        std::uint64_t last = 0;
        for (;;) {
            last = look(tail);
            std::uint64_t next = look(node_of(last)->next);
            if (last != look(tail)) {
                continue;
            }
            if (node_of(next) != 0) {
                swap(tail, last, node_of(next));
            } else if (swap(node_of(last)->next, next, fresh)) {
                break;
            }
        }
        swap(tail, last, fresh);
    }

    std::int64_t dequeue(client &mine)
    {
        for (;;) {
            std::uint64_t first = look(head);
            std::uint64_t last = look(tail);
            std::uint64_t next = look(node_of(first)->next);
            if (first != look(head)) {
                continue;
            }
            if (node_of(next) == 0) {
                return -1;
            }
            if (node_of(first) == node_of(last)) {
                swap(tail, last, node_of(next));
                continue;
            }
            std::int64_t value =
                node_of(next)->value.load(rl::memory_order_relaxed);
            if (swap(head, first, node_of(next))) {
                recycle_node(mine, node_of(first));
                return value;
            }
        }
    }

    void before()
    {
        for (unsigned i = 0; i < threads; i++) {
            clients[i] = client();
        }
        std::uint64_t dummy =
            reinterpret_cast<std::uint64_t>(make_node(clients[0]));
        head.store(dummy, rl::memory_order_relaxed);
        tail.store(dummy, rl::memory_order_relaxed);
    }

    void thread(unsigned index)
    {
        for (unsigned i = 0; i < operations; i++) {
            if (rl::rand(2) == 0) {
                enqueue(clients[index], index * operations + i + 1);
            } else {
                dequeue(clients[index]);
            }
        }
    }

    void after()
    {
        for (unsigned i = 0; i < threads; i++) {
            for (node *made = clients[i].made; made != 0;) {
                node *before = made->made;
                delete made;
                made = before;
            }
        }
    }
};

double processor_seconds()
{
    return double(std::clock()) / CLOCKS_PER_SEC;
}

} // namespace

int main(int count, char **words)
{
    std::ostringstream nothing;
    rl::test_params params;
    params.iteration_count = count > 1 ? std::strtoul(words[1], 0, 10) : 100000;
    params.search_type = rl::random_scheduler_type;
    params.output_stream = &nothing;
    params.progress_stream = &nothing;
    double started = processor_seconds();
    if (!rl::simulate<queue_test>(params)) {
        std::fprintf(stderr, "%s\n", nothing.str().c_str());
        return 1;
    }
    double took = processor_seconds() - started;
    std::printf("%.0f\n", double(params.iteration_count) / took);
    return 0;
}
