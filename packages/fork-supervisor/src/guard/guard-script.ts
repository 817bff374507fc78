/**
 * The guard: a POSIX shell program that outlives the supervisor. It reads lines on its standard input
 * (`add PID START HEARS`, `del PID`, `end`), where START is field 22 of `/proc/PID/stat` or 0 when it
 * is not known, and HEARS is 1 once the worker itself hears of the supervisor's death. At the end of
 * the input, which is the death of the supervisor, it asks the workers that do not hear (SIGTERM),
 * waits $1 seconds, and kills (SIGKILL) those whose pid and start time are still the same.
 *
 * Nothing that it reads is ever run or expanded as anything but a checked number.
 */
export const GUARD_SCRIPT: string = String.raw`
trap '' INT TERM HUP QUIT PIPE TSTP TTIN TTOU
budget=$1
proc=$2
workers=
newline='
'

is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
}

# The start time of process $1 in $started; fails when there is no such process.
start_of() {
  started=
  text=
  if [ -r "$proc/self/stat" ]; then
    # A process that has ended, but is not yet reaped, still has its line; it is a Z then.
    { while IFS= read -r part || [ -n "$part" ]; do text="$text$part$newline"; done <"$proc/$1/stat"; } 2>/dev/null || return 1
    text=$(printf '%s' "$text")
    set -f
    set -- \${text##*) }
    set +f
    [ "$#" -ge 20 ] && [ "$1" != Z ] && [ "$1" != X ] || return 1
    started=\${20}
  else
    # Where there is no procfs, the time to the second is the best there is.
    started=$(LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null | tr -cd '0-9A-Za-z')
    [ -n "$started" ]
  fi
}

forget() {
  kept=
  for worker in $workers; do
    [ "\${worker%%:*}" = "$1" ] || kept="$kept $worker"
  done
  workers=$kept
}

# Runs "$1 PID HEARS" for every worker that is still the same process.
each_alive() {
  alive=0
  for worker in $workers; do
    pid=\${worker%%:*}
    rest=\${worker#*:}
    start_of "$pid" || continue
    [ "$started" = "\${rest%%:*}" ] || continue
    alive=1
    "$1" "$pid" "\${rest##*:}"
  done
}
ask() { [ "$2" = 1 ] || kill -s TERM "$1" 2>/dev/null; }
look() { :; }
end() { kill -s KILL -- "-$1" 2>/dev/null || kill -s KILL "$1" 2>/dev/null; }

while read -r word pid start hears; do
  case $word in
    end) exit 0 ;;
    add)
      is_number "$pid" && is_number "$start" && is_number "$hears" || continue
      forget "$pid"
      if [ "$start" = 0 ]; then
        start_of "$pid" || continue
        start=$started
      fi
      workers="$workers $pid:$start:$hears"
      ;;
    del) is_number "$pid" && forget "$pid" ;;
  esac
done

each_alive ask
waited=0
while [ "$alive" = 1 ] && [ "$waited" -lt "$budget" ]; do
  sleep 1
  waited=$((waited + 1))
  each_alive look
done
each_alive end
exit 0
`.replaceAll(String.raw`\$`, '$')
