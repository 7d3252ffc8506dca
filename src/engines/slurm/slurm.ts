import { dayClockDuration, parseDuration } from '../../core/clock.js';
import type { EngineAnswer, FinalStatus } from '../../store/index.js';
import type { BatchEngine, CommandResult, EngineCommand, JobRequest, QueueLimits, SubmitOutcome } from '../engine.js';
import { splitOptions, wholeOption } from '../header.js';
import { printedBytes, taskIndexes } from '../output.js';
import { afterText, askedArray, dependencyWords } from '../request.js';
import { mebibytes, roughMemory, signalOf } from '../resources.js';
import { slurmQueues } from './queues.js';
import { slurmPlaces, slurmUsage } from './usage.js';

// sbatch(1), squeue(1), sacct(1), scancel(1), scontrol(1), sinfo(1) of Slurm 22.05; what they say when things go wrong was seen on a
// real one.

/**
 * Variables of a surrounding job or of the user's shell that would silently override directives (sbatch(1), INPUT ENVIRONMENT
 * VARIABLES), and the timestamps and lists that would change what is read. The configuration's own place stays.
 */
function cleanEnvironment(): Record<string, string | undefined> {
  const strays = Object.keys(process.env).filter(
    (name) =>
      /^(SBATCH_|SLURM_|SQUEUE_|SACCT_|SCANCEL_|SINFO_)/.test(name) &&
      !/^SLURM_(CONF|CLUSTERS|CONF_SERVER)$/.test(name),
  );
  return { ...Object.fromEntries(strays.map((name) => [name, undefined])), SLURM_BITSTR_LEN: '0' };
}

const ask = (...argv: [string, ...string[]]): EngineCommand => ({ argv, environment: cleanEnvironment() });

/** A value of a directive: double quotes keep blanks; a backslash or a double quote would not survive them. */
const fitsDirective = (value: string) => !/["\\\n]/.test(value);
const directiveValue = (value: string) => (/^[\w./:,@+=%-]+$/.test(value) ? value : `"${value}"`);

/** In file names a percent sign is doubled (sbatch(1), filename pattern). */
const fileName = (path: string) => path.replaceAll('%', '%%');

function options(job: JobRequest): [option: string, value: string][] {
  const { name, stdout, stderr, resources: r } = job;
  const array = askedArray(job);
  const warning = signalOf(r);
  const wanted: [string, string | number | undefined][] = [
    ['--job-name', name],
    ['--error', stderr === undefined ? '/dev/null' : fileName(stderr)],
    ['--output', stdout === undefined ? '/dev/null' : fileName(stdout)],
    ['--open-mode', 'append'],
    ['--time', r.time === undefined ? undefined : dayClockDuration(r.time)],
    ['--cpus-per-task', r.cpus],
    ['--gres', r.gpus === undefined ? undefined : `gpu:${r.gpus}`],
    ['--mem', r.mem === undefined ? undefined : `${mebibytes(r.mem)}M`],
    ['--partition', r.partition],
    ['--nodes', r.nodes],
    ['--ntasks', r.tasks],
    ['--account', r.account],
    ['--constraint', r.constraint],
    // Without B: a script that starts no steps hears nothing.
    ['--signal', warning && `B:${warning.signal}@${Math.ceil(warning.seconds)}`],
    ['--array', array && `1-${array.count}${array.maxRunning === undefined ? '' : `%${array.maxRunning}`}`],
  ];
  return wanted.flatMap(([option, value]) => (value === undefined ? [] : [[option, String(value)]]));
}

const passing =
  /Unable to contact|connect failure|temporarily un|Resource temporarily|authentication|munge|Slurm controller not|in use|shutting down|backup controller/i;
const jobLimits =
  /temporarily un|Resource temporarily|QOSMaxSubmit|AssocMaxSubmit|AssocGrpSubmit|QOSGrpSubmit|Job violates accounting\/QOS policy|MaxSubmitJob/i;

function readSubmission(result: CommandResult): SubmitOutcome {
  const [, jobId] = /^(\d+)(?:;|$)/m.exec(result.stdout.trim()) ?? [];
  if (result.exitCode === 0 && jobId !== undefined) return { kind: 'accepted', jobId };
  const lines = result.stderr.split('\n').filter((line) => !/sleeping and retrying|^\s*$/.test(line));
  const words = lines.map((line) => line.replace(/^sbatch: (error|fatal): /, '')).at(-1) ?? '';
  if (result.timedOut || result.exitCode === undefined || /timed out|Zero Bytes|Unexpected message/i.test(words)) {
    return { kind: 'unknown', words: words || 'sbatch did not come back' };
  }
  if (jobLimits.test(words)) return { kind: 'not-now', words, limit: true };
  if (passing.test(result.stderr)) return { kind: 'not-now', words, limit: false };
  return { kind: 'refused', words: words || `sbatch ended with exit code ${result.exitCode} and gave no job id` };
}

/** Job state codes: squeue(1), JOB STATE CODES. What is not here stays alive. */
const endStates: Readonly<Record<string, [FinalStatus, string?]>> = {
  COMPLETED: ['COMPLETE'],
  FAILED: ['FAILED'],
  TIMEOUT: ['TIMEOUT', 'over its time limit'],
  DEADLINE: ['TIMEOUT', 'over its deadline'],
  CANCELLED: ['STOPPED', 'cancelled in Slurm'],
  PREEMPTED: ['PREEMPTED', 'preempted by another job'],
  NODE_FAIL: ['FAILED', 'its node failed'],
  BOOT_FAIL: ['FAILED', 'its node did not boot'],
  OUT_OF_MEMORY: ['FAILED', 'out of memory'],
  REVOKED: ['STOPPED', 'revoked by the federation'],
};
const heldStates = new Set(['RESV_DEL_HOLD', 'REQUEUE_HOLD', 'SPECIAL_EXIT']);
const waitingStates = new Set(['PENDING', 'REQUEUED', 'REQUEUE_FED', ...heldStates]);
const liveStates = new Set([
  'RUNNING',
  'COMPLETING',
  'CONFIGURING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'RESIZING',
]);

/** Reasons that no time mends: squeue(1), JOB REASON CODES; found by submitting such jobs. */
const stuckReasons: Readonly<Record<string, string>> = {
  PartitionTimeLimit: "its time limit is over the partition's",
  PartitionNodeLimit: 'it asks for more nodes than the partition has',
  PartitionConfig: 'no node of the partition can ever give what it asks for',
  BadConstraints: 'no node can give what it asks for',
  DependencyNeverSatisfied: 'what it waits for has failed',
  InvalidQOS: 'its QOS is not valid',
  InvalidAccount: 'its account is not valid',
  AccountNotAllowed: 'its account may not use the partition',
};
const plainReasons: Readonly<Record<string, string>> = {
  Priority: 'jobs of higher priority are before it',
  Resources: 'waits for free nodes',
  JobHeldUser: 'held by its owner',
  JobHeldAdmin: 'held by an administrator',
  JobArrayTaskLimit: 'as many tasks of its array run as may at once',
  BeginTime: 'waits for its begin time; a job that was requeued waits two minutes',
  Dependency: 'waits for another job',
  ReqNodeNotAvail: 'the nodes it needs are down or reserved',
  PartitionDown: 'the partition is down',
  PartitionInactive: 'the partition is inactive',
  QOSMaxJobsPerUserLimit: 'as many of your jobs run as its QOS allows',
  AssocMaxJobsLimit: 'as many jobs of its account run as may at once',
  ...stuckReasons,
};

function answerOf(state: string, reason: string): EngineAnswer {
  const [word = ''] = state.split(' ');
  const end = endStates[word];
  if (end) {
    const [final, text] = end;
    const launchFailed = final === 'FAILED' && reason === 'JobLaunchFailure';
    return { state: final, word: launchFailed ? reason : word, reason: text };
  }
  if (waitingStates.has(word)) {
    const held = heldStates.has(word) || /^JobHeld|held/i.test(reason);
    const known = plainReasons[reason.replace(/[,(].*$/, '')];
    const plain = known ?? (reason === 'None' ? undefined : reason);
    return { state: held ? 'held' : 'queued', word: reason, reason: plain, stuck: reason in stuckReasons };
  }
  return { state: liveStates.has(word) ? 'running' : 'unknown', word };
}

/** When a waiting job is expected to start; a start time in the past is that of an attempt of before. */
function withStart(answer: EngineAnswer, text: string): EngineAnswer {
  const start = Date.parse(text);
  return answer.state === 'queued' && start > Date.now() ? { ...answer, expectedStart: start / 1000 } : answer;
}

const baseOf = (jobId: string) => jobId.replace(/_\d+$/, '');
/** The most ids that are named one by one; with more, all of the user's jobs cost less. */
const namedIds = 400;

function squeue(jobIds: readonly string[]): EngineCommand {
  const bases = [...new Set(jobIds.map(baseOf))];
  const which = bases.length <= namedIds ? ['-j', bases.join(',')] : ['-u', String(process.getuid?.() ?? '')];
  return ask('squeue', '-h', '-r', '-a', '-t', 'all', '-o', '%F|%K|%T|%S|%r', ...which);
}

function readSqueue(result: CommandResult): Map<string, EngineAnswer> | undefined {
  const unknownId = result.exitCode === 1 && /Invalid job id specified/.test(result.stderr);
  if (result.exitCode !== 0 && !unknownId) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const line of result.stdout.split('\n')) {
    const [base, task, state, start = '', ...reason] = line.split('|');
    if (!base || !task || !state) continue;
    const answer = withStart(answerOf(state, reason.join('|')), start);
    // `N/A` is a job that is no array; tasks that were cancelled together while they waited stay together.
    if (!/^\d/.test(task)) answers.set(base, answer);
    else for (const index of taskIndexes(task)) answers.set(`${base}_${index}`, answer);
  }
  return answers;
}

function sacct(jobIds: readonly string[]): EngineCommand {
  const bases = [...new Set(jobIds.map(baseOf))];
  const which =
    bases.length <= namedIds ? ['-j', bases.join(',')] : ['-u', String(process.getuid?.() ?? ''), '-S', 'now-30days'];
  return ask('sacct', '-n', '-P', '-o', 'JobID,State,ExitCode,NodeList,ReqMem,MaxRSS', ...which);
}

function readSacct(result: CommandResult, jobIds: readonly string[]): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0) return undefined;
  const answers = new Map<string, EngineAnswer>();
  const arrays = new Set([...result.stdout.matchAll(/^(\d+)_/gm)].map(([, base]) => base));
  // A task that is cancelled while it waits leaves its array at once, for `squeue` and accounting alike.
  for (const id of jobIds) {
    if (arrays.has(baseOf(id))) {
      answers.set(id, {
        state: 'STOPPED',
        word: 'CANCELLED',
        reason: 'cancelled in Slurm before it started',
        traceless: true,
      });
    }
  }
  for (const line of result.stdout.split('\n')) {
    const [jobId, state, exit = '', nodes = '', asked = '', peak = ''] = line.split('|');
    if (!jobId || !state) continue;
    const [whole = '', step] = jobId.split('.');
    if (step !== undefined) {
      const known = answers.get(whole);
      const used = printedBytes(peak);
      if (known && used) answers.set(whole, withMemory(known, used));
      continue;
    }
    const askedBytes = printedBytes(asked, 'm');
    const answer: EngineAnswer = { ...answerOf(state, ''), ...exitOf(state, exit, nodes), askedMemory: askedBytes };
    const [, base, tasks] = /^(\d+)_\[(.*?)\]?$/.exec(jobId) ?? [];
    const known =
      base === undefined || tasks === undefined ? [jobId] : [...taskIndexes(tasks)].map((index) => `${base}_${index}`);
    for (const id of known) {
      // A job that accounting alone knows and that has not ended there may have ended without its having heard.
      if (['queued', 'held', 'running', 'unknown'].includes(answer.state)) answers.delete(id);
      else answers.set(id, answer);
    }
  }
  return answers;
}

/** A job's step tells what it used at most. */
function withMemory(answer: EngineAnswer, used: number): EngineAnswer {
  const peakMemory = Math.max(answer.peakMemory ?? 0, used);
  const { word, askedMemory } = answer;
  if (word !== 'OUT_OF_MEMORY') return { ...answer, peakMemory };
  const amounts = askedMemory ? `: used ${roughMemory(peakMemory)} of ${roughMemory(askedMemory)}` : '';
  return { ...answer, peakMemory, reason: `out of memory${amounts}` };
}

/** `3:0` is an exit code, `0:9` a signal; `0:53` with FAILED is a job that could not be started (its output file could not be opened). */
function exitOf(state: string, exit: string, nodes: string): Partial<EngineAnswer> {
  const [code, signal] = exit.split(':').map(Number);
  if (state === 'FAILED' && exit === '0:53') {
    return { word: 'JobLaunchFailure', reason: 'Slurm could not start it (is its log directory there on the node?)' };
  }
  if (state.startsWith('NODE_FAIL')) return { reason: nodes === '' ? 'its node failed' : `node ${nodes} failed` };
  const by = /^CANCELLED by (\d+)/.exec(state)?.[1];
  if (by !== undefined && Number(by) !== process.getuid?.()) return { reason: `cancelled in Slurm by user ${by}` };
  if (state !== 'FAILED') return {};
  return signal ? { signal: String(signal) } : { exitCode: code };
}

/** `--submission=TOKEN` stands behind the script in the job's command, `%o`. */
function readFound(result: CommandResult): Map<string, string> | undefined {
  if (result.exitCode !== 0) return undefined;
  const found = [...result.stdout.matchAll(/^(\d+)\|.*--submission=(\w+)/gm)];
  return new Map(found.map(([, jobId = '', token = '']) => [token, jobId]));
}

/** `1-12:00:00`, `30:00` (minutes and seconds), `infinite`. */
function limitOf(time: string): number | undefined {
  if (time === 'infinite') return undefined;
  return parseDuration(time.length <= 5 && !time.includes('-') ? `0:${time}` : time);
}

function readNodes(result: CommandResult): QueueLimits[] | undefined {
  if (result.exitCode !== 0) return undefined;
  const queues = new Map<string, QueueLimits>();
  for (const line of result.stdout.split('\n')) {
    const [partition, time = '', cpus, mem] = line.split('|');
    if (!partition) continue;
    const name = partition.replace(/\*$/, '');
    const before = queues.get(name);
    queues.set(name, {
      name,
      isDefault: partition.endsWith('*'),
      time: limitOf(time),
      cpus: Math.max(before?.cpus ?? 0, Number(cpus)),
      mem: Math.max(before?.mem ?? 0, Number(mem) * 2 ** 20),
      nodes: (before?.nodes ?? 0) + 1,
    });
  }
  return [...queues.values()];
}

export const slurm: BatchEngine = {
  names: ['slurm', 'SLURMScheduler'],
  title: 'Slurm',
  marker: '#SBATCH',
  detect: { command: 'sbatch' },
  idVariable: 'SLURM_JOB_ID',
  // A task's own SLURM_JOB_ID is a number that says nothing of the array, and of the last task it is the array's.
  task: { index: '"$SLURM_ARRAY_TASK_ID"', jobId: '"$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"' },
  reservedExitCodes: [],
  // scontrol(1): the owner of a job may requeue it, from inside too, and while it is ended for its time limit.
  restart: { command: ['scontrol', 'requeue'] },
  warns: true,
  grace: 'KillWait of the site, and GraceTime of the partition',
  // A short option's value may stand right behind it; of long ones others may begin alike (`--time-min`, `--ntasks-per-node`).
  // sbatch(1): read up to the first line that is neither empty nor a comment; `#` behind a blank begins a comment.
  header: {
    line: /^#SBATCH\s+(.*)$/,
    anywhere: false,
    split: (text) => splitOptions(text, { comments: true, values: 1, engine: 'Slurm' }),
    replaced: /^(-[oeJ]|--(output|error|job-name|open-mode)(?![\w-]))/,
    array: /^(-a|--array(?![\w-]))/,
    directory: /^(?:-D\s*|--chdir[=\s]\s*)(.+)$/,
    shell: undefined,
    without: wholeOption,
  },
  nativeOptions: {
    time: /^(-t|--time(?![\w-]))/,
    cpus: /^(-c|--cpus-per-task)/,
    gpus: /^(-G|--gpus|--gres[= ]gpu)/,
    mem: /^--mem(-per-[cg]pu)?(?![\w-])/,
    partition: /^(-p|--partition)/,
    nodes: /^(-N|--nodes(?![\w-]))/,
    tasks: /^(-n|--ntasks(?![\w-]))/,
    account: /^(-A|--account)/,
    constraint: /^(-C|--constraint)/,
    requeue: /^--(no-)?requeue/,
    signal: /^--signal/,
    name: /^(-J|--job-name)/,
    after: /^(--dependency|-d)\b/,
    reserved: /^(-[oeaW]|--(output|error|array|wrap|wait|parsable|test-only|open-mode)(?![\w-]))/,
  },
  // A newline or a quote can't be in a directive, and a backslash changes the meaning of all else.
  canWriteTo: (path) => fitsDirective(path),
  nameOf: (name) => name.replaceAll('\n', ' '),
  directives(job) {
    const own = options(job).flatMap(([option, value]) =>
      fitsDirective(value) ? `${option}=${directiveValue(value)}` : [],
    );
    const { requeue, continueOnTimeout } = job.resources;
    const flags = continueOnTimeout || requeue ? ['--requeue'] : requeue === undefined ? [] : ['--no-requeue'];
    return [...own, ...flags, ...job.options].map((option) => `#SBATCH ${option}`);
  },
  restartsGetNewIds: () => false,
  submission(job) {
    const words = options(job).flatMap(([option, value]) => (fitsDirective(value) ? [] : `${option}=${value}`));
    return ask(
      'sbatch',
      '--parsable',
      ...words,
      ...dependencyWords(slurm, job),
      job.script,
      `--submission=${job.token}`,
    );
  },
  readSubmission,
  // sbatch(1); without the second option a job that can't start any more would stay in the queue for ever.
  dependency: (after) => [`--dependency=${afterText(after)}`, '--kill-on-invalid-dep=yes'],
  taskPattern: (jobId) => `${jobId}_{task}`,
  find: [
    {
      command: () => ask('squeue', '-h', '-t', 'all', '-u', String(process.getuid?.() ?? ''), '-o', '%F|%o'),
      read: readFound,
    },
  ],
  polls: [
    { command: squeue, read: readSqueue },
    { command: sacct, read: readSacct, optional: true },
  ],
  details: [
    {
      optional: true,
      command: (jobId) =>
        ask('sacct', '-n', '-P', '-j', jobId, '-o', 'JobID,State,ExitCode,Elapsed,Timelimit,ReqMem,MaxRSS,NodeList'),
      read({ exitCode, stdout }) {
        if (exitCode !== 0) return undefined;
        const [job, ...steps] = stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.split('|'));
        if (!job || job.length < 8) return [];
        const [, state = '', exit = '', elapsed = '', limit = '', memory = '', , nodes = ''] = job;
        const peak = steps.map(([, , , , , , used]) => used ?? '').find((used) => used !== '') ?? 'not measured';
        return [
          ['state in Slurm', `${state}, exit code:signal ${exit}`],
          ['time', limit === '' ? elapsed : `${elapsed} of ${limit}`],
          ['memory', `${peak} of ${memory} asked for`],
          ['nodes', nodes],
        ];
      },
    },
    {
      command: (jobId) => ask('squeue', '-h', '-t', 'all', '-j', jobId, '-o', '%T|%r|%S'),
      read({ exitCode, stdout }) {
        const [state, reason, start] = stdout.trim().split('|');
        // One that it does not know any more is told by accounting, above.
        if (exitCode !== 0 || state !== 'PENDING') return [];
        return [
          ["Slurm's reason", reason ?? ''],
          ['expected start', start === 'N/A' ? 'not known' : (start ?? '')],
        ];
      },
    },
  ],
  usage: slurmUsage(ask),
  places: slurmPlaces(ask),
  cancel: (jobIds) => ask('scancel', ...jobIds),
  hold: (jobIds) => ask('scontrol', 'hold', jobIds.join(',')),
  release: (jobIds) => ask('scontrol', 'release', jobIds.join(',')),
  requeue: (jobIds) => ask('scontrol', 'requeue', jobIds.join(',')),
  isHarmless: ({ stderr }) =>
    /already (finished|completing)|Invalid job id/i.test(stderr) && !/timed out|Unable to contact/.test(stderr),
  queues: slurmQueues(ask, limitOf),
  limits: [
    {
      command: () => ask('sinfo', '-h', '-N', '-o', '%P|%l|%c|%m'),
      read(result) {
        const queues = readNodes(result);
        return queues && { queues };
      },
    },
    {
      command: () => ask('scontrol', 'show', 'config'),
      read({ exitCode, stdout }) {
        // It bounds the index, not the count, and indexes are counted from 1 here.
        const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(stdout) ?? [];
        return exitCode === 0 && size !== undefined ? { arrayTasks: Number(size) - 1 } : undefined;
      },
    },
  ],
};
