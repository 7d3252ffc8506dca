import type { BatchEngine, CommandResult, SubmitOutcome } from '../engine.js';
import { splitOptions, wholeOption } from '../header.js';
import { afterText, dependencyWords } from '../request.js';
import { slurmCommand, userNumber } from './command.js';
import { fitsDirective, slurmDirectives, slurmOptions, slurmResources } from './directives.js';
import { slurmLimits, slurmPositions, slurmQueues } from './queues.js';
import { slurmPolls } from './states.js';
import { slurmUsage } from './usage.js';

// sbatch(1), squeue(1), sacct(1), scancel(1), scontrol(1), sinfo(1) of Slurm 22.05; the error messages were
// seen on a real cluster.

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

/** Reads job ids by token: `--submission=TOKEN` follows the script in the job's command, `%o`. */
function readFound(result: CommandResult): Map<string, string> | undefined {
  if (result.exitCode !== 0) return undefined;
  const found = [...result.stdout.matchAll(/^(\d+)\|.*--submission=(\w+)/gm)];
  return new Map(found.map(([, jobId = '', token = '']) => [token, jobId]));
}

export const slurm: BatchEngine = {
  names: ['slurm', 'SLURMScheduler'],
  title: 'Slurm',
  marker: '#SBATCH',
  detect: { command: 'sbatch' },
  idVariable: 'SLURM_JOB_ID',
  // A task's own SLURM_JOB_ID is unrelated to the array's id, except that the last task has the array's id.
  task: { index: '"$SLURM_ARRAY_TASK_ID"', jobId: '"$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"' },
  reservedExitCodes: [],
  // scontrol(1): the owner may requeue a job, also from inside, and also while Slurm ends it at its time
  // limit.
  restart: { command: ['scontrol', 'requeue'] },
  warns: true,
  grace: 'KillWait of the site, and GraceTime of the partition',
  // sbatch(1): directives end at the first line that is neither empty nor a comment; ` #` begins a comment.
  // The value of a short option may follow it directly. Some long options begin like others (`--time-min`).
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
  resources: slurmResources,
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
    exclude: /^(-x|--exclude(?![\w-]))/,
    requeue: /^--(no-)?requeue/,
    signal: /^--signal/,
    name: /^(-J|--job-name)/,
    after: /^(--dependency|-d)\b/,
    reserved: /^(-[oeaW]|--(output|error|array|wrap|wait|parsable|test-only|open-mode)(?![\w-]))/,
  },
  // A newline or a quote can't stand in a directive, and a backslash changes how the rest is read.
  canWriteTo: (path) => fitsDirective(path),
  nameOf: (name) => name.replaceAll('\n', ' '),
  directives: slurmDirectives,
  restartsGetNewIds: () => false,
  submission(job) {
    const words = slurmOptions(job).flatMap(([option, value]) => (fitsDirective(value) ? [] : `${option}=${value}`));
    return slurmCommand(
      'sbatch',
      '--parsable',
      ...words,
      ...dependencyWords(slurm, job),
      job.script,
      `--submission=${job.token}`,
    );
  },
  readSubmission,
  // sbatch(1). Without the second option a job that can never start would stay in the queue for ever.
  dependency: (after) => [`--dependency=${afterText(after)}`, '--kill-on-invalid-dep=yes'],
  limitsArrays: () => true,
  tellsHolds: true,
  taskPattern: (jobId) => `${jobId}_{task}`,
  find: [
    {
      command: () => slurmCommand('squeue', '-h', '-t', 'all', '-u', userNumber(), '-o', '%F|%o'),
      read: readFound,
    },
  ],
  polls: slurmPolls,
  details: [
    {
      optional: true,
      command: (jobId) =>
        slurmCommand(
          'sacct',
          '-n',
          '-P',
          '-j',
          jobId,
          '-o',
          'JobID,State,ExitCode,Elapsed,Timelimit,ReqMem,MaxRSS,NodeList',
        ),
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
      command: (jobId) => slurmCommand('squeue', '-h', '-t', 'all', '-j', jobId, '-o', '%T|%r|%S'),
      read({ exitCode, stdout }) {
        const [state, reason, start] = stdout.trim().split('|');
        // If it does not know the job any more, accounting has answered above.
        if (exitCode !== 0 || state !== 'PENDING') return [];
        return [
          ["Slurm's reason", reason ?? ''],
          ['expected start', start === 'N/A' ? 'not known' : (start ?? '')],
        ];
      },
    },
  ],
  usage: slurmUsage,
  places: slurmPositions,
  cancel: (jobIds) => slurmCommand('scancel', ...jobIds),
  hold: (jobIds) => slurmCommand('scontrol', 'hold', jobIds.join(',')),
  release: (jobIds) => slurmCommand('scontrol', 'release', jobIds.join(',')),
  requeue: (jobIds) => slurmCommand('scontrol', 'requeue', jobIds.join(',')),
  isHarmless: ({ stderr }) =>
    /already (finished|completing)|Invalid job id/i.test(stderr) && !/timed out|Unable to contact/.test(stderr),
  queues: slurmQueues,
  limits: slurmLimits,
};
