# shellcheck shell=bash
# Shared by the tests with real servers: checks that are counted, waiting, and free ports. Sourced, not run.

failures=0
# check WHAT EXPECTED ACTUAL
check() {
    if [ "$2" = "$3" ]; then echo "ok    $1"; else
        echo "FAIL  $1: expected $2, got $3"
        failures=$((failures + 1))
    fi
}

free_port() { # below the range of outgoing connections
    local port
    while :; do
        port=$((11000 + RANDOM % 3000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
    done
}

# until_is SECONDS EXPECTED COMMAND...: prints what the command prints at last
until_is() {
    local end=$((SECONDS + $1)) expected=$2 found
    shift 2
    while found=$("$@" 2> /dev/null) || true && [ "$found" != "$expected" ] && [ "$SECONDS" -lt "$end" ]; do
        sleep 0.2
    done
    echo "$found"
}
