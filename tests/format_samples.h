/*
 * Small histories in every format that is read, and what they mean: each with
 * its nearest neighbour across the border.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_FORMAT_SAMPLES_H
#define TESTS_FORMAT_SAMPLES_H

#include "checker/format/formats.h"

#include <assert.h>

#define CSV "client,op,key,arg1,arg2,result,call,return\n"
#define LOG "INFO  jepsen.util - "

/* A history, and what must be made of it. */
struct sample {
    const char *format; /* that is guessed, unless it is said */
    bool said;
    const char *model;
    uint32_t count;
    enum fl_verdict verdict;
    const char *text;
};

static const struct sample samples[] = {
    /* Jepsen: a vector; comments; the nemesis; a deleted failure */
    {"knossos", false, "register", 2, FL_PASS,
     "; two clients\n"
     "[{:process 0, :type :invoke, :f :write, :value 1, :time 7}\n"
     " {:process :nemesis, :type :info, :f :start, :value nil}\n"
     " {:process 1, :type :invoke, :f :cas, :value [5 6]}\n"
     " {:process 1, :type :fail, :f :cas, :value [5 6]}\n"
     " {:process 0, :type :ok, :f :write, :value 1}\n"
     " #_{:process 9, :type :ok, :f :write}\n"
     " {:process 1, :type :invoke, :f :read, :value nil, :error {:a [1]}}\n"
     " {:process 1, :type :ok, :f :read, :value 1}]\n"},
    {"knossos", false, "register", 2, FL_VIOLATION,
     "({:process 0, :type :invoke, :f :write, :value 1}\n"
     "{:process 0, :type :ok, :f :write, :value 1}\n"
     "{:process 1, :type :invoke, :f :read, :value nil}\n"
     "{:process 1, :type :ok, :f :read, :value 2})\n"},
    /* an :info write may have happened; a :fail write did not */
    {"knossos", false, "register", 2, FL_PASS,
     "{:process 0 :type :invoke :f :write :value 1}"
     "{:process 0 :type :info :f :write :value 1}"
     "{:process 1 :type :invoke :f :read :value nil}"
     "{:process 1 :type :ok :f :read :value 1}"},
    {"knossos", false, "register", 1, FL_VIOLATION,
     "{:process 0 :type :invoke :f :write :value 1}"
     "{:process 0 :type :fail :f :write :value 1}"
     "{:process 1 :type :invoke :f :read :value nil}"
     "{:process 1 :type :ok :f :read :value 1}"},
    /* a read of nil: unknown for Knossos, unset in plain EDN */
    {"knossos", false, "register", 1, FL_PASS,
     "{:process 0 :type :invoke :f :write :value 1}"
     "{:process 0 :type :ok :f :write :value 1}"
     "{:process 1 :type :invoke :f :read :value nil}"
     "{:process 1 :type :ok :f :read :value nil}"},
    {"edn", true, "register", 2, FL_VIOLATION,
     "{:process 0 :type :invoke :f :write :value 1}"
     "{:process 0 :type :ok :f :write :value 1}"
     "{:process 1 :type :invoke :f :read :value nil}"
     "{:process 1 :type :ok :f :read :value nil}"},
    /* independent keys: each is an object of its own */
    {"knossos", false, "register", 3, FL_PASS,
     "{:process 0 :type :invoke :f :write :value [1 7]}"
     "{:process 0 :type :ok :f :write :value [1 7]}"
     "{:process 1 :type :invoke :f :read :value [1 nil]}"
     "{:process 1 :type :ok :f :read :value [1 7]}"
     "{:process 1 :type :invoke :f :cas :value [1 [7 8]]}"
     "{:process 1 :type :ok :f :cas :value [1 [7 8]]}"},
    {"knossos", false, "register", 2, FL_VIOLATION,
     "{:process 0 :type :invoke :f :write :value [1 7]}"
     "{:process 0 :type :ok :f :write :value [1 7]}"
     "{:process 1 :type :invoke :f :read :value [2 nil]}"
     "{:process 1 :type :ok :f :read :value [2 7]}"},
    {"knossos", false, "mutex", 2, FL_VIOLATION,
     "{:process 0 :type :invoke :f :acquire :value nil}"
     "{:process 0 :type :ok :f :acquire :value nil}"
     "{:process 1 :type :invoke :f :acquire :value nil}"
     "{:process 1 :type :ok :f :acquire :value nil}"},
    /* the same as JSON; process numbers grow with crashes */
    {"jepsen-json", false, "fifo_queue", 2, FL_PASS,
     "[{\"process\":70000,\"type\":\"invoke\",\"f\":\"enqueue\",\"value\":3},\n"
     "{\"process\":70000,\"type\":\"ok\",\"f\":\"enqueue\",\"value\":3},\n"
     "{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"cut\",\"value\":{}},\n"
     "{\"process\":1,\"type\":\"invoke\",\"f\":\"dequeue\",\"value\":null},\n"
     "{\"process\":1,\"type\":\"ok\",\"f\":\"dequeue\",\"value\":3}]\n"},
    {"jepsen-json", false, "fifo_queue", 2, FL_VIOLATION,
     "{\"process\":0,\"type\":\"invoke\",\"f\":\"enqueue\",\"value\":3}\n"
     "{\"process\":0,\"type\":\"ok\",\"f\":\"enqueue\",\"value\":3}\n"
     "{\"process\":1,\"type\":\"invoke\",\"f\":\"dequeue\",\"value\":null}\n"
     "{\"process\":1,\"type\":\"ok\",\"f\":\"dequeue\",\"value\":4}\n"},
    /* Porcupine's key-value logs */
    {"porcupine-kv", false, "kv", 3, FL_PASS,
     "{:process 9, :type :invoke, :f :get, :key \"0\", :value nil}\n"
     "{:process 8, :type :invoke, :f :append, :key \"0\", :value \"x \"}\n"
     "{:process 9, :type :ok, :f :get, :key \"0\", :value \"\"}\n"
     "{:process 8, :type :ok, :f :append, :key \"0\", :value \"x \"}\n"
     "{:process 9, :type :invoke, :f :get, :key \"0\", :value nil}\n"
     "{:process 9, :type :ok, :f :get, :key \"0\", :value \"x \"}\n"},
    {"porcupine-kv", false, "kv", 2, FL_VIOLATION,
     "{:process 8, :type :invoke, :f :put, :key \"0\", :value \"a\"}\n"
     "{:process 8, :type :ok, :f :put, :key \"0\", :value \"a\"}\n"
     "{:process 9, :type :invoke, :f :get, :key \"0\", :value nil}\n"
     "{:process 9, :type :ok, :f :get, :key \"0\", :value \"\"}\n"},
    /* a character beyond 16 bits is two escapes, and not its last 16 bits */
    {"porcupine-kv", false, "kv", 2, FL_PASS,
     "{:process 8, :type :invoke, :f :put, :key \"0\", :value "
     "\"\\ud83d\\uDE00\"}\n"
     "{:process 8, :type :ok, :f :put, :key \"0\", :value nil}\n"
     "{:process 9, :type :invoke, :f :get, :key \"0\", :value nil}\n"
     "{:process 9, :type :ok, :f :get, :key \"0\", :value "
     "\"\xf0\x9f\x98\x80\"}\n"},
    {"porcupine-kv", false, "kv", 2, FL_VIOLATION,
     "{:process 8, :type :invoke, :f :put, :key \"0\", :value "
     "\"\\ud83d\\uDE00\"}\n"
     "{:process 8, :type :ok, :f :put, :key \"0\", :value nil}\n"
     "{:process 9, :type :invoke, :f :get, :key \"0\", :value nil}\n"
     "{:process 9, :type :ok, :f :get, :key \"0\", :value "
     "\"\xef\x98\x80\"}\n"},
    /* Jepsen's log: a failed cas is an observation, a lost read is nothing */
    {"etcd-log", false, "register", 2, FL_VIOLATION,
     LOG "0\t:invoke\t:write\t1\n" LOG "0\t:ok\t:write\t1\n" LOG
         "1\t:invoke\t:cas\t[1 4]\n" LOG "1\t:fail\t:cas\t[1 4]\n"},
    {"etcd-log", false, "register", 3, FL_PASS,
     "INFO  jepsen.core - starting\n" LOG "0\t:invoke\t:read\tnil\n" LOG
     "0\t:ok\t:read\tnil\n" LOG ":nemesis\t:info\t:start\tnil\n" LOG
     "0\t:invoke\t:write\t1\n" LOG "0\t:info\t:write\t:timed-out\n" LOG
     "1\t:invoke\t:cas\t[2 4]\n" LOG "1\t:fail\t:cas\t[2 4]\n" LOG
     "2\t:invoke\t:read\tnil\n" LOG "2\t:fail\t:read\t:timed-out\n"},
    /* tables */
    {"csv", false, "register", 3, FL_PASS,
     CSV "0,write,x,1,,,10,25\n1,cas,x,1,2,true,12,31\n2,read,x,,,,14,\n"},
    {"csv", false, "register", 2, FL_VIOLATION,
     CSV "0,write,x,1,,,10,25\n1,cas,x,1,2,false,30,31\n"},
    {"csv", false, "kv", 2, FL_PASS,
     "return,call,op,arg1,result\r\n2,1,put,\"a \"\"b\"\",\",\r\n"
     "4,3,get,,\"a \"\"b\"\",\"\r\n"},
    /* equal stamps of a table are concurrent ... */
    {"csv", false, "register", 2, FL_PASS,
     CSV "0,write,,1,,,1,5\n1,read,,,,null,5,9\n"},
    {"csv", false, "register", 2, FL_VIOLATION,
     CSV "0,write,,1,,,1,4\n1,read,,,,null,5,9\n"},
    /* ... those of the monitors' texts are not */
    {"polylin", false, "stack", 2, FL_VIOLATION,
     "# stack\npush 1 1 5\npop -1 5 9\n"},
    {"polylin", false, "stack", 2, FL_PASS,
     "# stack\npush 1 1 6\npop -1 5 9\n"},
    {"fptlin", false, "stack", 2, FL_VIOLATION,
     "# stack\n0 1 5 PUSH 1\n1 5 9 POP -1\n"},
    {"fptlin", false, "stack", 2, FL_PASS,
     "# stack\n0 1 6 PUSH 1\n1 5 9 POP -1\n"},
    {"fptlin", false, "stack", 2, FL_VIOLATION,
     "# stack\n0 PUSH 1 1 5\n1 POP -1 5 9\n"},
    {"polylin", false, "set", 2, FL_VIOLATION,
     "# set\ninsert 4 1 1 2\ncontains 4 0 3 4\n"},
    {"polylin", false, "priority_queue", 3, FL_PASS,
     "# pqueue\ninsert 2 1 2\ninsert 5 1 2\npoll 5 3 4\n"},
    {"polylin", false, "fifo_queue", 3, FL_VIOLATION,
     "# queue\nenq 2 1 2\nenq 5 3 4\ndeq 5 5 6\n"},
    {"fptlin", false, "register", 2, FL_PASS,
     "# rmw\n0 1 9 READ_MODIFY_WRITE 2 3\n1 1 9 READ_MODIFY_WRITE 0 2"},
    {"fptlin", false, "register", 2, FL_VIOLATION,
     "# rmw\n0 1 4 READ_MODIFY_WRITE 2 3\n1 4 9 READ_MODIFY_WRITE 0 2"},
    {"fptlin", false, "set", 2, FL_PASS,
     "# set\n0 0 4 INSERT 2 1\n1 1 5 CONTAINS 2 0\n"},
    {"limo", false, "stack", 3, FL_PASS,
     "# @object atomic-stack\n[1] call push(3)\n[1] return\n"
     "[2] call pop\n[2] return 3\n[1] call pop()\n[1] return empty\n"},
    {"limo", false, "fifo_queue", 3, FL_VIOLATION,
     "# a comment\n# @object atomic-queue\n[1] call add(3)\n[1] return\n"
     "[1] call add 4\n[1] return\n[2] call remove\n[2] return 4\n"},
    {"jsonl", false, "register", 1, FL_PASS,
     "{\"model\":\"register\"}\n{\"client\":0,\"op\":\"write\",\"args\":[1],"
     "\"call\":0,\"return\":1}\n"},
};

enum {
    SAMPLES = sizeof(samples) / sizeof(samples[0])
};

/* Reads the first history of a text. */
static inline enum fl_status read_bytes(const char *text, size_t size,
                                        const struct fl_reading *reading,
                                        struct fl_history **h,
                                        struct fl_error *error)
{
    struct fl_reader *reader = fl_reader_open_bytes(text, size, reading);
    assert(reader != NULL);
    enum fl_status status = fl_reader_next(reader, h, NULL, error);
    fl_reader_close(reader);
    return status;
}

#endif
