import { stamp } from '../unit-file/render.ts'

/**
 * The program that writes a death record: systemd runs it by `ExecStopPost=` after each end of a
 * service, before the next start, with `$SERVICE_RESULT`, `$EXIT_CODE`, `$EXIT_STATUS` and
 * `$INVOCATION_ID` of the one that ended (systemd.exec(5)). Plain sh, since it runs inside the dead
 * unit's own memory limit. Nothing that it is given becomes a path, a command or a line unless it is of
 * safe letters. A record appears whole, under the name of its invocation; the time of its file is that
 * of the end. As the next start waits for it, it starts no program but the one that renames.
 */
export const HOOK_SCRIPT: string = stamp(`#!/bin/sh
# Writes one record for each end of a service.
set -u
umask 022
LC_ALL=C
unit=\${1:-}
spool=\${2:-/run/worker-recycler/deaths}
invocation=\${INVOCATION_ID:-}
case $unit in *[!A-Za-z0-9:_.@\\\\-]* | '' | .* | -*) exit 1 ;; esac
case $invocation in *[!0-9a-f]* | '') exit 1 ;; esac
result=\${SERVICE_RESULT:-}
code=\${EXIT_CODE:-}
status=\${EXIT_STATUS:-}
case $result in *[!a-z-]*) result= ;; esac
case $code in *[!a-z]*) code= ;; esac
case $status in *[!A-Z0-9+-]*) status= ;; esac
directory=$spool/$unit
[ -d "$directory" ] || mkdir -p "$directory" || exit 1
cd "$directory" || exit 1
# The newest are enough: each start reads the last one.
set -- *
[ $# -gt 64 ] && ls -t | tail -n +33 | while IFS= read -r old; do rm -f -- "$old"; done
part=.part
{
  printf 'unit=%s\\ninvocation=%s\\nresult=%s\\nexitCode=%s\\nexitStatus=%s\\n' \\
    "$unit" "$invocation" "$result" "$code" "$status" || exit 1
  while IFS=: read -r _ controllers path; do
    # Where nothing accounts for the unit's memory, it is in the cgroup of others.
    case $path/ in */"$unit"/* | */_"$unit"/*) ;; *) continue ;; esac
    case ,$controllers, in
      ,,) at=/sys/fs/cgroup$path ;;
      *,memory,*) at=/sys/fs/cgroup/memory$path ;;
      *) continue ;;
    esac
    for name in memory.peak memory.max_usage_in_bytes; do
      [ -r "$at/$name" ] && read -r bytes <"$at/$name" && printf 'memoryPeakBytes=%s\\n' "$bytes"
    done
    for name in memory.events memory.oom_control; do
      [ -r "$at/$name" ] || continue
      while read -r key count; do
        [ "$key" = oom_kill ] && printf 'oomKills=%s\\n' "$count"
      done <"$at/$name"
    done
  done </proc/self/cgroup || :
} >"$part" && exec mv -f "$part" "$invocation"
`)
