import { quoteWord } from '../core/quote.js';

/** What a job of `mlx job` does: its template's lines, with the user's command in them. */
export interface JobScript {
  /** Lines of shell that run first. */
  readonly prologue: string;
  /** Lines of shell: the job, or in an array what each worker does. */
  readonly job: string;
  /** LOG_FILENAME; absolute. */
  readonly log: string;
  /** What the names of the other files begin with: `log` without its `.log`. */
  readonly stem: string;
  /** Whether a status file tells the exit code. */
  readonly status: boolean;
  readonly array: WorkerArray | undefined;
}

/** Workers side by side in each element of an array, each with a slice of the tasks, which are numbered from 1. */
export interface WorkerArray {
  readonly tasks: number;
  readonly tasksPerProc: number;
  readonly procs: number;
  /** How an element knows which it is; undefined where there is but one, on this machine, whose workers' output is shown. */
  readonly element: ArrayElement | undefined;
}

export interface ArrayElement {
  /** The engine's variable. */
  readonly variable: string;
  /** Whether that counts elements, 1, 2, …; else it is the number of the element's first task. */
  readonly counts: boolean;
}

/** How many tasks one element of an array does. */
export const tasksPerElement = ({ tasksPerProc, procs }: WorkerArray) => tasksPerProc * procs;

/** The engine's index of each element. */
export function elementIndexes(array: WorkerArray): number[] {
  const size = tasksPerElement(array);
  const count = Math.ceil(array.tasks / size);
  return Array.from({ length: count }, (_, i) => 1 + i * (array.element?.counts ? 1 : size));
}

/**
 * The body of a job's script. All output goes to LOG_FILENAME (of an array's element to `STEM.INDEX.log`), that of workers to
 * `STEM.INDEX.WORKER.log`; the exit code of an element that failed is that of its first worker that did.
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

/** The run's own log under the name that the user gave; where the file systems differ, a link by name. */
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
 * A signal ends a `wait` before its worker has ended; what is waited for once more has kept its exit code, or is told as 127. Of a worker that
 * ends just then bash 5.2 tells -1.
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
  // What is not shown here already; the last lines mostly say why.
  ...(element ? ['  tail -n 5 "$WORKER_LOG"'] : []),
  'done',
  'exit "$FAILED"',
];

const workerLog = (element: ArrayElement | undefined) => `$LOG${element ? '.$ARRAY_INDEX' : ''}.$LOCAL_PROC_INDEX.log`;
