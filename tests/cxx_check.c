/*
 * Programs and objects in C++: threads, mutexes, memory and exceptions of the
 * standard library, inside the simulated world.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/cli_fixture.h"

/* A file `name` with this text, in the working directory. */
static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(threads_and_atomics_are_explored)
{
    put("t.cpp", "#include <atomic>\n"
                 "#include <cassert>\n"
                 "#include <thread>\n"
                 "static std::atomic<int> n{0};\n"
                 "int main()\n"
                 "{\n"
                 "    std::thread a([] { n.store(n.load() + 1); });\n"
                 "    std::thread b([] { n.store(n.load() + 1); });\n"
                 "    a.join();\n"
                 "    b.join();\n"
                 "    assert(n == 2);\n"
                 "}\n");
    expect_code(1, "$F run --program t.cpp");
    expect_text("out.txt", "t.cpp:11: assertion failed: n == 2");
    expect_text("out.txt", "t.cpp:7 ");
    expect_code(1, "$F replay out/*/*/trace.json --times 50");
    expect_text("out.txt", "identical 50 of 50");
}
END_TEST

START_TEST(the_standard_library_is_simulated)
{
    put("s.cpp", "#include <condition_variable>\n"
                 "#include <iostream>\n"
                 "#include <map>\n"
                 "#include <memory>\n"
                 "#include <mutex>\n"
                 "#include <stdexcept>\n"
                 "#include <string>\n"
                 "#include <thread>\n"
                 "static std::mutex m;\n"
                 "static std::condition_variable c;\n"
                 "static bool ready;\n"
                 "static std::map<std::string, int> first{{\"one\", 1}};\n"
                 "int main()\n"
                 "{\n"
                 "    auto v = std::make_shared<std::string>();\n"
                 "    std::thread a([v] {\n"
                 "        std::lock_guard<std::mutex> l(m);\n"
                 "        *v += \"abc\";\n"
                 "        ready = true;\n"
                 "        c.notify_one();\n"
                 "    });\n"
                 "    {\n"
                 "        std::unique_lock<std::mutex> l(m);\n"
                 "        c.wait(l, [] { return ready; });\n"
                 "    }\n"
                 "    a.join();\n"
                 "    std::cout << *v << std::endl;\n"
                 "    try {\n"
                 "        if (v->size() == 3 && first[\"one\"] == 1)\n"
                 "            throw std::runtime_error(\"x\");\n"
                 "    } catch (const std::exception &e) {\n"
                 "        return e.what()[0] == 'x' ? 0 : 2;\n"
                 "    }\n"
                 "    return 1;\n"
                 "}\n");
    expect_code(0, "$F run --program s.cpp -n 500");
}
END_TEST

START_TEST(locks_that_are_taken_together_are_no_livelock)
{
    put("l.cpp", "#include <mutex>\n"
                 "#include <thread>\n"
                 "static std::mutex one, other;\n"
                 "static int n;\n"
                 "static void add() { std::scoped_lock l(one, other); n++; }\n"
                 "int main()\n"
                 "{\n"
                 "    std::thread a([] { add(); add(); });\n"
                 "    std::scoped_lock l(other, one);\n"
                 "    n++;\n"
                 "    one.unlock();\n"
                 "    other.unlock();\n"
                 "    a.join();\n"
                 "    one.lock();\n"
                 "    other.lock();\n"
                 "    return n == 3 ? 0 : 1;\n"
                 "}\n");
    expect_code(0, "$F run --program l.cpp -n 2000 --strategy round_robin");
    expect_text("out.txt", "in step, for ever");
    expect_code(1, "$F run --program l.cpp -n 2000 --strategy round_robin "
                   "--progress deadlock_free");
    expect_text("out.txt", "livelock");
}
END_TEST

START_TEST(an_exception_that_escapes_is_a_verdict)
{
    put("e.cpp", "#include <thread>\n"
                 "int main()\n"
                 "{\n"
                 "    std::thread a([] { throw 7; });\n"
                 "    a.join();\n"
                 "}\n");
    expect_code(1, "$F run --program e.cpp -n 20");
    expect_text("out.txt", "abort() was called");
    expect_text("err.txt", "terminate called after throwing");
}
END_TEST

/* A variable of a function is made once; who finds it made is behind whoever
 * made it, and who comes in between waits. */
START_TEST(variables_of_functions_are_made_once)
{
    put("v.cpp", "#include <atomic>\n"
                 "#include <cassert>\n"
                 "#include <thread>\n"
                 "static std::atomic<int> made{0};\n"
                 "struct part {\n"
                 "    part()\n"
                 "    {\n"
                 "        if (made.fetch_add(1) == 0) throw 1;\n"
                 "        value = 4;\n"
                 "    }\n"
                 "    int value;\n"
                 "};\n"
                 "static part &only() { static part one; return one; }\n"
                 "static void use()\n"
                 "{\n"
                 "    try {\n"
                 "        assert(only().value == 4);\n"
                 "    } catch (int) {\n"
                 "    }\n"
                 "}\n"
                 "int main()\n"
                 "{\n"
                 "    std::thread a(use), b(use);\n"
                 "    a.join();\n"
                 "    b.join();\n"
                 "    use();\n"
                 "    assert(made == 2);\n"
                 "}\n");
    expect_code(0, "$F run --program v.cpp --strategy exhaustive --memory c11");
    expect_text("out.txt", "not violated in all");
    expect_code(0, "$F run --program v.cpp -n 300 --memory tso");
}
END_TEST

/* What a constructor does goes into each run, and what runs do to it does not
 * go into the next. */
START_TEST(each_run_begins_with_what_constructors_left)
{
    put("c.cpp",
        "#include <cassert>\n"
        "#include <iostream>\n"
        "#include <map>\n"
        "#include <mutex>\n"
        "#include <sstream>\n"
        "#include <string>\n"
        "#include <thread>\n"
        "#include <vector>\n"
        "static std::map<std::string, std::string> names{\n"
        "    {\"a\", \"longer than what fits into a string itself\"},\n"
        "    {\"b\", \"x\"}};\n"
        "static std::vector<int> numbers{1, 2, 3};\n"
        "static std::mutex lock;\n"
        "static std::once_flag flag;\n"
        "static int times;\n"
        "static void once() { std::call_once(flag, [] { times++; }); }\n"
        "static bool early = (once(), true);\n"
        "int main()\n"
        "{\n"
        "    std::thread t([] {\n"
        "        std::lock_guard<std::mutex> held(lock);\n"
        "        once();\n"
        "        names[\"a\"] += \" and longer still than it was before\";\n"
        "        names[\"c\"] = \"y\";\n"
        "        names.erase(\"b\");\n"
        "        numbers.push_back(4);\n"
        "    });\n"
        "    t.join();\n"
        "    assert(early && times == 1);\n"
        "    assert(names.size() == 2 && names[\"a\"].size() == 78);\n"
        "    assert(numbers.size() == 4 && numbers[2] == 3);\n"
        "    std::ostringstream text;\n"
        "    text << 12 << ' ' << 0.5;\n"
        "    assert(text.str() == \"12 0.5\");\n"
        "}\n");
    expect_code(0, "$F run --program c.cpp -n 100");
    expect_code(0, "$F run --program c.cpp -n 100 --memory c11");
}
END_TEST

/* Streams without <iostream>, whose tables are made in the run; a call_once
 * that throws, of which the next is the first again. */
START_TEST(the_library_may_begin_late)
{
    put("l.cpp", "#include <atomic>\n"
                 "#include <cassert>\n"
                 "#include <mutex>\n"
                 "#include <sstream>\n"
                 "#include <thread>\n"
                 "static std::once_flag flag;\n"
                 "static std::atomic<int> tries{0};\n"
                 "static void act()\n"
                 "{\n"
                 "    auto first = [] { if (tries++ == 0) throw 1; };\n"
                 "    try {\n"
                 "        std::call_once(flag, first);\n"
                 "    } catch (int) {\n"
                 "        std::call_once(flag, first);\n"
                 "    }\n"
                 "    std::ostringstream text;\n"
                 "    text << 5;\n"
                 "    assert(text.str() == \"5\" && tries == 2);\n"
                 "}\n"
                 "int main()\n"
                 "{\n"
                 "    std::thread a(act), b(act);\n"
                 "    a.join();\n"
                 "    b.join();\n"
                 "}\n");
    expect_code(0, "$F run --program l.cpp -n 100 --memory c11");
}
END_TEST

START_TEST(an_object_may_be_of_cxx)
{
    put("o.cpp",
        "#include <atomic>\n"
        "#include <faultline/object.h>\n"
        "static std::atomic<long> *make_one() "
        "{ return new std::atomic<long>(0); }\n"
        "static void *make() { return make_one(); }\n"
        "static fl_value next(void *o, const fl_value *)\n"
        "{\n"
        "    auto *n = static_cast<std::atomic<long> *>(o);\n"
        "    long v = n->load();\n"
        "    n->store(v + 1);\n"
        "    return v;\n"
        "}\n"
        "FL_OBJECT = {\"tickets\", nullptr, make, {{\"next\", next}}};\n");
    expect_code(1, "$F c++ -std=c++17 -shared -o o.so o.cpp && "
                   "$F run --library ./o.so");
    expect_text("out.txt", "not linearizable");
    expect_text("out.txt", "o.cpp:");
}
END_TEST

/* No more than the compiler's own part of the runtime library. */
START_TEST(an_object_need_not_allocate)
{
    put("small.cpp",
        "#include <atomic>\n"
        "#include <faultline/object.h>\n"
        "static std::atomic<long> count;\n"
        "static void *make() { return &count; }\n"
        "static fl_value add(void *, const fl_value *a)\n"
        "{\n"
        "    return count.fetch_add(a[0]);\n"
        "}\n"
        "FL_OBJECT = {\"small\", \"counter\", make, {{\"add\", add}}};\n");
    expect_code(0, "$F c++ -std=c++17 -shared -o small.so small.cpp && "
                   "$F run -n 200 --library ./small.so");
    expect_text("out.txt", "not violated in 200 schedules");
    expect_code(0, "$F c++ -std=c++20 -fno-exceptions -fno-rtti -O3 -flto -g0 "
                   "-shared -o small.so small.cpp && "
                   "$F run -n 200 --library ./small.so");
}
END_TEST

int main(void)
{
    if (system("command -v g++ >/dev/null") != 0) {
        return check_tap_skip_all("g++ is not installed");
    }
    Suite *suite = suite_create("cxx");
    TCase *tcase = tcase_create("programs");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, threads_and_atomics_are_explored);
    tcase_add_test(tcase, the_standard_library_is_simulated);
    tcase_add_test(tcase, locks_that_are_taken_together_are_no_livelock);
    tcase_add_test(tcase, an_exception_that_escapes_is_a_verdict);
    tcase_add_test(tcase, variables_of_functions_are_made_once);
    tcase_add_test(tcase, each_run_begins_with_what_constructors_left);
    tcase_add_test(tcase, the_library_may_begin_late);
    tcase_add_test(tcase, an_object_may_be_of_cxx);
    tcase_add_test(tcase, an_object_need_not_allocate);
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
