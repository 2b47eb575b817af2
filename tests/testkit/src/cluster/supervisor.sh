# Runs one throw-away PostgreSQL for as long as its owner lives, and leaves nothing behind.
#
# The owner holds the other end of standard input and never writes to it: the end of input means
# that the owner has gone, however it went. Arguments: the directory of the programs, the directory
# that becomes the server's home, and the ports to try, in this order.
#
# In the home: `password` and `settings.conf` are written by the owner; `data`, `server.log` and,
# once no server runs any more, `ended` are written here.

# Ctrl-C in the owner's terminal must not end this process before it has cleaned up.
trap '' INT TERM HUP

programs=$1
home=$2
shift 2
cd "$home" || exit 1
exec 3<&0 </dev/null >>server.log 2>&1

wait_for_owner() {
    while read -r _ <&3; do :; done
}

# The signal is repeated: sent early, it finds a server that still ignores it.
stop_with_owner() {
    wait_for_owner
    : >gone
    seconds=0
    while kill -QUIT "$1"; do
        # The number of the server itself, should the program be a wrapper around it.
        test -f data/postmaster.pid && kill -QUIT "$(head -n 1 data/postmaster.pid)"
        sleep 1
        seconds=$((seconds + 1))
        test "$seconds" -ge 10 && kill -KILL "$1"
    done
}

# The password is stored as SCRAM but sent as it is: it never leaves this machine, and working out
# SCRAM's answer takes a program without optimisation fifty milliseconds for each connection.
if "$programs/initdb" --pgdata=data --username=postgres --pwfile=password \
    --auth=password --encoding=UTF8 --no-locale --no-sync --no-instructions
then
    cat settings.conf >>data/postgresql.conf
    for port in "$@"; do
        test -e gone && break
        "$programs/postgres" -D "$home/data" -p "$port" 3<&- &
        server=$!
        stop_with_owner "$server" &
        watch=$!
        wait "$server"
        kill -KILL "$watch"
    done
fi

: >ended
wait_for_owner
cd /
rm -rf "$home"
