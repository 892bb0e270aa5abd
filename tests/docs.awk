# Turns one page into a shell script that does what the page says.
#
#   sh    each command, then `verdict STATUS EXPECTED LINE`; a comment
#         "# exit 1" says what a command ends with
#   c, yaml   opening with the name of a file in a comment: that file;
#         other C is compiled, other scenarios are read
#   text  lines that the commands must have printed: `expect LINE TEXT`
#
# SPDX-License-Identifier: Apache-2.0

function quote(text)
{
    gsub(/'/, "'\\''", text)
    return "'" text "'"
}

# What belongs to another gate, or needs a network.
function elsewhere(text)
{
    return text ~ /^(make (check|hunt|bench|deps|tidy|fuzz|format|install)|sudo |git )/
}

function command(text, line,    expected)
{
    expected = 0
    if (match(text, /# *exit [0-9]+/)) {
        expected = substr(text, RSTART, RLENGTH)
        sub(/.* /, "", expected)
    }
    if (elsewhere(text)) {
        print "skipped=$((skipped + 1))"
        return
    }
    print "{ " text "\n}\nverdict $? " expected " " line " " quote(text)
}

# The name in the first line of a block: "/* stack.c */", "# stack.yaml".
function file_name(text)
{
    if (text !~ /^(\/\*|\/\/|#) [a-z_.\/-]+\.(c|h|yaml|yml|jsonl)( \*\/)?$/) {
        return ""
    }
    gsub(/^(\/\*|\/\/|#) | \*\/$/, "", text)
    return text
}

function finish_block(    name)
{
    name = file_name(first)
    if (name ~ /\//) {
        return # a file for another machine
    }
    if (name == "" && (language == "c" || body ~ /(^|\n)scenario:/)) {
        name = "block" opened "." language
    }
    if (name == "") {
        return
    }
    print "cat >" name " <<'END_OF_BLOCK'\n" body "END_OF_BLOCK"
    if (name ~ /\.c$/) {
        print "compile " name " " opened
    } else if (name ~ /^block/) {
        print "read_scenario " name " " opened
    }
}

/^```/ && language == "" {
    language = substr($0, 4)
    language = language == "" ? "none" : language
    opened = NR
    body = first = pending = ""
    next
}

/^```/ {
    if (language == "c" || language == "yaml") {
        finish_block()
    }
    language = ""
    next
}

language == "sh" {
    if (pending == "") {
        began = NR
    }
    pending = pending $0
    if (pending ~ /\\$/) {
        pending = pending "\n"
    } else {
        if (pending !~ /^ *(#|$)/) {
            command(pending, began)
        }
        pending = ""
    }
}

language == "text" && $0 !~ /^ *(\.\.\.|$)/ {
    expectations = expectations "expect " NR " " quote($0) "\n"
}

language == "c" || language == "yaml" {
    first = NR == opened + 1 ? $0 : first
    body = body $0 "\n"
}

END {
    printf "%s", expectations # whatever stands first on the page
    if (language != "") {
        print "verdict 1 0 " opened " 'this block does not end'"
    }
}
