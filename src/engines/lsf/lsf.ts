import type { EngineAnswer } from '../../store/index.js';
import {
  askedArray,
  type BatchEngine,
  type CommandResult,
  commandOf,
  dependencyWords,
  firstWords,
  type JobRequest,
  type SubmitOutcome,
} from '../engine.js';
import { splitOptions, wholeOption } from '../header.js';
import { mebibytes, perNode, unsupported } from '../resources.js';
import { type JobUsage, printedBytes } from '../usage.js';
import { lsfQueueLimits, lsfQueues } from './queues.js';

// bsub(1), bjobs(1), bkill(1), bstop(1), bresume(1), brequeue(1) and lsf.conf(5) of IBM Spectrum LSF 10.1, by their documentation.

const quoted = (text: string) => (/^[\w./:+@%=,-]+$/.test(text) ? text : `"${text}"`);

function options(job: JobRequest): string[] {
  const { resources: r } = job;
  const array = askedArray(job);
  const tasks = r.tasks ?? 1;
  const slots = tasks * (r.cpus ?? 1);
  const span =
    r.tasks === undefined && (r.nodes ?? 1) === 1
      ? 'span[hosts=1]'
      : `span[ptile=${perNode('LSF', r) * (r.cpus ?? 1)}]`;
  if ((r.nodes ?? 1) > 1 && r.tasks === undefined) unsupported('LSF', 'nodes', { kind: 'lsf-nodes' });
  const running = array?.maxRunning === undefined ? '' : `%${array.maxRunning}`;
  return [
    `-J ${array ? `"${job.name}[1-${array.count}]${running}"` : quoted(job.name)}`,
    // The supervisor writes the logs: LSF keeps output until the end, and puts a report into it.
    '-e /dev/null',
    '-o /dev/null',
    ...(r.time === undefined
      ? []
      : [`-W ${Math.floor(Math.ceil(r.time / 60) / 60)}:${String(Math.ceil(r.time / 60) % 60).padStart(2, '0')}`]),
    ...(r.cpus === undefined && r.tasks === undefined ? [] : [`-n ${slots}`, `-R "${span}"`]),
    ...(r.gpus === undefined ? [] : [`-gpu "num=${r.gpus}"`]),
    ...(r.mem === undefined ? [] : [`-M ${mebibytes(r.mem)}MB`, `-R "rusage[mem=${mebibytes(r.mem)}MB]"`]),
    ...(r.partition === undefined ? [] : [`-q ${quoted(r.partition.replaceAll(',', ' '))}`]),
    ...(r.account === undefined ? [] : [`-P ${quoted(r.account)}`]),
    ...(r.constraint === undefined ? [] : [`-R "select[${r.constraint}]"`]),
    ...(r.requeue === undefined ? [] : [r.requeue ? '-r' : '-rn']),
    ...(r.requeue || r.continueOnTimeout ? ['-Q 99'] : []),
  ];
}

function readSubmission(result: CommandResult): SubmitOutcome {
  const [, jobId] = /^Job <(\d+)> is submitted/m.exec(result.stdout) ?? [];
  if (jobId !== undefined) return { kind: 'accepted', jobId };
  const words = firstWords(result);
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'bsub did not come back' };
  if (/threshold|reached .*job (slot )?limit|too many pending/i.test(words))
    return { kind: 'not-now', words, limit: true };
  if (
    /not responding|is down|try (again )?later|cannot connect|Communication time out|getting LSF configuration/i.test(
      words,
    )
  ) {
    return { kind: 'not-now', words, limit: false };
  }
  return { kind: 'refused', words: words || `bsub ended with exit code ${result.exitCode} and gave no job id` };
}

const endReasons: readonly (readonly [RegExp, EngineAnswer['state'], string])[] = [
  [/TERM_RUNLIMIT|TERM_DEADLINE|TERM_CPULIMIT/, 'TIMEOUT', 'over its time limit'],
  [/TERM_MEMLIMIT|TERM_SWAP/, 'FAILED', 'out of memory'],
  [/TERM_PREEMPT/, 'PREEMPTED', 'preempted by another job'],
  [/TERM_OWNER|TERM_ADMIN|TERM_FORCE_OWNER|TERM_FORCE_ADMIN/, 'STOPPED', 'killed in LSF'],
  [/TERM_LOAD|TERM_WINDOW|TERM_BUCKET_KILL|TERM_REMOVE_HUNG_JOB|TERM_ZOMBIE/, 'FAILED', 'ended by LSF'],
];

/** Job states: bjobs(1), STAT. */
function answerOf(stat: string, exitCode: string, exitReason: string, pendReason: string): EngineAnswer {
  switch (stat) {
    case 'PEND':
    case 'PROV':
    case 'WAIT':
      return { state: 'queued', word: stat, reason: known(pendReason) };
    case 'PSUSP':
      return { state: 'held', word: stat, reason: known(pendReason) };
    case 'RUN':
    case 'USUSP':
    case 'SSUSP':
      return { state: 'running', word: stat };
    case 'DONE':
      return { state: 'COMPLETE', word: stat, exitCode: 0 };
    case 'EXIT': {
      const [, state, reason] = endReasons.find(([pattern]) => pattern.test(exitReason)) ?? [];
      if (state !== undefined) return { state, word: exitReason, reason };
      return {
        state: 'FAILED',
        word: exitReason === '-' ? stat : exitReason,
        ...(/^\d+$/.test(exitCode) && { exitCode: Number(exitCode) }),
      };
    }
    default:
      return { state: 'unknown', word: stat };
  }
}

const known = (text: string) => (text === '' || text === '-' ? undefined : text);

const fields = "jobid jobindex stat exit_code exit_reason pend_reason delimiter='|'";

function readJobs(result: CommandResult): Map<string, EngineAnswer> | undefined {
  if (/is not found|No .*job found/i.test(result.stderr) && result.stdout.trim() === '') return new Map();
  if (result.exitCode !== 0 && result.stdout.trim() === '') return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const line of result.stdout.split('\n')) {
    const [id = '', index = '0', stat = '', exitCode = '', exitReason = '', ...pend] = line.trim().split('|');
    if (!/^\d+$/.test(id) || stat === '') continue;
    const key = index === '0' || index === '-' ? id : `${id}[${index}]`;
    answers.set(key, answerOf(stat, exitCode, exitReason, pend.join('|')));
  }
  return answers;
}

export const lsf: BatchEngine = {
  names: ['lsf', 'LSFScheduler'],
  title: 'LSF',
  marker: '#BSUB',
  detect: { command: 'bsub' },
  idVariable: 'LSB_JOBID',
  task: { index: '"$LSB_JOBINDEX"', jobId: '"$LSB_JOBID[$LSB_JOBINDEX]"' },
  // bsub(1), -Q: exit codes with which a job is put back into the queue.
  reservedExitCodes: [99],
  restart: { exitCode: 99 },
  grace: 'JOB_TERMINATE_INTERVAL of the site',
  // bsub(1): options embedded in a script that it reads from its standard input.
  header: {
    line: /^#BSUB\s+(.*)$/,
    anywhere: false,
    split: (text) => splitOptions(text, { comments: true, values: 1, engine: 'LSF' }),
    replaced: /^-(o|oo|e|eo|Jd|J(?!\s+["']?[^"'\s]*\[))\b/,
    array: /^-J\b/,
    directory: /^-cwd\s+(.+)$/,
    shell: /^-L\s+(\S+)$/,
    without: wholeOption,
  },
  nativeOptions: {
    time: /^-W\b/,
    cpus: /^-n\b/,
    gpus: /^-gpu\b/,
    mem: /^-M\b/,
    partition: /^-q\b/,
    tasks: /^-n\b/,
    account: /^-P\b/,
    requeue: /^-(rn?|Q)\b/,
    name: /^-J\b/,
    after: /^-w\b/,
    reserved: /^-(o|e|oo|eo|i|I|Is|Ip|K|Jd|env|cwd)\b/,
  },
  canWriteTo: () => false,
  nameOf: (name) => name.replace(/["\n[\]%]/g, '_').slice(0, 4000),
  directives: (job) => [...options(job), ...job.options].map((option) => `#BSUB ${option}`),
  restartsGetNewIds: () => false,
  // It reads directives only from a script on its standard input.
  submission: (job) => ({
    argv: ['bsub', '-Jd', `mlx:${job.token}`, ...dependencyWords(lsf, job)],
    stdin: job.script,
    environment: { MLX_TOKEN: job.token },
  }),
  readSubmission,
  // bsub(1), -w; jobs by their ids.
  dependency({ ok, any, fail: failed }) {
    const kinds = { done: ok, ended: any, exit: failed };
    const conditions = Object.entries(kinds).flatMap(([kind, ids]) => ids.map((id) => `${kind}(${id})`));
    return ['-w', conditions.join(' && ')];
  },
  taskPattern: (jobId) => `${jobId}[{task}]`,
  find: [
    {
      command: () => commandOf('bjobs', '-noheader', '-o', "jobid job_description delimiter='|'"),
      read(result) {
        if (result.exitCode !== 0 && !/No .*job found/i.test(result.stderr)) return undefined;
        return new Map(
          [...result.stdout.matchAll(/^(\d+)\|mlx:(\w+)/gm)].map(([, id = '', token = '']) => [token, id]),
        );
      },
    },
  ],
  polls: [{ command: () => commandOf('bjobs', '-a', '-noheader', '-o', fields), read: readJobs }],
  details: [
    {
      command: (jobId) =>
        commandOf(
          'bjobs',
          '-noheader',
          '-o',
          "stat exit_code exit_reason pend_reason max_mem memlimit delimiter='|'",
          jobId,
        ),
      read({ exitCode, stdout }) {
        const [stat, code, exitReason, pendReason, used, limit] = stdout.trim().split('|');
        if (exitCode !== 0) return undefined;
        return [
          ['state in LSF', `${stat}${known(code ?? '') ? `, exit code ${code}` : ''}`],
          ["LSF's reason", known(exitReason ?? '') ?? known(pendReason ?? '') ?? ''],
          ['memory', `${used ?? ''} of ${limit ?? ''}`],
        ];
      },
    },
  ],
  cancel: (jobIds) => commandOf('bkill', ...jobIds),
  hold: (jobIds) => commandOf('bstop', ...jobIds),
  release: (jobIds) => commandOf('bresume', ...jobIds),
  requeue: (jobIds) => commandOf('brequeue', ...jobIds),
  isHarmless: ({ stderr }) => /has already finished|No matching job found|is being terminated/.test(stderr),
  // bjobs(1), -o: what a job used; its memory in the unit that the site shows, which stands behind it.
  usage: {
    optional: true,
    command: () =>
      commandOf(
        'bjobs',
        '-a',
        '-noheader',
        '-o',
        "jobid jobindex run_time runtimelimit cpu_used slots max_mem memlimit delimiter='|'",
      ),
    read({ exitCode, stdout }) {
      if (exitCode !== 0) return undefined;
      return new Map(
        stdout.split('\n').flatMap((line) => {
          const [id = '', index = '0', ran = '', limit = '', cpu = '', slots = '', peak = '', most = ''] = line
            .trim()
            .split('|');
          if (!/^\d+$/.test(id)) return [];
          const usage: JobUsage = {
            seconds: Number.parseFloat(ran) || undefined,
            // In minutes.
            timeLimit: Number.parseFloat(limit) * 60 || undefined,
            cpuSeconds: Number.parseFloat(cpu) || undefined,
            cpus: Number(slots) || undefined,
            peakMemory: printedBytes(peak),
            memory: printedBytes(most),
          };
          return [[index === '0' || index === '-' ? id : `${id}[${index}]`, usage] as const];
        }),
      );
    },
  },
  queues: lsfQueues,
  limits: [
    lsfQueueLimits,
    {
      command: () => commandOf('bparams', '-l'),
      read({ exitCode, stdout }) {
        const [, size] = /MAX_JOB_ARRAY_SIZE\s*=\s*(\d+)/.exec(stdout) ?? [];
        return exitCode === 0 && size !== undefined ? { arrayTasks: Number(size) } : undefined;
      },
    },
  ],
};
