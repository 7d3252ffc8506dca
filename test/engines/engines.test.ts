import { describe, expect, test } from 'vitest';
import type { BatchEngine, CommandResult, JobRequest } from '../../src/engines/engine.js';
import { batchEngines } from '../../src/engines/index.js';
import { job } from './some-job.js';

const engineNamed = (name: string) => batchEngines.find(({ names }) => names[0] === name) as BatchEngine;

/** What a command came to: `2> ` before a line of stderr, as in the transcripts. */
function result(transcript: string, exitCode: number | null = 0): CommandResult {
  const lines = transcript.split('\n');
  const pick = (err: boolean) =>
    lines.filter((line) => line.startsWith('2> ') === err).map((line) => line.replace(/^2> /, ''));
  const text = (some: string[]) => (some.length === 0 ? '' : `${some.join('\n')}\n`);
  return {
    exitCode: exitCode ?? undefined,
    stdout: text(pick(false)),
    stderr: text(pick(true)),
    timedOut: exitCode === null,
    missing: false,
  };
}

/** Transcripts of real engines: what was said, with which exit code, and what it means. */
const submissions: readonly (readonly [
  engine: string,
  transcript: string,
  exitCode: number | null,
  meaning: string,
])[] = [
  ['slurm', '684995', 0, 'accepted 684995'],
  ['slurm', '684995;cluster', 0, 'accepted 684995'],
  [
    'slurm',
    '2> sbatch: error: invalid partition specified: nosuch\n2> sbatch: error: Batch job submission failed: Invalid partition name specified',
    1,
    'refused invalid partition specified: nosuch; Batch job submission failed: Invalid partition name specified',
  ],
  [
    'slurm',
    '2> sbatch: unrecognized option \'--nonsense=3\'\n2> Try "sbatch --help" for more information',
    255,
    "refused unrecognized option '--nonsense=3'",
  ],
  [
    'slurm',
    "2> sbatch: error: QOSMaxWallDurationPerJobLimit\n2> sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    1,
    "refused QOSMaxWallDurationPerJobLimit; Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ],
  [
    'slurm',
    "2> sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    1,
    "not-now (limit) Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ],
  [
    'slurm',
    "2> sbatch: error: AssocMaxSubmitJobLimit\n2> sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    1,
    "not-now (limit) AssocMaxSubmitJobLimit; Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ],
  // A site's job_submit plug-in: each of its lines is one of sbatch's.
  [
    'slurm',
    '2> sbatch: error: Jobs of this project need --constraint.\n2> sbatch: See https://wiki.example/constraint\n2> sbatch: error: Batch job submission failed: Unspecified error',
    1,
    'refused Jobs of this project need --constraint.; See https://wiki.example/constraint; Batch job submission failed: Unspecified error',
  ],
  [
    'slurm',
    '2> sbatch: error: You have 200 jobs already, the limit is 200 jobs\n2> sbatch: error: Batch job submission failed: Unspecified error',
    1,
    'not-now (limit) You have 200 jobs already, the limit is 200 jobs; Batch job submission failed: Unspecified error',
  ],
  [
    'slurm',
    '2> sbatch: error: Batch job submission failed: Socket timed out on send/recv operation',
    1,
    'unknown Batch job submission failed: Socket timed out on send/recv operation',
  ],
  ['slurm', '', null, 'unknown sbatch did not come back'],
  [
    'slurm',
    '2> sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)',
    1,
    'not-now Batch job submission failed: Unable to contact slurm controller (connect failure)',
  ],
  [
    'slurm',
    '2> sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n2> sbatch: error: Batch job submission failed: Resource temporarily unavailable',
    1,
    'not-now (limit) Batch job submission failed: Resource temporarily unavailable',
  ],
  [
    'slurm',
    "2> sbatch: error: QOSMaxSubmitJobPerUserLimit\n2> sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    1,
    "not-now (limit) QOSMaxSubmitJobPerUserLimit; Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ],
  [
    'slurm',
    '2> sbatch: error: If munged is up, restart with --num-threads=10\n2> sbatch: error: Batch job submission failed: Protocol authentication error',
    1,
    'not-now If munged is up, restart with --num-threads=10; Batch job submission failed: Protocol authentication error',
  ],
  ['sge', '8', 0, 'accepted 8'],
  ['sge', 'warning: no suitable queues\n28', 0, 'accepted 28'],
  ['sge', '3.1-4:2', 0, 'accepted 3'],
  [
    'sge',
    '2> Unable to run job: Job was rejected because job requests unknown queue "nosuch.q"\n2> Exiting.',
    1,
    'refused Job was rejected because job requests unknown queue "nosuch.q"',
  ],
  [
    'sge',
    '2> error: commlib error: got select error (Connection refused)\n2> Unable to run job: unable to send message to qmaster using port 6444 on host "vm": got send error\n2> Exiting.',
    1,
    'not-now unable to send message to qmaster using port 6444 on host "vm": got send error',
  ],
  [
    'sge',
    '2> Unable to initialize environment because of error: unable to send message to qmaster using port 6444 on host "vm": got send error',
    1,
    'not-now Unable to initialize environment because of error: unable to send message to qmaster using port 6444 on host "vm": got send error',
  ],
  // SGE_CELL=zz.
  [
    'sge',
    '2> Unable to initialize environment because of error: cell directory "/var/lib/gridengine/zz" doesn\'t exist\n2> Exiting.',
    1,
    'refused Unable to initialize environment because of error: cell directory "/var/lib/gridengine/zz" doesn\'t exist',
  ],
  ['sge', '', null, 'unknown qsub did not come back'],
  [
    'sge',
    '2> Unable to run job: job rejected: only 2 jobs are allowed per user (current job count: 2)\n2> Exiting.',
    1,
    'not-now (limit) job rejected: only 2 jobs are allowed per user (current job count: 2)',
  ],
  [
    'sge',
    '2> Unable to run job: job rejected: only 1 jobs are allowed per cluster\n2> Exiting.',
    1,
    'not-now (limit) job rejected: only 1 jobs are allowed per cluster',
  ],
  // A site's job submission verifier (JSV) may say more than one line.
  [
    'sge',
    '2> Unable to run job: this project is closed\n2> ask the help desk\n2> Exiting.',
    1,
    'refused this project is closed; ask the help desk',
  ],
  ['oar', '[ADMISSION RULE] Modify resource description with type constraints\nOAR_JOB_ID=1', 0, 'accepted 1'],
  [
    'oar',
    'OAR_JOB_ID=-5\n2> There are not enough resources for your request',
    8,
    'refused There are not enough resources for your request',
  ],
  [
    'oar',
    '[ADMISSION RULE] Set default walltime to 7200.\n2> [ADMISSION RULE] root and oar users are not allowed to submit jobs.',
    254,
    'refused root and oar users are not allowed to submit jobs.',
  ],
  // Recorded from `oarsub -l /gpu=1`, and from conditions of -p.
  [
    'oar',
    '[ADMISSION RULE] Set default walltime to 7200.\n[ADMISSION RULE] Modify resource description with type constraints\n2> DBD::Pg::st execute failed: ERROR:  column "gpu" does not exist\n2> LINE 1: SELECT  gpu, resource_id\n2>                 ^ at /usr/share/perl5/OAR/IO.pm line 1203.\n2> Bad resource request (ERROR:  column "gpu" does not exist\n2> LINE 1: SELECT  gpu, resource_id\n2>                 )\nOAR_JOB_ID=-5\n2> [ERROR] Oarsub failed, please verify your request syntax.',
    8,
    'refused this OAR has no resource property gpu',
  ],
  [
    'oar',
    `2> DBD::Pg::st execute failed: ERROR:  syntax error at or near "NO"\n2> LINE 4: ...efault') AND ((host='it) AND desktop_computing = 'NO') )) AN...\n2>            ^ at /usr/share/perl5/OAR/IO.pm line 1203.\n2> Bad resource request (ERROR:  syntax error at or near "NO"\n2>      )\nOAR_JOB_ID=-5\n2> [ERROR] Oarsub failed, please verify your request syntax.`,
    8,
    `refused OAR can't read a condition or a text of the job: syntax error at or near "NO"`,
  ],
  [
    'oar',
    '2> DBD::Pg::db do failed: ERROR:  value too long for type character varying(100) at /usr/share/perl5/OAR/IO.pm line 1679.\n2> DBD::Pg::st execute failed: ERROR:  current transaction is aborted, commands ignored until end of transaction block at /usr/share/perl5/OAR/IO.pm line 453.\nOAR_JOB_ID=\n2> [ERROR] Oarsub failed, please verify your request syntax.',
    8,
    'refused a name or another text of the job is longer than the 100 characters that OAR keeps',
  ],
  // A site's rule may stand beside it.
  [
    'oar',
    "[ADMISSION RULE] GPUs are at the other site\n2> DBD::mysql::st execute failed: Unknown column 'gpu' in 'field list' at /usr/share/perl5/OAR/IO.pm line 1203.\nOAR_JOB_ID=-5",
    8,
    'refused this OAR has no resource property gpu; GPUs are at the other site',
  ],
  // A rule that prints and ends oarsub says nothing on stderr.
  [
    'oar',
    '[ADMISSION RULE] Set default walltime to 7200.\n[ADMISSION RULE] Your project has no hours left',
    1,
    'refused Your project has no hours left',
  ],
  [
    'oar',
    '2> [ADMISSION RULE] Error: you already have 3 jobs, no more than 3 jobs are allowed',
    254,
    'not-now (limit) you already have 3 jobs, no more than 3 jobs are allowed',
  ],
  ['oar', '2> ERROR : The queue nosuch does not exist', 248, 'refused ERROR : The queue nosuch does not exist'],
  [
    'oar',
    'OAR_JOB_ID=157\n2> [ERROR] Cannot connect to executor localhost:6666. Job is killed.',
    9,
    'unknown Cannot connect to executor localhost:6666. Job is killed.',
  ],
  ['pbs', '0.pbs', 0, 'accepted 0.pbs'],
  ['pbs', '101[].pbs', 0, 'accepted 101[].pbs'],
  ['pbs', '2> qsub: Unknown queue', 170, 'refused Unknown queue'],
  ['pbs', '2> qsub: illegal -N value\n2> usage: qsub …', 2, 'refused illegal -N value'],
  [
    'pbs',
    '2> Connection refused\n2> qsub: cannot connect to server pbs (errno=15010)',
    162,
    'not-now cannot connect to server pbs (errno=15010)',
  ],
  [
    'pbs',
    "2> qsub: would exceed complex's per-user limit",
    38,
    "not-now (limit) would exceed complex's per-user limit",
  ],
  [
    'pbs',
    "2> qsub: invalid option -- '-'\n2> qsub: invalid option -- 'n'\n2> usage: qsub [-a date_time]\n2> \t[-A account_string]",
    2,
    "refused invalid option -- '-'; invalid option -- 'n'",
  ],
  // A site's hook may say more than one line.
  ['pbs', '2> qsub: walltime is needed\n2> see the wiki', 32, 'refused walltime is needed; see the wiki'],
  [
    'pbs',
    "2> qsub: would exceed queue generic's per-user limit of jobs in 'Q' state",
    38,
    "not-now (limit) would exceed queue generic's per-user limit of jobs in 'Q' state",
  ],
  [
    'pbs',
    '2> qsub: Maximum number of jobs for user ada already in queue workq',
    38,
    'not-now (limit) Maximum number of jobs for user ada already in queue workq',
  ],
  [
    'torque',
    "2> qsub: submit error (Maximum number of jobs already in queue MSG=total number of current user's jobs exceeds the queue limit: user ada@login, queue batch)",
    182,
    "not-now (limit) submit error (Maximum number of jobs already in queue MSG=total number of current user's jobs exceeds the queue limit: user ada@login, queue batch)",
  ],
  ['lsf', 'Job <123> is submitted to default queue <normal>.', 0, 'accepted 123'],
  ['lsf', '2> nosuch: No such queue. Job not submitted.', 255, 'refused nosuch: No such queue. Job not submitted.'],
  // A site's esub script says why before bsub says that.
  [
    'lsf',
    '2> Your group has no GPUs.\n2> Request aborted by esub. Job not submitted.',
    255,
    'refused Your group has no GPUs.; Request aborted by esub. Job not submitted.',
  ],
  [
    'lsf',
    '2> User <ada>: Pending job threshold reached. Job not submitted.',
    255,
    'not-now (limit) User <ada>: Pending job threshold reached. Job not submitted.',
  ],
  ['mwm', '\nMoab.12', 0, 'accepted Moab.12'],
  [
    'mwm',
    '2> ERROR:    cannot submit job - violates MAXJOB limit of 3 for user ada (idle jobs)',
    1,
    'not-now (limit) cannot submit job - violates MAXJOB limit of 3 for user ada (idle jobs)',
  ],
  ['mwm', "2> ERROR:    invalid class 'nosuch' requested", 1, "refused invalid class 'nosuch' requested"],
];

test.for(submissions)('%s: a submission that says %j', ([name, transcript, exitCode, meaning]) => {
  const outcome = engineNamed(name).readSubmission(result(transcript, exitCode), job);
  const words = outcome.kind === 'accepted' ? outcome.jobId : outcome.words;
  const limit = outcome.kind === 'not-now' && outcome.limit ? ' (limit)' : '';
  expect(`${outcome.kind}${limit} ${words}`).toBe(meaning);
});

/** Commands that only sleep before they try again are ended by mlx: these lines were printed before. */
test.for<[engine: string, stderr: string, words: string]>([
  [
    'slurm',
    'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n',
    'Slurm temporarily unable to accept job',
  ],
  [
    'lsf',
    'User <ada>: Pending job threshold reached. Retrying in 60 seconds...\n',
    'User <ada>: Pending job threshold reached',
  ],
])('%s: a submission that was ended while it waited has not come in', ([name, stderr, words]) => {
  const engine = engineNamed(name);
  expect(engine.submission(job).endAt?.test(stderr)).toBe(true);
  const ended = { exitCode: undefined, stdout: '', stderr, timedOut: false, missing: false };
  expect(engine.readSubmission(ended, job)).toEqual({ kind: 'not-now', words, limit: true });
});

/** What an engine's first or second question is answered with, and what each job is then. */
const polls: readonly (readonly [
  engine: string,
  question: number,
  jobIds: string[],
  transcript: string,
  exitCode: number,
  jobs: Record<string, string> | undefined,
])[] = [
  [
    'slurm',
    0,
    ['55', '87_1', '87_2', '87_3'],
    '55|N/A|PENDING|N/A|JobHeldUser\n87|1|RUNNING|2026-11-21T05:13:24|None\n87|2-3|CANCELLED|N/A|None',
    0,
    { 55: 'held', '87_1': 'running', '87_2': 'STOPPED', '87_3': 'STOPPED' },
  ],
  ['slurm', 0, ['1'], '2> slurm_load_jobs error: Invalid job id specified', 1, {}],
  ['slurm', 0, ['1'], '2> slurm_load_jobs error: Socket timed out on send/recv operation', 1, undefined],
  [
    'slurm',
    0,
    ['4'],
    '4|N/A|PENDING|N/A|PartitionTimeLimit',
    0,
    { 4: "queued: its time limit is over the partition's" },
  ],
  ['slurm', 0, ['4'], '4|N/A|QUANTUM_FOAM|N/A|None', 0, { 4: 'unknown' }],
  [
    'slurm',
    1,
    ['2', '3', '15', '10'],
    '2|COMPLETED|0:0|n1\n3|FAILED|3:0|n1\n15|FAILED|0:53|n2\n10|NODE_FAIL|0:0|n4',
    0,
    {
      2: 'COMPLETE',
      3: 'FAILED',
      15: 'FAILED: Slurm could not start it (is its log directory there on the node?)',
      10: 'FAILED: node n4 failed',
    },
  ],
  [
    'slurm',
    1,
    ['108_1', '108_2', '108_3'],
    '108_[1,3]|PENDING|0:0|None assigned',
    0,
    { '108_2': 'STOPPED: cancelled in Slurm before it started' },
  ],
  [
    'slurm',
    1,
    ['5'],
    '5|OUT_OF_MEMORY|0:125|n1|4000M|\n5.batch|OUT_OF_MEMORY|0:125|n1||4090400K',
    0,
    { 5: 'FAILED: out of memory: used 3.9G of 3.91G' },
  ],
  ['slurm', 1, ['2'], '2> Slurm accounting storage is disabled', 1, undefined],
  ['sge', 0, ['1'], '', 0, {}],
  ['sge', 0, ['1'], '2> error: commlib error: got select error (Connection refused)', 1, undefined],
  [
    'sge',
    0,
    ['182.1', '182.3'],
    '<?xml version=\'1.0\'?>\n<job_info>\n<queue_info>\n<job_list state="running">\n<JB_job_number>182</JB_job_number>\n<state>r</state>\n<tasks>1</tasks>\n</job_list>\n<job_list state="pending">\n<JB_job_number>182</JB_job_number>\n<state>qw</state>\n<tasks>3-5:1</tasks>\n</job_list>\n</queue_info>\n</job_info>',
    0,
    { '182.1': 'running', '182.3': 'queued', '182.4': 'queued', '182.5': 'queued' },
  ],
  [
    'sge',
    1,
    ['7'],
    '==============================================================\njobnumber    7\ntaskid       undefined\nfailed       25  : rescheduling\nexit_status  0\n==============================================================\njobnumber    7\ntaskid       undefined\nfailed       0\nexit_status  137                  (Killed)',
    0,
    { 7: 'FAILED' },
  ],
  ['oar', 0, ['47'], '', 0, {}],
  [
    'oar',
    0,
    ['47'],
    '{"47": {"state": "Error", "exit_code": null, "events": [{"type": "WALLTIME"}, {"type": "FRAG_JOB_REQUEST"}]}}',
    0,
    { 47: 'TIMEOUT: over its time limit' },
  ],
  ['oar', 0, ['48'], '{"48": {"state": "Terminated", "exit_code": 1792}}', 0, { 48: 'FAILED' }],
  [
    'oar',
    0,
    ['152'],
    '{"152": {"state": "Error", "events": [{"type": "BESTEFFORT_KILL"}, {"type": "RESUBMIT_JOB_AUTOMATICALLY"}]}}',
    0,
    {},
  ],
  ['oar', 1, ['152'], '{"156": {"state": "Waiting", "resubmit_job_id": 152}}', 0, { 152: 'queued' }],
  [
    'pbs',
    0,
    ['1.pbs'],
    '{"timestamp":1,"pbs_version":"23.06.06","pbs_server":"pbs"}\n2> qstat: cannot connect to server pbs (errno=15010)',
    255,
    undefined,
  ],
  ['pbs', 0, ['1.pbs'], '2> PBS is not configured to maintain job history', 0, undefined],
  [
    'pbs',
    0,
    ['1.pbs', '2.pbs', '3.pbs'],
    '{"Jobs":{"1.pbs":{"job_state":"F","substate":93,"Exit_status":-29},"2.pbs":{"job_state":"F","substate":91,"Exit_status":271},"3.pbs":{"job_state":"Q","comment":"Can Never Run: Insufficient amount of resource: ncpus (R: 99 A: 8"}}}',
    0,
    {
      '1.pbs': 'TIMEOUT: over its time limit',
      '2.pbs': 'STOPPED: deleted in PBS',
      '3.pbs': 'queued: Can Never Run: Insufficient amount of resource: ncpus (R: 99 A: 8',
    },
  ],
];

describe('what an engine says of its jobs', () => {
  test.for(polls)('%s, question %i about %j', ([name, question, jobIds, transcript, exitCode, expected]) => {
    const answers = engineNamed(name).polls[question]?.read(result(transcript, exitCode), jobIds);
    const told =
      answers &&
      Object.fromEntries([...answers].map(([id, { state, reason }]) => [id, reason ? `${state}: ${reason}` : state]));
    const plain =
      told &&
      Object.fromEntries(
        Object.entries(told).map(([id, text]) => [id, expected?.[id]?.includes(':') ? text : text.split(':')[0]]),
      );
    expect(plain).toEqual(expected);
  });

  test('an unknown word is alive, with the word kept', () => {
    const answers = engineNamed('slurm').polls[0]?.read(result('4|N/A|QUANTUM_FOAM|N/A|None'), ['4']);
    expect(answers?.get('4')).toMatchObject({ state: 'unknown', word: 'QUANTUM_FOAM' });
  });
});

describe('where an engine starts jobs and writes', () => {
  test.for([
    ['/home/ada/my project', '/home/ada/my project'],
    ["/home/ada/it's", '/'],
    ['/home/josé', '/'],
    ['/home/$x;`y`"z\\', '/'],
    [undefined, '/'],
  ])('OAR starts a job of %s in a directory that it can bear', ([directory, expected]) => {
    const { argv } = engineNamed('oar').submission({ ...job, directory });
    expect(argv[argv.indexOf('-d') + 1]).toBe(expected);
    const own = engineNamed('oar').submission({ ...job, directory, submit: ['oarsub', '-d', '/scratch'] });
    expect(own.argv).not.toContain('-d');
  });

  test.for([
    ['/home/ada/logs/1/log.stderr', true],
    ["/a b/it's$x,(y)&", true],
    ['/home/josé/log', false],
    ['/日本/log', false],
    ['/a:b', false],
    ['/a"b', false],
    ['/a\\b', false],
    ['/a\nb', false],
    ['/a\tb', false],
  ] as const)('OpenPBS may write to %s: %s', ([path, can]) => {
    expect(engineNamed('pbs').canWriteTo(path)).toBe(can);
  });

  test.for(['pbs', 'torque'])('%s makes output files with the umask of the launch, if nobody says another', (name) => {
    const words = (more: Partial<JobRequest>) => engineNamed(name).submission({ ...job, umask: '0027', ...more }).argv;
    expect(words({}).join(' ')).toContain('-W umask=0027');
    expect(words({ options: ['-W umask=022'] }).join(' ')).not.toContain('0027');
    expect(words({ submit: ['qsub', '-W', 'umask=022'] }).join(' ')).not.toContain('0027');
    expect(words({ umask: undefined }).join(' ')).not.toContain('umask');
  });
});

describe('a held job', () => {
  const held = (name: string, transcript: string, id: string) => {
    const query = engineNamed(name).polls[0];
    const answers = query?.read(result(transcript), [id]);
    return answers?.get(id);
  };

  test.for([
    ['u', undefined, { state: 'held', byHand: true }],
    ['us', 'afterok:7.pbs@pbs', { state: 'held', byHand: true }],
    ['s', 'afterok:7.pbs@pbs', { state: 'queued' }],
    ['s', undefined, { state: 'held' }],
    [undefined, undefined, { state: 'held' }],
  ] as const)('of PBS with the types %s that waits for %s', ([types, depend, expected]) => {
    const job8 = { job_state: 'H', ...(types && { Hold_Types: types }), ...(depend && { depend }) };
    expect(held('pbs', JSON.stringify({ Jobs: { '8.pbs': job8 } }), '8.pbs')).toMatchObject(expected);
    const lines = Object.entries(job8).map(([key, value]) => `    ${key} = ${value}`);
    expect(held('torque', `Job Id: 8.pbs\n${lines.join('\n')}`, '8.pbs')).toMatchObject(expected);
  });

  test.for([
    ['sge', ['qmod', '-cj', '7', '8']],
    ['pbs', ['qrls', '-h', 's', '7', '8']],
    ['torque', ['qrls', '-h', 's', '7', '8']],
    ['slurm', undefined],
    ['oar', undefined],
  ] as const)('that %s has put aside after a failed start is let go by %j', ([name, argv]) => {
    expect(engineNamed(name).clear?.(['7', '8'])?.argv).toEqual(argv);
  });

  test('of Grid Engine: qmod tells with exit code 1 that it has cleared an error', () => {
    expect(engineNamed('sge').isHarmless(result('ada@n1 cleared error state of job 7', 1))).toBe(true);
    expect(engineNamed('sge').isHarmless(result('denied: "bob" is not operator', 1))).toBe(false);
  });

  test('of Grid Engine: which hold it is is asked only if there is one', () => {
    const [query] = engineNamed('sge').polls;
    const list = (...jobs: readonly (readonly [id: number, state: string])[]) =>
      `<job_info>${jobs.map(([id, state]) => `<job_list state="pending"><JB_job_number>${id}</JB_job_number><state>${state}</state></job_list>`).join('')}</job_info>`;
    const first = query?.read(result(list([1, 'hqw'], [2, 'hqw'], [3, 'qw'], [4, 'Eqw'])), []) ?? new Map();
    const needed = (...ids: string[]) => query?.further?.isNeeded(first, ids);
    expect([needed('1', '3'), needed('3', '4'), needed('9')]).toEqual([true, false, false]);
    expect(query?.further?.command().argv).toEqual(['qstat', '-u', '*', '-xml', '-s', 'hu']);
    const now = query?.further?.read(result(list([1, 'hqw'])), first);
    expect([1, 2, 3, 4].map((id) => now?.get(String(id))?.byHand)).toEqual([true, false, undefined, undefined]);
    expect(query?.further?.read(result('', 1), first)).toBeUndefined();
  });
});

describe('a job that waits', () => {
  const after = { ok: ['1', '2'], any: ['3'], fail: ['4'] };
  test.for<[string, readonly string[]]>([
    ['slurm', ['--dependency=afterok:1:2,afterany:3,afternotok:4', '--kill-on-invalid-dep=yes']],
    ['sge', ['-hold_jid', '1,2,3,4']],
    ['oar', ['-a', '1', '-a', '2', '-a', '3', '-a', '4']],
    ['pbs', ['-W', 'depend=afterok:1:2,afterany:3,afternotok:4']],
    ['torque', ['-W', 'depend=afterok:1:2,afterany:3,afternotok:4']],
    ['lsf', ['-w', 'done(1) && done(2) && ended(3) && exit(4)']],
    ['mwm', ['-l', 'depend=afterok:1:2,afterany:3,afternotok:4']],
  ])('says so on the command line of %s', ([name, words]) => {
    const engine = engineNamed(name);
    const [alone, waiting] = [job, { ...job, after }].map((one) => engine.submission(one).argv);
    expect(alone?.join('\n')).not.toContain(words.join('\n'));
    expect(waiting?.join('\n')).toContain(words.join('\n'));
  });

  test.for<[string, readonly string[], string]>([
    // Of arrays these engines know the end alone; the script looks how each task ended.
    ['sge', ['7.1', '7.2'], '-hold_jid 7'],
    ['pbs', ['7[1].pbs', '7[2].pbs', '8.pbs'], '-W depend=afterok:8.pbs,afterany:7[].pbs'],
    ['torque', ['7[1].pbs', '8.pbs'], '-W depend=afterok:8.pbs,afteranyarray:7[].pbs'],
  ])('waits for all of an array in %s', ([name, ok, words]) => {
    const { argv } = engineNamed(name).submission({ ...job, after: { ok, any: [], fail: [] } });
    expect(argv.join(' ')).toContain(words);
  });
});
