import uniq from 'lodash/uniq.js';
import type { BatchEngine, CommandResult, SubmitOutcome } from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { firstWords } from '../output.js';
import { allJobs, commandOf, dependencyWords } from '../request.js';
import { fitsDirective, isFile, sgeDirectives, sgeOptions, sgeResources, unfitForFileName } from './directives.js';
import { sgeLimits, sgeQueues } from './queues.js';
import { sgePolls } from './states.js';
import { sgeUsage } from './usage.js';

// qsub(1), qstat(1), qacct(1), qdel(1), queue_conf(5), accounting(5) of Grid Engine 8.1.9 (Son of Grid
// Engine); what is not in them was seen on a real one.

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

function readFound(result: CommandResult): Map<string, string> | undefined {
  // Without any jobs it complains about the pattern; that is an answer too.
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
  // Never `qsub -help`: to OpenPBS and TORQUE that is `-h -e lp`, which submits a held job.
  detect: { command: 'qsub', probe: { argv: ['qstat', '-help'], says: /^\s*(\w*GE|OGS|SGE|OCS)\b/ } },
  idVariable: 'JOB_ID',
  task: { index: '"$SGE_TASK_ID"', jobId: '"$JOB_ID.$SGE_TASK_ID"' },
  // 99 puts a job back into the queue, 100 into an error state for good: qsub(1), EXIT STATUS of jobs.
  reservedExitCodes: [99, 100],
  restart: { exitCode: 99 },
  grace: "the queue's notify, see queue_conf(5)",
  // Unless the site sets ENABLE_ADDGRP_KILL: sge_conf(5), execd_params.
  signalsGroup: true,
  // qsub(1): read anywhere at the left margin, also in here-documents. A quoted blank swallows the rest of
  // its line.
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
  resources: sgeResources,
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
  // ASCII letters and digits and a few signs, no digit first, and no more characters than qstat shows.
  nameOf: (name) =>
    name
      .replace(/[^A-Za-z0-9_.+=-]/g, '.')
      .replace(/^(?![A-Za-z_])/, '_')
      .slice(0, 100),
  directives: sgeDirectives,
  restartsGetNewIds: () => false,
  submission(job) {
    // File names need no quoting on the command line. `-w e` refuses an impossible request, which would wait
    // for ever.
    const words = sgeOptions(job).flatMap(([option, value]) =>
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
  // qsub(1): waits for whole jobs, not for tasks, however they end.
  dependency: (after) => ['-hold_jid', uniq(allJobs(after).map((id) => id.replace(/\.\d+$/, ''))).join(',')],
  taskPattern: (jobId) => `${jobId}.{task}`,
  find: [{ command: () => commandOf('qstat', '-j', '*'), read: readFound }],
  polls: sgePolls,
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
  // Tasks are named `ID.TASK`, several at once.
  cancel: (jobIds) => commandOf('qdel', ...jobIds),
  hold: (jobIds) => commandOf('qhold', ...jobIds),
  release: (jobIds) => commandOf('qrls', ...jobIds),
  requeue: (jobIds) => commandOf('qmod', '-rj', ...jobIds),
  // qmod(1): qrls leaves the error state alone.
  clear: (jobIds) => commandOf('qmod', '-cj', ...jobIds),
  // `qmod -cj` ends with 1 when it has done what was asked.
  isHarmless: ({ stdout, stderr }) =>
    /does not exist|already in deletion|invalid (queue or )?job|cleared error state/.test(stdout + stderr),
  queues: sgeQueues,
  usage: sgeUsage,
  limits: sgeLimits,
};
