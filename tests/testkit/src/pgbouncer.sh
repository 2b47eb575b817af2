# Runs one PgBouncer for as long as its owner lives, and leaves nothing behind.
#
# The owner holds the other end of standard input and never writes to it, as with the server.
# Arguments: the program, and the directory that holds its `pgbouncer.ini` and gets its `log`.

trap '' INT TERM HUP

program=$1
home=$2
cd "$home" || exit 1
exec 3<&0 </dev/null >>log 2>&1

"$program" pgbouncer.ini 3<&- &
pooler=$!
while read -r _ <&3; do :; done
kill -KILL "$pooler"
cd /
rm -rf "$home"
