import { anyJob } from '../asked-jobs.js';
import type { BatchEngine, CommandResult, JobRequest, SubmitOutcome } from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { afterText, commandOf, dependencyWords } from '../request.js';
import { reasonText, saysTooManyJobs, type Wording } from '../words.js';
import { mwmDirectives, mwmResources } from './directives.js';
import { mwmPolls, tokenIn } from './states.js';

// msub, showq, canceljob, mjobctl of Moab Workload Manager, by the commands' pages in its administrator's
// guide (9.1).

const wording: Wording = { usage: /^usage:/i, prefix: /^(?:ERROR:|msub:)\s*/ };

function readSubmission(result: CommandResult): SubmitOutcome {
  // The id has a line of its own, after an empty line. Some versions print brackets after the id of an array.
  const [, jobId] = /^\s*((?:[A-Za-z][\w-]*\.)?\d+)(?:\[\])?\s*$/m.exec(result.stdout) ?? [];
  if (result.exitCode === 0 && jobId !== undefined) return { kind: 'accepted', jobId };
  const words = reasonText(result, wording);
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'msub did not come back' };
  if (/cannot connect|connection refused|communication error|no route/i.test(words))
    return { kind: 'not-now', words, limit: false };
  const isLimit = /limit|maximum/i.test(words) && /job/i.test(words) && /idle|queued|user/i.test(words);
  if (isLimit || /\bMAXI?JOB\b/.test(words) || saysTooManyJobs(words)) return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `msub ended with exit code ${result.exitCode} and gave no job id` };
}

/**
 * Returns the job's name, which ends with its token: Moab shows neither a script's arguments nor a comment in
 * a list of all jobs.
 */
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
  // qsub(1B): directives may be indented and end at the first line that is neither empty nor a comment. No
  // comment may follow an option.
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
  resources: mwmResources,
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
    // --host and --port name another server, which the other commands would not ask.
    reserved: /^(-(o|e|j|k|t|I|C|z|v)|--(host|port))\b/,
  },
  canWriteTo: () => false,
  nameOf: (name) => name.replace(/[^A-Za-z0-9._-]/g, '.').slice(0, 60),
  directives: mwmDirectives,
  restartsGetNewIds: () => false,
  submission: (job) =>
    commandOf('msub', '-N', tokenName(job), '-v', `MLX_TOKEN=${job.token}`, ...dependencyWords(mwm, job), job.script),
  readSubmission,
  // msub, -l depend. A deleted job may count as one that ended well, so the script checks.
  dependency: (after) => ['-l', `depend=${afterText(after)}`],
  limitsArrays: () => true,
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
  polls: mwmPolls,
  details: [
    {
      command: (jobId) => commandOf('checkjob', jobId),
      read({ exitCode, stdout }, jobId, jobs = anyJob) {
        if (exitCode !== 0) return undefined;
        const [, name] = /^AName: (\S+)/m.exec(stdout) ?? [];
        if (!jobs.isOurs(jobId, { token: tokenIn(name) })) return [];
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
