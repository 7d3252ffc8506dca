import { clockDuration } from '../../core/clock.js';
import type { EngineAnswer } from '../../store/index.js';
import type { BatchEngine, CommandResult, JobRequest, SubmitOutcome } from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { firstWords } from '../output.js';
import { afterText, askedArray, commandOf, dependencyWords } from '../request.js';
import { mebibytes, oneQueue, perNode } from '../resources.js';

// msub, showq, canceljob, mjobctl of Moab Workload Manager, by the commands' pages in its administrator's guide (9.1).

function options(job: JobRequest): string[] {
  const { resources: r } = job;
  const array = askedArray(job);
  oneQueue('Moab', r);
  const sized = [r.cpus, r.gpus, r.nodes, r.tasks].some((one) => one !== undefined);
  const gpus = r.gpus === undefined ? '' : `:gpus=${r.gpus}`;
  const limits = [
    ...(sized ? [`nodes=${r.nodes ?? 1}:ppn=${(r.cpus ?? 1) * perNode('Moab', r)}${gpus}`] : []),
    ...(r.mem === undefined ? [] : [`mem=${mebibytes(r.mem)}mb`]),
    ...(r.time === undefined ? [] : [`walltime=${clockDuration(r.time)}`]),
    ...(r.constraint === undefined ? [] : [`feature=${r.constraint}`]),
  ];
  const running = array?.maxRunning === undefined ? '' : `%${array.maxRunning}`;
  return [
    `-N ${job.name}`,
    // The supervisor writes the logs: what is below Moab spools output until the end.
    '-e /dev/null',
    '-o /dev/null',
    ...(limits.length === 0 ? [] : [`-l ${limits.join(',')}`]),
    ...(r.partition === undefined ? [] : [`-q ${r.partition}`]),
    ...(r.account === undefined ? [] : [`-A ${r.account}`]),
    ...(r.requeue === undefined ? [] : [`-r ${r.requeue ? 'y' : 'n'}`]),
    ...(array ? [`-t [1-${array.count}]${running}`] : []),
  ];
}

function readSubmission(result: CommandResult): SubmitOutcome {
  // The id stands alone, after an empty line; of an array it has brackets behind it with some versions.
  const [, jobId] = /^\s*((?:[A-Za-z][\w-]*\.)?\d+)(?:\[\])?\s*$/m.exec(result.stdout) ?? [];
  if (result.exitCode === 0 && jobId !== undefined) return { kind: 'accepted', jobId };
  const words = firstWords(result).replace(/^ERROR:\s*/, '');
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'msub did not come back' };
  if (/cannot connect|connection refused|communication error|no route/i.test(words))
    return { kind: 'not-now', words, limit: false };
  if (/limit|maximum/i.test(words) && /job/i.test(words) && /idle|queued|user/i.test(words))
    return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `msub ended with exit code ${result.exitCode} and gave no job id` };
}

const waiting = new Set(['Idle', 'Deferred', 'NotQueued', 'Staging', 'Migrated']);
const running = new Set(['Running', 'Starting', 'Suspended', 'Exiting']);

function answerOf(state: string, code: string | undefined): EngineAnswer {
  if (/Hold$/.test(state) || state === 'BatchHold') return { state: 'held', word: state };
  if (waiting.has(state)) return { state: 'queued', word: state, stuck: state === 'Deferred' };
  if (running.has(state)) return { state: 'running', word: state };
  if (state === 'Removed' || /^CNCLD/.test(code ?? ''))
    return { state: 'STOPPED', word: state, reason: 'cancelled in Moab' };
  if (state === 'Completed' || state === 'Vacated') {
    const exit = Number(code ?? 0);
    return { state: exit === 0 ? 'COMPLETE' : 'FAILED', word: state, exitCode: Number.isNaN(exit) ? undefined : exit };
  }
  return { state: 'unknown', word: state };
}

function readShowq(result: CommandResult): Map<string, EngineAnswer> | undefined {
  if (result.exitCode !== 0 || !/<Data/.test(result.stdout)) return undefined;
  const answers = new Map<string, EngineAnswer>();
  for (const [element] of result.stdout.matchAll(/<job\s[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1];
    const id = attribute('JobID');
    const state = attribute('State');
    if (id !== undefined && state !== undefined) answers.set(id, answerOf(state, attribute('CompletionCode')));
  }
  return answers;
}

/** The job's name ends with its token: Moab keeps neither a script's arguments nor a comment where they could be read back in one go. */
const tokenName = (job: JobRequest) => `${job.name}.${job.token}`;

export const mwm: BatchEngine = {
  names: ['mwm', 'MWMScheduler', 'moab'],
  title: 'Moab',
  marker: '#MSUB',
  detect: { command: 'msub' },
  idVariable: 'MOAB_JOBID',
  task: { index: '"$MOAB_JOBARRAYINDEX"', jobId: '"$MOAB_JOBID"' },
  reservedExitCodes: [],
  grace: 'the resource manager below Moab',
  // qsub(1B): read up to the first line that is neither empty nor a comment, indented too; no comments behind options.
  header: {
    line: /^\s*#MSUB\s*(-.*)$/,
    anywhere: false,
    split: (text) => splitOptions(text, { comments: false, values: 1, engine: 'Moab' }),
    replaced: /^-(o|e|j|k|N)\b/,
    array: /^-(J|t)\b/,
    directory: /^-d\s+(.+)$/,
    shell: /^-S\s+(\S+)$/,
    without: withoutListed,
  },
  nativeOptions: {
    time: /^-l\s.*\bwalltime=/,
    cpus: /^-l\s.*\b(nodes|ppn|procs)=/,
    gpus: /^-l\s.*\bgpus=/,
    mem: /^-l\s.*\bp?mem=/,
    nodes: /^-l\s.*\bnodes=/,
    tasks: /^-l\s.*\b(ppn|procs)=/,
    partition: /^-q\b/,
    account: /^-A\b/,
    constraint: /^-l\s.*\bfeature=/,
    requeue: /^-r\b/,
    name: /^-N\b/,
    after: /^-l\s.*\bdepend=/,
    reserved: /^-(o|e|j|k|t|I|C|z|v)\b/,
  },
  canWriteTo: () => false,
  nameOf: (name) => name.replace(/[^A-Za-z0-9._-]/g, '.').slice(0, 60),
  directives: (job) => [...options(job), ...job.options].map((option) => `#MSUB ${option}`),
  restartsGetNewIds: () => false,
  submission: (job) =>
    commandOf('msub', '-N', tokenName(job), '-v', `MLX_TOKEN=${job.token}`, ...dependencyWords(mwm, job), job.script),
  readSubmission,
  // msub's -l depend; a job that was deleted may count as one that ended well: the script looks itself.
  dependency: (after) => ['-l', `depend=${afterText(after)}`],
  taskPattern: (jobId) => `${jobId}[{task}]`,
  find: [
    {
      command: () => commandOf('showq', '--xml'),
      read(result) {
        if (result.exitCode !== 0 || !/<Data/.test(result.stdout)) return undefined;
        const jobs = [...result.stdout.matchAll(/<job\s[^>]*>/g)].flatMap(([element]) => {
          const [, id] = /\bJobID="([^"[]*)/.exec(element) ?? [];
          const [, token] = /\bJobName="[^"]*\.(\w+)"/.exec(element) ?? [];
          return id !== undefined && token !== undefined ? [[token, id] as const] : [];
        });
        return new Map(jobs);
      },
    },
  ],
  polls: [
    { command: () => commandOf('showq', '--xml'), read: readShowq },
    { command: () => commandOf('showq', '-c', '--xml'), read: readShowq, optional: true },
  ],
  details: [
    {
      command: (jobId) => commandOf('checkjob', jobId),
      read({ exitCode, stdout }) {
        if (exitCode !== 0) return undefined;
        const lines = [...stdout.matchAll(/^(State|Holds|Completion Code|NOTE|Message\[\d+\]|BLOCK MSG):?\s+(.*)$/gm)];
        return lines.map(([, name = '', text = '']) => [name, text]);
      },
    },
  ],
  cancel: (jobIds) => commandOf('canceljob', ...jobIds),
  hold: (jobIds) => commandOf('mjobctl', '-h', 'user', ...jobIds),
  release: (jobIds) => commandOf('mjobctl', '-u', 'user', ...jobIds),
  requeue: (jobIds) => commandOf('mjobctl', '-R', ...jobIds),
  isHarmless: ({ stderr, stdout }) => /invalid job|cannot locate job|not found/i.test(stderr + stdout),
  limits: [],
};
