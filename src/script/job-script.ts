import { quoteWord } from '../core/quote.js';

/** The script of a job of `mlx job`: the lines of its template, with the user's command in them. */
export interface JobScript {
  /** Lines of shell that run first. */
  readonly prologue: string;
  /** Lines of shell: the job itself, or in an array the work of each worker. */
  readonly job: string;
  /** The absolute path of LOG_FILENAME. */
  readonly log: string;
  /** `log` without its `.log`. The names of the job's other files begin with it. */
  readonly stem: string;
  /** Whether the script writes its exit code into a file. */
  readonly status: boolean;
  readonly array: WorkerArray | undefined;
}

/**
 * An array whose elements run workers in parallel, each with a slice of the tasks. Tasks are numbered from 1.
 */
interface WorkerArray {
  readonly tasks: number;
  readonly tasksPerProc: number;
  readonly procs: number;
  /**
   * How an element finds its index. Undefined on this machine: there is one element, and its output is shown.
   */
  readonly element: ArrayElement | undefined;
}

/** The variable from which an element of an array finds its index. */
export interface ArrayElement {
  /** The engine's variable. */
  readonly variable: string;
  /** True if it counts the elements from 1; false if it is the number of the element's first task. */
  readonly counts: boolean;
}

/** Returns the number of tasks of one element of an array. */
export const tasksPerElement = ({ tasksPerProc, procs }: WorkerArray) => tasksPerProc * procs;

/** Returns the engine's index of each element. */
export function elementIndexes(array: WorkerArray): number[] {
  const size = tasksPerElement(array);
  const count = Math.ceil(array.tasks / size);
  return Array.from({ length: count }, (_, i) => 1 + i * (array.element?.counts ? 1 : size));
}

/**
 * Returns the body of a job's script. The output goes to LOG_FILENAME, that of an array's element to
 * `STEM.INDEX.log`, that of a worker to `STEM.INDEX.WORKER.log`. An element has the exit code of its first
 * worker that failed.
 */
export function renderJobBody({ prologue, job, log, stem, status, array }: JobScript): string {
  const element = array?.element;
  const named = element ? '.$ARRAY_INDEX' : '';
  const lines = [
    'set -eE -o pipefail',
    '# Signals are for the program; this shell waits for what it makes of them.',
    'trap : HUP INT TERM USR1 USR2',
    'exec 2>&1',
    `LOG=${quoteWord(stem)}`,
    ...(element ? [`ARRAY_INDEX=$${element.variable}`] : []),
    ...linkLines(element ? `"$LOG${named}.log"` : quoteWord(log)),
    ...(status ? statusLines(`"$LOG${named}.out"`) : []),
    '',
    prologue,
    ...(array ? workerLines(job, array) : [job]),
  ];
  return `${lines.map((line) => line.replace(/\n+$/, '')).join('\n')}\n`;
}

/** Links the run's log to the name that the user gave: a hard link, or a symbolic one across file systems. */
const linkLines = (name: string) => [
  "# The log in the run's directory, under the name that was asked for.",
  `if [ -e "$MLX_LOG_DIR/log.stdout" ]; then`,
  `  ln -f "$MLX_LOG_DIR/log.stdout" ${name} 2> /dev/null || ln -sf "$MLX_LOG_DIR/log.stdout" ${name}`,
  'fi',
];

const statusLines = (name: string) => [
  `rm -f ${name}`,
  `trap 'printf "%s\\n" "$?" > ${name}.tmp && mv -f ${name}.tmp ${name}' EXIT`,
];

function workerLines(job: string, { tasks, tasksPerProc, procs, element }: WorkerArray): string[] {
  const first =
    element === undefined
      ? '1'
      : element.counts
        ? '$((1 + (ARRAY_INDEX - 1) * N_TASKS_PER_PROC * N_PROCS))'
        : '$ARRAY_INDEX';
  const [begin, end] = element
    ? ['  (', '  ) >> "$WORKER_LOG" 2>&1 &']
    : ['  ( (', '  ) 2>&1 | tee -a "$WORKER_LOG") &'];
  return [
    '',
    `N_TASKS=${tasks} N_TASKS_PER_PROC=${tasksPerProc} N_PROCS=${procs}`,
    `FIRST_TASK=${first}`,
    'WORKERS=()',
    'for ((LOCAL_PROC_INDEX = 1; LOCAL_PROC_INDEX <= N_PROCS; LOCAL_PROC_INDEX++)); do',
    '  TASK_INDEX=$((FIRST_TASK + N_TASKS_PER_PROC * (LOCAL_PROC_INDEX - 1)))',
    '  TASK_STEPSIZE=$((N_TASKS - TASK_INDEX + 1))',
    '  [ "$TASK_STEPSIZE" -gt 0 ] || break',
    '  [ "$TASK_STEPSIZE" -le "$N_TASKS_PER_PROC" ] || TASK_STEPSIZE=$N_TASKS_PER_PROC',
    `  WORKER_LOG=${workerLog(element)}`,
    '  [ "${MLX_ATTEMPT:-1}" != 1 ] || : > "$WORKER_LOG"',
    begin,
    '    export LOCAL_PROC_INDEX TASK_INDEX TASK_STEPSIZE',
    job,
    end,
    '  WORKERS[LOCAL_PROC_INDEX]=$!',
    'done',
    ...waitLines(element),
  ];
}

/**
 * Lines that wait for the workers. A signal interrupts `wait` before its worker ends, so that the script
 * waits again: bash then returns the worker's exit code, or 127. If the worker ends at that moment, bash 5.2
 * returns -1.
 */
const waitLines = (element: ArrayElement | undefined) => [
  'FAILED=0',
  'for LOCAL_PROC_INDEX in "${!WORKERS[@]}"; do',
  '  WORKER=${WORKERS[LOCAL_PROC_INDEX]}',
  '  while :; do',
  '    wait "$WORKER" && CODE=0 || CODE=$?',
  '    kill -s 0 "$WORKER" 2> /dev/null || break',
  '  done',
  '  [ "$CODE" -ge 0 ] || CODE=143',
  '  if [ "$CODE" -gt 128 ]; then',
  '    wait "$WORKER" && AGAIN=0 || AGAIN=$?',
  '    case $AGAIN in 127 | -*) ;; *) CODE=$AGAIN ;; esac',
  '  fi',
  '  [ "$CODE" != 0 ] || continue',
  '  [ "$FAILED" != 0 ] || FAILED=$CODE',
  `  WORKER_LOG=${workerLog(element)}`,
  '  echo "worker $LOCAL_PROC_INDEX failed with exit code $CODE, its output is in $WORKER_LOG"',
  // The output of these workers is not shown yet. Its last lines mostly name the cause.
  ...(element ? ['  tail -n 5 "$WORKER_LOG"'] : []),
  'done',
  'exit "$FAILED"',
];

const workerLog = (element: ArrayElement | undefined) => `$LOG${element ? '.$ARRAY_INDEX' : ''}.$LOCAL_PROC_INDEX.log`;
