import uniq from 'lodash/uniq.js';
import type { BatchEngine, ClusterWords, CommandResult, SubmitOutcome } from '../engine.js';
import { splitOptions, withoutListed } from '../header.js';
import { allJobs, commandOf, dependencyWords } from '../request.js';
import { reasonText, saysTooManyJobs, type Wording } from '../words.js';
import { fitsDirective, isFile, sgeDirectives, sgeOptions, sgeResources, unfitForFileName } from './directives.js';
import { sgeDetails, sgeFind, sgeTokens } from './jobs.js';
import { sgeLimits, sgeQueues } from './queues.js';
import { sgePolls } from './states.js';
import { sgeUsage } from './usage.js';
import { sgeVerification } from './verify.js';

// qsub(1), qstat(1), qacct(1), qdel(1), queue_conf(5), accounting(5) of Grid Engine 8.1.9 (Son of Grid
// Engine); what is not in them was seen on a real one.

const wording: Wording = {
  noise: /^Exiting\.|commlib error|^warning:|^\(took /,
  usage: /^usage:/i,
  prefix: /^Unable to run job: /,
};

/** max_u_jobs and max_jobs of sge_conf(5), job_limit of queues, maxujobs of sched_conf(5). */
const jobLimits =
  /only \d+ jobs are allowed per|try again later|exceed.*max_u?_?jobs|more than .* jobs|job_limit|maxujobs/i;

/** What SGE_ROOT or SGE_CELL names is not there: sge_intro(1). */
const noSuchCell = /directory "[^"]*" doesn't exist/;

function readSubmission(result: CommandResult): SubmitOutcome {
  const ids = [...result.stdout.matchAll(/^(\d+)(\.\d+-\d+:\d+)?$/gm)];
  const jobId = ids.at(-1)?.[1];
  if (jobId !== undefined) return { kind: 'accepted', jobId };
  const words = reasonText(result, wording);
  if (result.timedOut || result.exitCode === undefined)
    return { kind: 'unknown', words: words || 'qsub did not come back' };
  if (
    /unable to send message|unable to contact|got send error|Unable to initialize environment/.test(result.stderr) &&
    !noSuchCell.test(words)
  ) {
    return { kind: 'not-now', words, limit: false };
  }
  if (jobLimits.test(words) || saysTooManyJobs(words)) return { kind: 'not-now', words, limit: true };
  return { kind: 'refused', words: words || `qsub ended with exit code ${result.exitCode} and gave no job id` };
}

/** sge_intro(1): SGE_CELL names the cell for each command; without it the cell is `default`. */
const sgeCells: ClusterWords = {
  named(_, { SGE_CELL: cell = '' }) {
    return cell === '' || cell === 'default' ? undefined : { names: [cell], by: `SGE_CELL=${cell}` };
  },
  at: (command, cell) => ({ ...command, environment: { ...command.environment, SGE_CELL: cell } }),
};

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
  // sge_conf(5): max_u_jobs and max_jobs count an array as one job.
  arrayIsOneJob: true,
  verify: sgeVerification,
  // qsub(1): waits for whole jobs, not for tasks, however they end.
  dependency: (after) => ['-hold_jid', uniq(allJobs(after).map((id) => id.replace(/\.\d+$/, ''))).join(',')],
  limitsArrays: () => true,
  taskPattern: (jobId) => `${jobId}.{task}`,
  clusters: sgeCells,
  find: sgeFind,
  polls: sgePolls,
  tokens: sgeTokens,
  details: sgeDetails,
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
