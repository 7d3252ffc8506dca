import { quoteCommand } from '../../core/quote.js';
import type { BatchEngine, CommandResult, JobRequest, SubmitOutcome } from '../engine.js';
import { withoutListed } from '../header.js';
import { firstWords } from '../output.js';
import { allJobs, commandOf, dependencyWords } from '../request.js';
import { isIdempotent, nativeWords, oarDirectives, oarOptions, oarResources } from './directives.js';
import { oarQueues } from './queues.js';
import { among, expectedStart, jobsIn, oarPolls } from './states.js';
import { oarUsage } from './usage.js';

// oarsub(1), oarstat(1), oardel(1), oarhold(1) of OAR 2.5; its states, events and refusals were seen on a
// real one.

/** Output file names that OAR accepts (OAR::IO), without the percent sign, which may begin a placeholder. */
const fitForFileName = /^[a-zA-Z0-9_./\- ]+$/;

const noise =
  /^\[ADMISSION RULE\](?! Error)|^#|^Use of uninitialized|job array submission is used|^OAR_(JOB|ARRAY)_ID=/;

function readSubmission(result: CommandResult, job: JobRequest): SubmitOutcome {
  const taskIds = [...result.stdout.matchAll(/^OAR_JOB_ID=(\d+)$/gm)].map(([, id = '']) => id);
  const [jobId] = taskIds;
  const words = firstWords(result, noise).replace(/^\[?(ADMISSION RULE|ERROR)\] (Error: )?|^\/!\\ /, '');
  if (result.exitCode === 0 && jobId !== undefined) {
    if (!job.array) return { kind: 'accepted', jobId };
    const arrayId = /^OAR_ARRAY_ID=(\d+)$/m.exec(result.stdout)?.[1] ?? jobId;
    return { kind: 'accepted', jobId: arrayId, taskIds };
  }
  // The job is in the database, but the server was not notified.
  if (jobId !== undefined || result.timedOut || result.exitCode === undefined) {
    return { kind: 'unknown', words: words || 'oarsub did not come back' };
  }
  if (/could not connect|cannot connect|connect to .*database|could not translate|refused/i.test(result.stderr)) {
    return { kind: 'not-now', words, limit: false };
  }
  if (/too many|quota|maximum number/i.test(words)) return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `oarsub ended with exit code ${result.exitCode} and gave no job id` };
}

/** A native option that asks for cores and nodes, not only for a walltime. */
const hierarchy = /^(-l|--resource)\s+(?!\s|walltime=)/;

export const oar: BatchEngine = {
  names: ['oar', 'OARScheduler'],
  title: 'OAR',
  marker: '#OAR',
  detect: { command: 'oarsub' },
  idVariable: 'OAR_JOB_ID',
  task: { index: '"$OAR_ARRAY_INDEX"', jobId: '"$OAR_JOB_ID"' },
  // An idempotent job that has run for more than a minute is started again if it ends with 99.
  reservedExitCodes: [99],
  restart: { exitCode: 99 },
  warns: true,
  grace: 'OAR, which kills at once',
  // oarsub(1), OAR::Sub: read anywhere at the left margin; one option per line; the value is the rest of the
  // line, quotes included.
  header: {
    line: /^#OAR\s+(.*)$/,
    anywhere: true,
    split: (text) =>
      /^--?[\w-]+=/.test(text)
        ? { kind: 'equals-sign', engine: 'OAR', value: /=.*$/.exec(text)?.[0] ?? '' }
        : /^-/.test(text)
          ? [text.trimEnd()]
          : { kind: 'no-dash', engine: 'OAR' },
    replaced: /^(-O|-E|-n|--stdout|--stderr|--name)\b/,
    array: /^--array/,
    arrayIsCount: true,
    directory: /^(?:-d|--directory)\s+(.+)$/,
    shell: undefined,
    without: withoutListed,
  },
  resources: oarResources,
  nativeOptions: {
    time: /^(-l|--resource)\s.*walltime=/,
    cpus: hierarchy,
    gpus: hierarchy,
    nodes: hierarchy,
    tasks: hierarchy,
    partition: /^(-q|--queue)\b/,
    account: /^--project\b/,
    constraint: /^(-p|--property)\b/,
    requeue: /^(-t|--type)\s+idempotent\b/,
    signal: /^--(checkpoint|signal)\b/,
    name: /^(-n|--name)\b/,
    after: /^(-a|--anterior)\b/,
    reserved: /^(-O|-E|--stdout|--stderr|--array|-S|--scanscript|-I|--interactive|-C|-d|--directory)\b/,
  },
  canWriteTo: (path) => fitForFileName.test(path),
  nameOf: (name) => name.replace(/['\n]/g, '_').slice(0, 100),
  directives: oarDirectives,
  restartsGetNewIds: (job) =>
    isIdempotent(job.resources) || job.options.some((option) => /\bidempotent\b/.test(option)),
  submission(job) {
    // oarsub takes a shell command line instead of a script. With -S it would read directives from the file
    // named by the first word, quotes included, which fails for a path with a blank. So the options go onto
    // the command line.
    const { own, natives } = oarOptions(job);
    const words = [...own.flat(), ...natives.flatMap(nativeWords), ...dependencyWords(oar, job)];
    return commandOf('oarsub', ...words, quoteCommand([job.script, `--submission=${job.token}`]));
  },
  readSubmission,
  // oarsub(1): "anterior" jobs may end in any way; one option for each.
  dependency: (after) => allJobs(after).flatMap((id) => ['-a', id]),
  // OAR 2.5.9 ignores the dependency of an array that has only one (add_micheline_simple_array_job in
  // OAR/IO.pm).
  arrayWaits: (after) => allJobs(after).length > 1,
  tellsHolds: true,
  taskPattern: () => undefined,
  find: [
    {
      command: () => commandOf('oarstat', '-J', '-f', '-u'),
      read(result) {
        const jobs = jobsIn(result);
        if (!jobs) return undefined;
        const found = [...jobs].flatMap(([id, { command, array_id, array_index = 1 }]) => {
          const [, token] = /--submission=(\w+)/.exec(command ?? '') ?? [];
          return token === undefined || array_index > 1 ? [] : [[token, String(array_id ?? id)] as const];
        });
        return new Map(found);
      },
    },
  ],
  polls: oarPolls,
  details: [
    {
      command: (jobId) => commandOf('oarstat', '-J', '-f', '--sql', among('job_id', [jobId])),
      read(result) {
        const [job] = [...(jobsIn(result)?.values() ?? [])];
        if (!job) return result.exitCode === 0 ? [] : undefined;
        const events =
          job.events?.map(({ type, description }) => ['event', `${type}: ${description ?? ''}`] as const) ?? [];
        return [
          ['state in OAR', `${job.state}, ${job.message ?? ''}`],
          ['expected start', expectedStart(job)],
          ...events,
        ];
      },
    },
  ],
  cancel: (jobIds) => commandOf('oardel', ...jobIds),
  hold: (jobIds) => commandOf('oarhold', ...jobIds),
  release: (jobIds) => commandOf('oarresume', ...jobIds),
  requeue: () => undefined,
  isHarmless: ({ stderr }) => /already killed|not the right user/.test(stderr),
  queues: oarQueues,
  usage: oarUsage,
  limits: [],
};
