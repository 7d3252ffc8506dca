#!/usr/bin/env bash
# run.sh RUN_DIRECTORY [WORDS]: supervises one attempt of a run.
# run.sh --task MAP INDEX JOB [WORDS]: supervises the runs of one task of a job (mlx_task).
# run.sh --serve: supervises runs one after another for a launcher on this machine (mlx_serve).
#
# Part of an mlx store, see docs/store.md. Pure bash, 4.2 or newer. It claims the run's next attempt, starts
# the run's script.sh as a child, passes signals on to it, and records how it ended: attempts/N.yaml (the
# claim), attempts/N.end.yaml (the end), and the status lines of info.yaml. No other program writes these.
# Every name starts with mlx_, so that no variable of the program's environment is touched.
#
# WORDS:
#   --submission=TOKEN     the submission by which an engine starts it
#   --logs                 write log.stdout and log.stderr, because the engine does not
#   --reserved=CODES       exit codes that mean something to the engine: exit 1 instead
#   --script=PATH          start this script instead of script.sh
#   --signals-group        the engine signals the job's process group and nothing else, with KILL and STOP too
#   --signal-to=program    send signals to the program alone, not to what it has started
#   --at=SECONDS:SIGNAL    send SIGNAL when the job has run for SECONDS. SIGNAL may be END: the program must
#                          end now, so that it can go on in another job
#   --continue=N           how often the run may go on after its time limit; empty: without limit
#   --requeue=N            how often it may be started again for other reasons; empty: without limit
#   --needs=NAMES          variables of the engine, without which a task was started by hand
#   --element=NAME:STEP    the variable that holds an array's index, and the distance of the indexes
#   --restart=HOW          how a job asks to be started again: exit:CODE, or a command, given the job's id
#   --limit=SECONDS        the time limit of the job, from its start

# --- Words: the command line, messages, exit codes ----------------------------------------------------------
# Owns what WORDS say. Needs nothing from the other parts.

mlx_logs='' mlx_reserved='' mlx_script='' mlx_shared='' mlx_signal_to='' mlx_timers='' mlx_most_continued=''
mlx_restart='' mlx_needs='' mlx_element='' mlx_limit=''
# Unset without --requeue: then the engine's own rule counts, not ours.
unset mlx_most_requeued

mlx_say() { printf 'mlx: %s\n' "$1" >&2; }

mlx_read_words() {
  local word
  for word; do
    case $word in
      --submission=*) MLX_TOKEN=${word#*=} ;;
      --logs) mlx_logs=1 ;;
      --reserved=*) mlx_reserved=${word#*=} ;;
      --script=*) mlx_script=${word#*=} ;;
      --signals-group) mlx_shared=1 ;;
      --signal-to=program) mlx_signal_to=program ;;
      --at=*) mlx_timers+=" ${word#*=}" ;;
      --continue=*) mlx_most_continued=${word#*=} ;;
      --requeue=*) mlx_most_requeued=${word#*=} ;;
      --needs=*) mlx_needs=${word#*=} ;;
      --element=*) mlx_element=${word#*=} ;;
      --restart=*) mlx_restart=${word#*=} ;;
      --limit=*) mlx_limit=${word#*=} ;;
    esac
  done
}

# Exits with the program's exit code, or with 1 if that code means something to the engine.
mlx_exit() {
  case ,$mlx_reserved, in *,$1,*) exit 1 ;; *) exit "$1" ;; esac
}
