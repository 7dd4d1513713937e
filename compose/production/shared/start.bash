#!/bin/bash
# What the start and health scripts of the service images share; they source it.

# Print a secret: what the file /run/secrets/NAME holds, else the variable NAME in capitals. Status 1: there is none.
secret() {
    local file=/run/secrets/$1 variable=${1^^} value
    if [[ -e $file ]]; then value=$(<"$file") || return 1; else value=${!variable-}; fi
    [[ -n $value ]] && printf %s "$value"
}

no_secret() {
    refuse "no secret '$1': neither the file /run/secrets/$1 nor the variable ${1^^} holds one; 'make compose-up' writes them"
}

# Say what is wrong and what mends it, and end in five minutes. Ending at once would have the engine start this again all
# the time, and whoever waits for its health wait for ever; so it turns unhealthy, is looked at, and tries again later.
refuse() {
    printf 'REFUSED: %s\n' "$1" >&2
    trap 'exit 1' TERM INT QUIT
    sleep 300 &
    wait $! || true
    exit 1
}

# Check that VARIABLE holds a whole number of at least MINIMUM.
check_number() {
    if ! [[ ${!1} =~ ^[1-9][0-9]{0,8}$ ]] || ((${!1} < $2)); then refuse "$1 is '${!1}'; give a whole number of at least $2"; fi
}

# As many open files as on a host, where the engine allows that; some allow a billion, for each of which Erlang sets memory
# aside.
limit_files() {
    local most
    most=$(ulimit -Hn)
    if [[ $most == unlimited ]] || ((most > 65536)); then most=65536; fi
    ulimit -n "$most"
}

# Check that DIRECTORY can be written to and has MINIMUM MiB left; less would end the service now and at each new start.
check_volume() {
    local free
    [[ -w $1 ]] || refuse "cannot write to the volume at $1: it must belong to $(id -u):$(id -g)"
    free=$(df --output=avail --block-size=1M "$1" | tail -n 1)
    ((free >= $2)) || refuse "only ${free// /} MiB are free on the disk of the volume at $1; free at least $2"
}

check_application() {
    [[ $APP_NAME =~ ^[a-z][a-z0-9_]{1,20}$ ]] ||
        refuse "APP_NAME is '$APP_NAME'; use 2 to 21 of a-z, 0-9 and _, beginning with a letter"
}
