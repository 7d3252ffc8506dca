import { userInfo } from 'node:os';
import uniq from 'lodash/uniq.js';
import { clockDuration } from '../../core/clock.js';
import type { EngineAnswer } from '../../store/index.js';
import {
  allJobs,
  askedArray,
  type BatchEngine,
  type CommandResult,
  commandOf,
  dependencyWords,
  firstWords,
  type JobRequest,
  type SubmitOutcome,
  taskIndexes,
} from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { mebibytes, roughMemory, unsupported } from '../resources.js';
import { type JobUsage, printedBytes, printedSeconds } from '../usage.js';
import { sgeQueues } from './queues.js';

// qsub(1), qstat(1), qacct(1), qdel(1), queue_conf(5), accounting(5) of Grid Engine 8.1.9 (Son of Grid Engine); what is not
// in them was seen on a real one.

/** What Grid Engine replaces in the names of output files, and a comma, which no quotes keep from parting two of them. */
const unfitForFileName = /[,\n]|\$(JOB_ID|JOB_NAME|TASK_ID|USER|HOME|HOSTNAME)/;
/** A colon parts host and path; one before the path says that there is no host. */
const fileName = (path: string | undefined) => {
  if (path === undefined) return '/dev/null';
  return path.includes(':') ? `:${path}` : path;
};

function options(job: JobRequest): [option: string, value: string][] {
  const { resources: r } = job;
  const array = askedArray(job);
  const limits = [
    r.time === undefined ? undefined : `h_rt=${clockDuration(r.time)}`,
    r.mem === undefined ? undefined : `mem_free=${mebibytes(r.mem / (r.cpus ?? 1))}M`,
    r.gpus === undefined ? undefined : `gpu=${r.gpus}`,
  ].filter((limit) => limit !== undefined);
  if (r.nodes !== undefined && r.nodes > 1) unsupported('Grid Engine', 'nodes', { kind: 'sge-nodes' });
  if (r.constraint !== undefined) unsupported('Grid Engine', 'constraint', { kind: 'sge-constraint' });
  if ((r.tasks ?? 1) > 1 && (r.cpus ?? 1) > 1) {
    unsupported('Grid Engine', 'tasks', { kind: 'sge-tasks' });
  }
  const wanted: [string, string | undefined][] = [
    ['-N', job.name],
    ['-e', fileName(job.stderr)],
    ['-o', fileName(job.stdout)],
    ['-S', job.shell],
    ['-l', limits.length === 0 ? undefined : limits.join(',')],
    ['-pe', (r.cpus ?? 1) > 1 ? `smp ${r.cpus}` : undefined],
    ['-pe', (r.tasks ?? 1) > 1 ? `mpi ${r.tasks}` : undefined],
    ['-q', r.partition],
    ['-P', r.account],
    ['-r', r.requeue === undefined ? undefined : r.requeue ? 'y' : 'n'],
    // USR2 some time before it is killed, USR1 before it is suspended: qsub(1).
    ['-notify', r.requeue ? '' : undefined],
    ['-t', array && `1-${array.count}`],
    ['-tc', array?.maxRunning === undefined ? undefined : String(array.maxRunning)],
  ];
  return wanted.flatMap(([option, value]) => (value === undefined ? [] : [[option, value]]));
}

/** A blank in quotes takes the rest of the line with it, so each option has a line of its own; a quote can't be written. */
const fitsDirective = (value: string) => !/["'\\\n]/.test(value);
const isFile = (option: string) => option === '-o' || option === '-e';
const directiveValue = (option: string, value: string) => (isFile(option) && /\s/.test(value) ? `"${value}"` : value);

const noise = /^Exiting\.|commlib error|^warning:/;

function readSubmission(result: CommandResult): SubmitOutcome {
  const ids = [...result.stdout.matchAll(/^(\d+)(\.\d+-\d+:\d+)?$/gm)];
  const jobId = ids.at(-1)?.[1];
  if (jobId !== undefined) return { kind: 'accepted', jobId };
  const words = firstWords(result, noise).replace(/^Unable to run job: /, '');
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'qsub did not come back' };
  if (/unable to send message|unable to contact|got send error|Unable to initialize environment/.test(result.stderr)) {
    return { kind: 'not-now', words, limit: false };
  }
  if (/try again later|exceed.*max_u?_?jobs|more than .* jobs|job_limit|maxujobs/i.test(words)) {
    return { kind: 'not-now', words, limit: true };
  }
  return { kind: 'refused', words: words || `qsub ended with exit code ${result.exitCode} and gave no job id` };
}

/** Letters of a job's state: qstat(1), FULL FORMAT. */
function answerOf(state: string): EngineAnswer {
  if (state.includes('E')) {
    return {
      state: 'held',
      word: state,
      reason: 'it could not be started and stays in error (qmod -cj clears that)',
      stuck: true,
    };
  }
  if (state.includes('h')) return { state: 'held', word: state, reason: 'held' };
  if (state.includes('d')) return { state: 'running', word: state, reason: 'is being deleted' };
  if (/[qw]/.test(state))
    return { state: 'queued', word: state, reason: state.includes('R') ? 'to be started again' : undefined };
  return { state: /[rtsST]/.test(state) ? 'running' : 'unknown', word: state };
}

function readQstat(result: CommandResult): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0 || !/<job_info|^\s*$/.test(result.stdout)) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const [block] of result.stdout.matchAll(/<job_list .*?<\/job_list>/gs)) {
    const field = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(block)?.[1];
    const jobId = field('JB_job_number');
    const state = field('state');
    if (jobId === undefined || state === undefined) continue;
    const tasks = field('tasks');
    if (tasks === undefined) answers.set(jobId, answerOf(state));
    else for (const index of taskIndexes(tasks)) answers.set(`${jobId}.${index}`, answerOf(state));
  }
  return answers;
}

/**
 * Records of jobs that have ended, one per task and attempt. One that only tells of a rescheduling (`failed` 25) or of a start
 * that came to nothing while the job is still there is no end; the job's last record counts.
 */
function readQacct(result: CommandResult): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const record of result.stdout.split(/^=+$/m)) {
    const field = (name: string) => new RegExp(`^${name}\\s+(.*?)\\s*$`, 'm').exec(record)?.[1] ?? '';
    const jobId = field('jobnumber');
    const failed = Number.parseInt(field('failed'), 10);
    if (jobId === '' || failed === 25) continue;
    const task = field('taskid');
    answers.set(task === 'undefined' ? jobId : `${jobId}.${task}`, endOf(failed, field));
  }
  return answers;
}

function endOf(failed: number, field: (name: string) => string): EngineAnswer {
  const exitCode = Number.parseInt(field('exit_status'), 10);
  const word = field('failed');
  if (failed === 0) return { state: exitCode === 0 ? 'COMPLETE' : 'FAILED', word, exitCode };
  if (failed === 100) {
    const [, name] = /\((.*)\)/.exec(field('exit_status')) ?? [];
    return {
      state: 'FAILED',
      word,
      signal: String(exitCode - 128),
      reason: `ended by a signal (${name ?? exitCode - 128}): deleted, or out of memory?`,
    };
  }
  if (failed === 37) {
    const [, limit] = /\bh_rt=(\d+)/.exec(field('category')) ?? [];
    const over = limit === undefined || Number.parseFloat(field('ru_wallclock')) >= Number(limit);
    if (over) return { state: 'TIMEOUT', word, reason: 'over its time limit' };
    const [, most = ''] = /\bh_vmem=([^,\s]+)/.exec(field('category')) ?? [];
    const [peakMemory, askedMemory] = [printedBytes(field('maxvmem')), printedBytes(most)];
    const amounts =
      peakMemory && askedMemory
        ? `out of memory: used ${roughMemory(peakMemory)} of ${roughMemory(askedMemory)}`
        : undefined;
    return {
      state: 'FAILED',
      word,
      peakMemory,
      askedMemory,
      reason: amounts ?? 'over its limit of memory or CPU time',
    };
  }
  return { state: 'FAILED', word, reason: `Grid Engine could not start it: ${word}` };
}

/** accounting(5): what each task used, in its last record; what it asked for is in its category. */
function readUsage({ exitCode, stdout }: CommandResult): Map<string, JobUsage> | undefined {
  if (exitCode !== 0) return undefined;
  const usages = new Map<string, JobUsage>();
  for (const record of stdout.split(/^=+$/m)) {
    const field = (name: string) => new RegExp(`^${name}\\s+(.*?)\\s*$`, 'm').exec(record)?.[1] ?? '';
    const jobId = field('jobnumber');
    if (jobId === '') continue;
    const task = field('taskid');
    const category = field('category');
    const asked = (name: string) => new RegExp(`\\b${name}=([^,\\s]+)`).exec(category)?.[1] ?? '';
    const slots = Number(field('slots')) || 1;
    // Requests for memory are for each slot.
    const memory = printedBytes(asked('mem_free')) ?? printedBytes(asked('h_vmem'));
    usages.set(task === 'undefined' ? jobId : `${jobId}.${task}`, {
      seconds: Number.parseFloat(field('ru_wallclock')),
      timeLimit: /^\d+$/.test(asked('h_rt')) ? Number(asked('h_rt')) : printedSeconds(asked('h_rt')),
      cpuSeconds: Number.parseFloat(field('cpu')),
      cpus: slots,
      peakMemory: printedBytes(field('maxvmem')),
      memory: memory === undefined ? undefined : memory * slots,
    });
  }
  return usages;
}

function readFound(result: CommandResult): Map<string, string> | undefined {
  // With nothing there it complains about the pattern, and has answered.
  if (result.exitCode !== 0 && !/do not exist/.test(result.stderr)) return undefined;
  const jobs = result.stdout.split(/^=+$/m);
  return new Map(
    jobs.flatMap((text) => {
      const [, jobId] = /^job_number:\s+(\d+)/m.exec(text) ?? [];
      const [, token] = /^job_args:.*--submission=(\w+)/m.exec(text) ?? [];
      return jobId !== undefined && token !== undefined ? [[token, jobId] as const] : [];
    }),
  );
}

export const sge: BatchEngine = {
  names: ['sge', 'SGEScheduler'],
  title: 'Grid Engine',
  marker: '#$',
  detect: { command: 'qsub', probe: { argv: ['qsub', '-help'], says: /^\s*(\w*GE|OGS|SGE|OCS)\b/ } },
  idVariable: 'JOB_ID',
  task: { index: '"$SGE_TASK_ID"', jobId: '"$JOB_ID.$SGE_TASK_ID"' },
  // 99 puts a job back into the queue, 100 into an error state for good: qsub(1), EXIT STATUS of jobs.
  reservedExitCodes: [99, 100],
  restart: { exitCode: 99 },
  grace: "the queue's notify, see queue_conf(5)",
  // Unless the site has ENABLE_ADDGRP_KILL: sge_conf(5), execd_params.
  signalsGroup: true,
  // qsub(1): read anywhere at the left margin, here-documents and all. A quoted blank takes the rest of its line with it.
  header: {
    line: /^#\$(.*)$/,
    anywhere: true,
    split: (text) => {
      const options = splitOptions(text, { comments: true, values: 2, engine: 'Grid Engine' });
      const quoted =
        Array.isArray(options) && options.length > 1 && options.some((option) => /["'].*\s.*["']/.test(option));
      return quoted ? { kind: 'quoted-blank', engine: 'Grid Engine' } : options;
    },
    replaced: /^-(o|e|j|N|cwd|terse|b|now)\b/,
    array: /^-(t|tc)\b/,
    directory: /^-wd\s+(.+)$/,
    shell: /^-S\s+(\S+)$/,
    without: withoutListed,
  },
  nativeOptions: {
    time: /^-l\s.*\b[hs]_rt=/,
    cpus: /^-pe\b/,
    gpus: /^-l\s.*\bn?gpus?=/,
    mem: /^-l\s.*\b(mem_free|h_vmem|virtual_free|h_rss)=/,
    partition: /^-q\b/,
    tasks: /^-pe\b/,
    account: /^-P\b/,
    requeue: /^-r\b/,
    name: /^-N\b/,
    after: /^-hold_jid\b/,
    reserved: /^-(o|e|t|tc|S|j|cwd|wd|sync|now|terse|b|C|i)\b/,
  },
  canWriteTo: (path) => !unfitForFileName.test(path),
  // Letters and digits of ASCII and a few signs, no digit first, and not more than is told back.
  nameOf: (name) =>
    name
      .replace(/[^A-Za-z0-9_.+=-]/g, '.')
      .replace(/^(?![A-Za-z_])/, '_')
      .slice(0, 100),
  directives(job) {
    const own = options(job).flatMap(([option, value]) =>
      fitsDirective(value) ? [`${option} ${directiveValue(option, value)}`.trimEnd()] : [],
    );
    return [...own, ...job.options].map((option) => `#$ ${option}`);
  },
  restartsGetNewIds: () => false,
  submission(job) {
    // Names of files are always right on the command line; an impossible request is to be refused, not kept for ever.
    const words = options(job).flatMap(([option, value]) =>
      isFile(option) || !fitsDirective(value) ? [option, value] : [],
    );
    const check = job.options.some((option) => /^-w\b/.test(option)) ? [] : ['-w', 'e'];
    return commandOf(
      'qsub',
      '-terse',
      ...check,
      ...words,
      ...dependencyWords(sge, job),
      job.script,
      `--submission=${job.token}`,
    );
  },
  readSubmission,
  // qsub(1): jobs, no tasks of theirs, and however they end.
  dependency: (after) => ['-hold_jid', uniq(allJobs(after).map((id) => id.replace(/\.\d+$/, ''))).join(',')],
  taskPattern: (jobId) => `${jobId}.{task}`,
  find: [{ command: () => commandOf('qstat', '-j', '*'), read: readFound }],
  polls: [
    { command: () => commandOf('qstat', '-xml'), read: readQstat },
    {
      command: (jobIds) =>
        jobIds.length === 1
          ? commandOf('qacct', '-j', (jobIds[0] ?? '').replace(/\.\d+$/, ''))
          : commandOf('qacct', '-o', userInfo().username, '-d', '60', '-j'),
      read: readQacct,
      optional: true,
    },
  ],
  details: [
    {
      command: (jobId) => commandOf('qstat', '-j', jobId.replace(/\.\d+$/, '')),
      read({ exitCode, stdout, stderr }) {
        if (exitCode !== 0) return /do not exist/.test(stderr) ? [] : undefined;
        const errors = [...stdout.matchAll(/^error reason\s+\d+:\s+(.*)$/gm)].map(
          ([, text = '']) => ['error reason', text] as const,
        );
        const waits = [...(/^scheduling info:([\s\S]*)/m.exec(stdout)?.[1] ?? '').matchAll(/^\s+(\S.*)$/gm)];
        return [...errors, ...waits.slice(0, 5).map(([, text = '']) => ['waits because', text] as const)];
      },
    },
    {
      optional: true,
      command: (jobId) => {
        const [base = '', task] = jobId.split('.');
        return commandOf('qacct', '-j', base, ...(task === undefined ? [] : ['-t', task]));
      },
      read({ exitCode, stdout }) {
        if (exitCode !== 0) return undefined;
        const record = stdout.split(/^=+$/m).at(-1) ?? '';
        const field = (name: string) => new RegExp(`^${name}\\s+(.*?)\\s*$`, 'm').exec(record)?.[1] ?? '';
        return [
          ['ended as', `failed ${field('failed')}, exit status ${field('exit_status')}`],
          ['time', field('ru_wallclock')],
          ['peak memory', field('maxvmem')],
          ['node', field('hostname')],
        ];
      },
    },
  ],
  // A task goes by its number's `-t`; as `ID.TASK` it is taken as well, several at once.
  cancel: (jobIds) => commandOf('qdel', ...jobIds),
  hold: (jobIds) => commandOf('qhold', ...jobIds),
  release: (jobIds) => commandOf('qrls', ...jobIds),
  requeue: (jobIds) => commandOf('qmod', '-rj', ...jobIds),
  isHarmless: ({ stdout, stderr }) => /does not exist|already in deletion|invalid job/.test(stdout + stderr),
  queues: sgeQueues,
  usage: {
    optional: true,
    command: (jobIds) =>
      jobIds.length === 1
        ? commandOf('qacct', '-j', (jobIds[0] ?? '').replace(/\.\d+$/, ''))
        : commandOf('qacct', '-o', userInfo().username, '-d', '60', '-j'),
    read: readUsage,
  },
  limits: [
    {
      command: () => commandOf('qconf', '-sconf', 'global'),
      read({ exitCode, stdout }) {
        const [, tasks] = /^max_aj_tasks\s+(\d+)/m.exec(stdout) ?? [];
        return exitCode === 0 && Number(tasks) > 0 ? { arrayTasks: Number(tasks) } : undefined;
      },
    },
    // queue_conf(5): the longest time, and how many slots a host has in it. No queue is the default one.
    {
      command: () => commandOf('qconf', '-sq', '*'),
      read({ exitCode, stdout }) {
        if (exitCode !== 0) return undefined;
        const queues = stdout.split(/^(?=qname\s)/m).flatMap((text) => {
          const field = (name: string) => new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '';
          const name = field('qname');
          const time = field('h_rt') === 'INFINITY' ? undefined : printedSeconds(field('h_rt'));
          return name === ''
            ? []
            : [{ name, isDefault: false, time, cpus: undefined, mem: undefined, nodes: undefined }];
        });
        return queues.length === 0 ? undefined : { queues };
      },
    },
  ],
};
