/*
 * The standard library of C++: threads, locks, memory, thread_local.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

static std::atomic<int> made{0}, gone{0};
static std::mutex mutex;
static std::condition_variable cond;
static int ready;

struct part {
    part() { made++; }
    ~part() { gone++; }
    int value = 4;
};
static part first; // a global constructor
static thread_local part own;

static void act()
{
    assert(own.value == 4);
    auto block = std::make_unique<part>();
    std::unique_lock<std::mutex> held(mutex);
    ready++;
    cond.notify_all();
    cond.wait(held, [] { return ready == 2; });
}

int main()
{
    assert(made == 1 && first.value == 4);
    std::thread one(act), two(act);
    one.join();
    two.join();
    assert(made == 5 && gone == 4);
    int *numbers = new int[4]{1, 2, 3, 4};
    assert(numbers[3] == 4);
    delete[] numbers;
}
