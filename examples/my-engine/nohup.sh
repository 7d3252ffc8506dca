#!/usr/bin/env bash
# The commands of nohup-engine.mjs. A job's id is its process id and when that process started, which no later one shares.

started() { # pid: clock ticks since boot, field 22 of stat (proc(5))
  local stat
  { IFS= read -r stat < "/proc/$1/stat"; } 2> /dev/null || return
  stat=${stat##*) }
  # shellcheck disable=SC2086 # one word for each field
  set -- $stat
  [ "$1" != Z ] && echo "${20}"
}

lives() { # id or id:task
  local id=${1%%:*}
  [ "$(started "${id%.*}")" = "${id#*.}" ]
}

case $1 in
  submit) # script stdout stderr token tasks: the leader of a new session is the job, its tasks run one after the other
    # shellcheck disable=SC2016 # expanded by the bash that setsid starts
    setsid bash -c '
      script=$1 token=$2 tasks=$3
      . "$4"
      job=$$.$(started $$)
      if [ "$tasks" = 0 ]; then
        export NOHUP_JOB=$job
        exec bash "$script" "--submission=$token"
      fi
      for ((task = 1; task <= tasks; task++)); do
        NOHUP_JOB=$job:$task NOHUP_TASK=$task bash "$script" "--submission=$token"
      done
    ' nohup "$2" "$5" "$6" "${BASH_SOURCE[0]}" < /dev/null >> "$3" 2>> "$4" &
    echo "$!.$(started $!)"
    ;;
  find)
    for file in /proc/[0-9]*/cmdline; do
      pid=${file//[!0-9]/}
      line=$(tr '\0' ' ' < "$file" 2> /dev/null) || continue
      [[ $line =~ --submission=([a-z0-9]+) ]] && echo "${BASH_REMATCH[1]} $pid.$(started "$pid")"
    done
    exit 0
    ;;
  poll) for id in "${@:2}"; do lives "$id" && echo "$id alive"; done; exit 0 ;;
  cancel) for id in "${@:2}"; do lives "$id" && kill -s TERM -- "-${id%%.*}"; done; exit 0 ;;
esac
