import { describe, expect, test } from 'vitest';
import type { BatchEngine, CommandResult } from '../../src/engines/index.js';
import { lsf } from '../../src/engines/lsf/engine.js';
import { oar } from '../../src/engines/oar/engine.js';
import { pbs } from '../../src/engines/pbs/engine.js';
import { sge } from '../../src/engines/sge/engine.js';
import { slurm } from '../../src/engines/slurm/engine.js';

const said = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: '', timedOut: false, missing: false });
const failed: CommandResult = { ...said(''), exitCode: 1 };
const read = ({ queues }: BatchEngine, ...answers: (string | CommandResult)[]) =>
  queues?.read(
    answers.map((answer) => (typeof answer === 'string' ? said(answer) : answer)),
    'ada',
  );

describe('the queues of Slurm', () => {
  test('are added up node by node, GPUs of all kinds; tasks are counted each', () => {
    const nodes = `debug      up     1:00         0/4/0/4     (null)                   (null)
main*      up     infinite     3/1/0/4     gpu:a100:4(S:0-1)        gpu:a100:1(IDX:2)
main*      up     infinite     0/0/4/4     gpu:2                    gpu:0
night      down   1-12:00:00   0/4/0/4     gpu:t4:2,gpu:a100:1      gpu:t4:0(IDX:N/A),gpu:a100:1(IDX:0)
`;
    expect(read(slurm, nodes, 'R|main\nPD|main\nPD|main\nPD|main,debug\nCG|night\n')).toEqual([
      {
        name: 'debug',
        isDefault: false,
        closed: undefined,
        time: 60,
        cpus: { free: 4, total: 4 },
        gpus: undefined,
        running: 0,
        waiting: 1,
      },
      {
        name: 'main',
        isDefault: true,
        closed: undefined,
        time: undefined,
        cpus: { free: 1, total: 8 },
        gpus: { free: 5, total: 6 },
        running: 1,
        waiting: 3,
      },
      {
        name: 'night',
        isDefault: false,
        closed: 'down',
        time: 129_600,
        cpus: { free: 4, total: 4 },
        gpus: { free: 2, total: 3 },
        running: 1,
        waiting: 0,
      },
    ]);
  });

  test('are not known where it does not answer', () => expect(read(slurm, failed, '')).toBeUndefined());
});

test('the queues of Grid Engine have slots, and their limits', () => {
  const summary = `<?xml version='1.0'?>
<job_info>
  <cluster_queue_summary><name>main.q</name><used>1</used><available>3</available><total>4</total><temp_disabled>0</temp_disabled><manual_intervention>0</manual_intervention></cluster_queue_summary>
  <cluster_queue_summary><name>short.q</name><used>0</used><available>0</available><total>1</total><temp_disabled>0</temp_disabled><manual_intervention>1</manual_intervention></cluster_queue_summary>
</job_info>
`;
  const settings =
    'qname                 main.q\nslots                 4\nh_rt                  INFINITY\n\nqname                 short.q\nh_rt                  00:01:00\n';
  const jobs = `<job_info><queue_info>
    <job_list state="running"><JB_job_number>7</JB_job_number><state>r</state><queue_name>main.q@n1</queue_name></job_list>
  </queue_info><job_info>
    <job_list state="pending"><JB_job_number>8</JB_job_number><state>qw</state><queue_name></queue_name><tasks>1</tasks></job_list>
  </job_info></job_info>
`;
  expect(read(sge, summary, settings, jobs)).toEqual([
    {
      name: 'main.q',
      isDefault: false,
      closed: undefined,
      time: undefined,
      cpus: { free: 3, total: 4 },
      gpus: undefined,
      running: 1,
      waiting: 1,
    },
    {
      name: 'short.q',
      isDefault: false,
      closed: 'disabled, or in error',
      time: 60,
      cpus: { free: 0, total: 1 },
      gpus: undefined,
      running: 0,
      waiting: 0,
    },
  ]);
});

test('the queues of OAR share the resources that are alive', () => {
  const nodes = JSON.stringify({
    5: { state: 'Alive', type: 'default' },
    6: { state: 'Alive', type: 'default' },
    7: { state: 'Suspected', type: 'default' },
    8: { state: 'Alive', type: 'storage' },
  });
  const jobs = JSON.stringify({
    1: { state: 'Running', queue: 'default', owner: 'bob', assigned_resources: [5] },
    2: { state: 'Waiting', queue: 'besteffort', owner: 'ada', assigned_resources: [] },
  });
  const shared = { closed: undefined, time: undefined, cpus: { free: 1, total: 2 }, gpus: undefined, running: 0 };
  expect(read(oar, nodes, jobs)).toEqual([
    { name: 'default', isDefault: true, ...shared, waiting: 0 },
    { name: 'besteffort', isDefault: false, ...shared, waiting: 1 },
  ]);
  // With no jobs oarstat prints nothing.
  expect(read(oar, nodes, '')).toMatchObject([{ name: 'default', cpus: { free: 2, total: 2 } }]);
  expect(read(oar, nodes, 'no JSON')).toBeUndefined();
});

test('the queues of OpenPBS share its nodes', () => {
  const queues = `Queue: workq
    queue_type = Execution
    resources_max.walltime = 24:00:00
    enabled = True
    started = True

Queue: route
    queue_type = Route
    enabled = True
    started = True

Queue: night
    queue_type = Execution
    enabled = True
    started = False
`;
  const server = 'Server: pbs\n    default_queue = workq\n';
  const nodes = `n1
     Mom = n1
     resources_available.ncpus = 8
     resources_assigned.ncpus = 3

n2
     Mom = n2
     resources_available.ncpus = 8
     resources_assigned.ncpus = 0
`;
  const jobs =
    'Job Id: 1.pbs\n    job_state = R\n    queue = workq\n\nJob Id: 2.pbs\n    job_state = Q\n    queue = workq\n';
  const shared = { cpus: { free: 13, total: 16 }, gpus: undefined };
  expect(read(pbs, queues, server, nodes, jobs)).toEqual([
    { name: 'workq', isDefault: true, closed: undefined, time: 86_400, ...shared, running: 1, waiting: 1 },
    { name: 'night', isDefault: false, closed: 'stopped', time: undefined, ...shared, running: 0, waiting: 0 },
  ]);
});

test.for([
  ['True', 'True', undefined],
  ['False', 'True', 'off'],
  ['True', 'False', 'stopped'],
  ['False', 'False', 'off, stopped'],
] as const)('a queue of PBS that is enabled: %s and started: %s is closed: %s', ([enabled, started, closed]) => {
  const text = `Queue: q\n    queue_type = Execution\n    enabled = ${enabled}\n    started = ${started}\n`;
  expect(read(pbs, text, '', '', '')).toMatchObject([{ name: 'q', closed }]);
});

test('the queues of LSF share its hosts', () => {
  const details = `QUEUE: normal
  -- For normal jobs.  This is the default queue.

PARAMETERS/STATISTICS
 RUNLIMIT
 720.0 min of hostA

QUEUE: long
  -- For long ones.
`;
  const jobs = 'RUN|normal\nPEND|normal\nPSUSP|long\n';
  const shared = { cpus: { free: 20, total: 32 }, gpus: undefined };
  expect(read(lsf, 'normal|Open:Active|3|1|2\nlong|Closed:Inact|1|1|0\n', details, jobs, '16|12\n16|0\n-|0\n')).toEqual(
    [
      { name: 'normal', isDefault: true, closed: undefined, time: 43_200, ...shared, running: 1, waiting: 1 },
      { name: 'long', isDefault: false, closed: 'Closed:Inact', time: undefined, ...shared, running: 0, waiting: 1 },
    ],
  );
});
