import { describe, expect, test } from 'vitest';
import { askedJobs } from '../../src/engines/asked-jobs.js';
import type { CommandResult } from '../../src/engines/index.js';
import { type BatchEngine, batchEngines, pollJobs } from '../../src/engines/index.js';
import type { JobRef } from '../../src/store/index.js';

const said = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: '', timedOut: false, missing: false });
const at = Date.parse('2026-11-28T12:00:00') / 1000;
const job = (id: string, array?: string): JobRef => ({ id, array, token: 'mine', name: 'logs.1', user: 'ada', at });

const record = (jobname: string, owner: string, time: string, exit = 0) =>
  `==============\nqname main.q\njobname      ${jobname}\njobnumber    7\ntaskid       undefined\nowner        ${owner}\nqsub_time    ${time}\nfailed       0\nexit_status  ${exit}\n`;
const ours = record('logs.1', 'ada', 'Sat Nov 28 12:00:01 2026');
const qstat = (name: string, owner: string) =>
  `<job_info><job_list state="pending">\n<JB_job_number>7</JB_job_number><JB_name>${name}</JB_name><JB_owner>${owner}</JB_owner><state>qw</state></job_list></job_info>`;
const pbs = (token: string) =>
  JSON.stringify({ Jobs: { '7.s': { job_state: 'Q', Variable_List: { MLX_TOKEN: token } } } });
const oar = (command: string) => JSON.stringify({ 7: { state: 'Waiting', command } });
const moab = (name: string) => `<Data><job JobID="Moab.7" JobName="${name}" State="Idle"></job></Data>`;
const torque = (variables: string) => `Job Id: 7.s\n    job_state = Q\n    Variable_List = ${variables}\n`;

/** A question of an engine about a job, and what it says of the job's submission: whether it is that job. */
const cases: readonly (readonly [engine: string, question: number, id: string, said: string, isOurs: boolean])[] = [
  ['slurm', 0, '7', '7|N/A|PENDING|N/A|None|logs/1|/l/1/script.sh --submission=mine', true],
  ['slurm', 0, '7', '7|N/A|PENDING|N/A|None|a|b|/l/a|b/script.sh --submission=mine', true],
  ['slurm', 0, '7', '7|N/A|PENDING|N/A|None|logs/1|/l/new\nline/script.sh --submission=mine', true],
  ['slurm', 0, '7', '7|N/A|PENDING|N/A|None|logs.1|/l/1/script.sh --submission=other', false],
  ['slurm', 0, '7', '7|N/A|PENDING|N/A|None|logs.1|/home/bob/train.sh', false],
  ['slurm', 0, '7', '7|N/A|PENDING|N/A|None|wrap|(null)', false],
  ['slurm', 0, '7_2', '7|1-3|PENDING|N/A|None|logs.1|/x.sh --submission=other', false],
  ['slurm', 1, '7', '7|COMPLETED|0:0|n1|1G||sbatch --parsable /l/1/script.sh --submission=mine', true],
  [
    'slurm',
    1,
    '7',
    '7|COMPLETED|0:0|n1|1G||sbatch /l/new\nline/script.sh --submission=mine\n7.batch|COMPLETED|0:0|n1||3K|',
    true,
  ],
  ['slurm', 1, '7', '7|COMPLETED|0:0|n1|1G||sbatch --wrap true', false],
  ['slurm', 1, '7', '7|COMPLETED|0:0|n1|1G||', true],
  ['sge', 0, '7', qstat('logs.1', 'ada'), true],
  ['sge', 0, '7', qstat('renamed', 'ada'), true],
  ['sge', 0, '7', qstat('logs.1', 'bob'), false],
  ['sge', 1, '7', ours, true],
  ['sge', 1, '7', record('logs.1', 'ada', '11/28/2026 12:00:01.511'), true],
  ['sge', 1, '7', record('logs.1', 'ada', 'Sat Nov 28 18:00:01 2026'), false],
  ['sge', 1, '7', record('other', 'ada', 'Sat Nov 28 12:00:01 2026'), false],
  ['oar', 0, '7', oar("'/l/1/script.sh' --submission=mine"), true],
  ['oar', 0, '7', oar('./train.sh'), false],
  ['pbs', 0, '7.s', pbs('mine'), true],
  ['pbs', 1, '7.s', pbs('other'), false],
  ['torque', 0, '7.s', torque('PBS_O_HOME=/home/ada,\n\tMLX_TOKEN=mine'), true],
  ['torque', 0, '7.s', torque('PBS_O_HOME=/home/bob'), false],
  ['mwm', 0, 'Moab.7', moab('logs.1.mine'), true],
  ['mwm', 0, 'Moab.7', moab('train'), false],
];

const engineNamed = (name: string) => batchEngines.find(({ names }) => names[0] === name);

describe('what an engine tells of a submission', () => {
  test.for(cases)('%s, question %i about %s: %j', ([name, question, id, text, isOurs]) => {
    const asked = askedJobs([job(id, id.includes('_') ? '7' : undefined)]);
    const answers = engineNamed(name)?.polls[question]?.read(said(text), [id], asked);
    expect([answers?.has(id), asked.reused.has(id)]).toEqual([isOurs, !isOurs]);
  });

  test('Grid Engine: an earlier record is the one of the job, if a later job has its id', () => {
    const asked = askedJobs([job('7')]);
    const text =
      record('logs.1', 'ada', 'Sat Nov 28 12:00:01 2026', 3) + record('other', 'ada', 'Sun Nov 29 12:00:01 2026');
    const answers = engineNamed('sge')?.polls[1]?.read(said(text), ['7'], asked);
    expect(answers?.get('7')).toMatchObject({ state: 'FAILED', exitCode: 3 });
  });

  test.for([
    ['sge', 'job_number:  7\njob_args:    --submission=mine\n====\njob_number: 8\njob_name: x\n', { 7: 'mine', 8: '' }],
    ['lsf', '7|mlx:mine\n8|-\n', { 7: 'mine', 8: '' }],
  ] as const)('%s is asked for tokens', ([name, text, expected]) => {
    expect(Object.fromEntries(engineNamed(name)?.tokens?.read(said(text), ['7']) ?? [])).toEqual(expected);
  });

  test('jobs are asked about by their owners', () => {
    const asked = askedJobs([job('7'), job('8')]);
    const words = (name: string, question: number) =>
      engineNamed(name)?.polls[question]?.command(['7', '8'], asked)?.argv.join(' ');
    expect(words('sge', 0)).toBe('qstat -u ada -xml');
    expect(words('sge', 1)).toBe('qacct -o ada -d 60 -j');
    expect(words('lsf', 0)).toMatch(/^bjobs -a -u ada -noheader /);
    const unknown = askedJobs([job('7'), { id: '8' }]);
    expect(engineNamed('sge')?.polls[0]?.command(['7', '8'], unknown)?.argv.join(' ')).toBe('qstat -u * -xml');
  });

  const lsfLine = '5|1|PEND|-|-|-';
  const pbsTask = JSON.stringify({ Jobs: { '5[1].s': { job_state: 'Q' }, '5[3].s': { job_state: 'X' } } });
  test.for([
    ['slurm', '5_{}', '5', '5|1|PENDING|N/A|None', 'cancelled in Slurm'],
    [
      'sge',
      '5.{}',
      '5',
      '<job_info><job_list ><JB_job_number>5</JB_job_number><state>qw</state><tasks>1</tasks></job_list></job_info>',
      'cancelled in Grid Engine',
    ],
    ['pbs', '5[{}].s', '5[].s', pbsTask, 'cancelled in OpenPBS'],
    ['lsf', '5[{}]', '5', lsfLine, 'cancelled in LSF'],
  ] as const)('%s: a task that its array does not have was cancelled', async ([name, id, array, text, reason]) => {
    const engine = engineNamed(name);
    const [query] = engine?.polls ?? [];
    if (!engine || !query) throw new Error(name);
    const polls = [{ ...query, command: () => ({ argv: ['printf', '%s', text] as const }) }];
    const jobs = [1, 2].map((task) => ({ id: id.replace('{}', String(task)), array }));
    const { answers } = await pollJobs({ ...engine, polls } as BatchEngine, jobs);
    expect([...answers.values()].map((answer) => `${answer.state} ${answer.reason ?? ''}`.trim())).toEqual([
      'queued',
      `STOPPED ${reason} before it started`,
    ]);
    const other = await pollJobs({ ...engine, polls } as BatchEngine, [
      { ...jobs[1], id: id.replace('5', '6').replace('{}', '2'), array: '6' },
    ]);
    expect([...other.answers.values()].map(({ state }) => state)).toEqual(['gone']);
  });

  test('OpenPBS: a task that is over without an exit code was deleted before it started', () => {
    const answers = engineNamed('pbs')?.polls[0]?.read(said(pbsTask), ['5[3].s']);
    expect(answers?.get('5[3].s')).toMatchObject({ state: 'STOPPED', traceless: true });
  });
});
