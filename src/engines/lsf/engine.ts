import type { BatchEngine, CommandResult, SubmitOutcome } from '../engine.js';
import { splitOptions, wholeOption } from '../header.js';
import { firstWords } from '../output.js';
import { commandOf, dependencyWords } from '../request.js';
import { lsfDirectives, lsfResources } from './directives.js';
import { lsfLimits, lsfQueues } from './queues.js';
import { known, lsfPolls } from './states.js';
import { lsfUsage } from './usage.js';

// bsub(1), bjobs(1), bkill(1), bstop(1), bresume(1), brequeue(1) and lsf.conf(5) of IBM Spectrum LSF 10.1, by
// their documentation.

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

export const lsf: BatchEngine = {
  names: ['lsf', 'LSFScheduler'],
  title: 'LSF',
  marker: '#BSUB',
  detect: { command: 'bsub' },
  idVariable: 'LSB_JOBID',
  task: { index: '"$LSB_JOBINDEX"', jobId: '"$LSB_JOBID[$LSB_JOBINDEX]"' },
  // bsub(1), -Q: exit codes that put a job back into the queue.
  reservedExitCodes: [99],
  restart: { exitCode: 99 },
  grace: 'JOB_TERMINATE_INTERVAL of the site',
  // bsub(1): options in a script on its standard input.
  header: {
    line: /^#BSUB\s+(.*)$/,
    anywhere: false,
    split: (text) => splitOptions(text, { comments: true, values: 1, engine: 'LSF' }),
    replaced: /^-(o|oo|e|eo|Jd|J(?!\s+["']?[^"'\s]*\[))\b/,
    array: /^-J\b/,
    arrayIsInName: true,
    directory: /^-cwd\s+(.+)$/,
    shell: /^-L\s+(\S+)$/,
    without: wholeOption,
  },
  resources: lsfResources,
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
  directives: lsfDirectives,
  restartsGetNewIds: () => false,
  // bsub reads directives only from a script on its standard input.
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
  limitsArrays: () => true,
  tellsHolds: true,
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
  polls: lsfPolls,
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
  usage: lsfUsage,
  queues: lsfQueues,
  limits: lsfLimits,
};
