# The rules of the house that can be seen in one file, for all .c and .h files
# given.  One line for each breach: "file:line: what is wrong".

function breach(text) { print FILENAME ":" FNR ": " text }
function breach_at(line, text) { print name ":" line ": " text }

# What must hold at the end of each file.
function close_file() {
    if (name == "") {
        return
    }
    if (!licensed) {
        breach_at(1, "opening comment must end with its SPDX line")
    }
    if (lines > 500) {
        breach_at(lines, "longer than 500 lines; split at the noun")
    }
    if (name ~ /\.h$/ && !guarded) {
        breach_at(1, "must be guarded by " guard "..._H")
    }
    code[room] += lines_code
    asserts[room] += lines_assert
}

FNR == 1 {
    close_file()
    name = FILENAME
    room = FILENAME
    sub(/\/.*/, "", room)
    lines_code = lines_assert = licensed = opened = guarded = start = 0
    comment = blank = documented = 0
    guard = room == "checker" ? "FL_" : room == "harness" ? "HX_" : \
        room == "tests" ? "TESTS_" : ""
    base = FILENAME
    sub(/.*\//, "", base)
    if ($0 != "/*") {
        breach("must open with its purpose: the first line is /*")
    }
    if (base ~ /util|helper|common|misc/) {
        breach("a name that says nothing; find the noun")
    }
}

{ lines = FNR }

/SPDX-License-Identifier: Apache-2.0/ && !opened { licensed = 1 }
/\*\// && !opened { opened = 1 }

# --- lines ---
{
    text = $0
    gsub(/[\200-\277]/, "", text) # a character of UTF-8 is one column
    if (length(text) > 80) {
        breach("longer than 80 columns")
    }
}
/\t/ { breach("a tab") }
/[ \t]$/ { breach("blanks at the end") }
/(^|[^A-Za-z_])(TODO|FIXME|XXX)([^A-Za-z_]|$)/ { breach("unfinished work") }
/\/work\/|\/root\// { breach("a path of one machine") }

# --- code, without comments and texts ---
{
    plain = $0
    gsub(/\\"/, "", plain)
    gsub(/"[^"]*"/, "\"\"", plain)
    gsub(/\/\*[^*]*\*\//, "", plain)
    if (comment && plain ~ /\*\//) {
        sub(/.*\*\//, "", plain)
        comment = 0
    } else if (comment) {
        plain = ""
    }
    if (plain ~ /\/\*/) {
        sub(/\/\*.*/, "", plain)
        comment = 1
    }
}
# Code is what functions are made of: no tables, no signatures, no lone braces.
FILENAME ~ /\.c$/ && start && plain ~ /^[ \t]/ && plain ~ /[^ \t{}]/ {
    lines_code++
}
plain ~ /(^|[^a-z_])(assert|_Static_assert|CU_ASSERT[A-Z_]*|ck_assert[a-z_]*) *\(/ {
    lines_assert++
}
# Plug-ins and programs made for the tests call whatever a user's program may call.
FILENAME !~ /^tests\/(plugins|programs)\// &&
plain ~ /(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|strtok|gets|alloca|vsprintf|rand|srand) *\(/ {
    breach("a banned function")
}
plain ~ /^ *# *define +(min|max|MIN|MAX)[(]/ { breach("a macro where a function will do") }
plain ~ /^typedef +(struct|enum|union)/ { breach("no typedef of a struct or an enum") }
plain ~ /[^A-Za-z0-9_](util|helper|misc)_[a-z]|_(util|utils|helper|misc)[^A-Za-z0-9_]/ {
    breach("a name that says nothing; find the noun")
}

# --- guards and documented prototypes of headers ---
FILENAME ~ /\.h$/ && /^#ifndef / && !guarded {
    guarded = guard == "" || index($2, guard) == 1
}
FILENAME ~ /\.h$/ && room == "checker" && plain ~ /^[a-z][A-Za-z0-9_ *]*[ *][a-z][A-Za-z0-9_]*\(/ {
    called = plain
    sub(/\(.*/, "", called)
    sub(/.*[ *]/, "", called)
    if (plain !~ /^(static|typedef|extern "C"|__attribute__)/ && called !~ /^fl_/) {
        breach("'" called "' is exported by checker/ and lacks fl_")
    }
}
# A prototype may follow the one that its comment speaks of; it may not stand
# alone.
FILENAME ~ /\.h$/ && blank && plain ~ /^[a-z][A-Za-z0-9_ *]*[ *][a-z][A-Za-z0-9_]*\(.*[;,]$/ &&
plain !~ /^static / {
    breach("a prototype without a comment")
}
{ blank = $0 == "" }

# --- functions ---
plain ~ /^[a-z_].*[(]/ && plain !~ /;$/ && !start { start = FNR }
/^}/ {
    if (start && FNR - start > 70) {
        breach_at(start, "function longer than 70 lines")
    }
    start = 0
}
plain ~ /;$/ && plain ~ /^[a-z_]/ { start = 0 }

# --- no mutable state at file scope ---
FILENAME ~ /\.c$/ && FILENAME !~ /^(tests|algorithms)\// &&
plain ~ /^(static )?[a-z][A-Za-z0-9_ *]*[ *][a-z][A-Za-z0-9_]*(\[[^]]*\])*( =.*|;)$/ &&
plain !~ /^(extern|typedef|return|struct [a-z_]*;|enum [a-z_]*;|goto|static inline|__extension__)/ &&
plain !~ /(^| )const [A-Za-z]|\*const |_Thread_local const/ {
    if (!justified) {
        breach("mutable state at file scope; if it must be, say \"mutable\" above")
    }
}
{ justified = (justified && comment) || $0 ~ /[Mm]utable/ || (justified && $0 ~ /\*\/$/) }

END {
    close_file()
    for (room in code) {
        # algorithms read like their papers, and are checked from outside
        if (room == "algorithms" || room == "faults" || code[room] < 200) {
            continue
        }
        if (asserts[room] * 100 < 3 * code[room]) {
            printf "%s: %d assertions in %d lines of code; 3 in 100 are wanted\n", \
                room, asserts[room], code[room]
        }
    }
}
