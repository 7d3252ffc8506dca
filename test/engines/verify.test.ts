import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommandResult, JobRequest } from '../../src/engines/engine.js';
import { batchEngines } from '../../src/engines/index.js';
import { noResources } from '../../src/resources/index.js';
import { makeRig } from '../rig/rig.js';
import { job } from './some-job.js';

const said = (stdout: string, exitCode = 0, stderr = ''): CommandResult => ({
  exitCode,
  stdout,
  stderr,
  timedOut: false,
  missing: false,
});

const verificationOf = (name: string) => {
  const verify = batchEngines.find(({ names }) => names[0] === name)?.verify;
  if (!verify) throw new Error(`${name} can't be asked`);
  return verify;
};

test('only Grid Engine and Slurm are asked whether they could ever run a job', () => {
  expect(batchEngines.filter(({ verify }) => verify).map(({ names }) => names[0])).toEqual(['slurm', 'sge']);
});

describe('what Slurm tells of its limits', () => {
  // Recorded: scontrol show config, scontrol -o show partition, sacctmgr -n -P show qos and user, sinfo -N -o %T.
  const config = (enforce: string) => `AccountingStorageEnforce = ${enforce}\nClusterName             = toy\n`;
  const partitions = (qos: string) =>
    `PartitionName=main AllowGroups=ALL Default=YES QoS=${qos} DefaultTime=NONE MaxTime=UNLIMITED\nPartitionName=other Default=NO QoS=N/A DefaultTime=01:00:00\n`;
  const qos = [
    'normal|||||||||',
    'few||||||3|||',
    'deny|DenyOnLimit|00:01:00|||||||',
    'long|OverPartQOS|2-00:00:00|cpu=8,gres/gpu=2,mem=10G|cpu=16||0|||',
    'none||||||0|||',
  ].join('\n');
  const users = 'lab|toy|lab|||12:00:00|||||||\nlab|elsewhere|lab|||00:00:10|||||||\nlab|toy|big||long||node=2|||||';
  const read = (
    asked: Partial<JobRequest['resources']>,
    options: string[] = [],
    { enforce = 'associations,limits,qos', partition = 'N/A' } = {},
  ) =>
    verificationOf('slurm').read(
      [said(config(enforce)), said(partitions(partition)), said(qos), said(users), said('idle\nidle\n')],
      { ...job, resources: { ...noResources, ...asked }, options },
    );
  const hours = (count: number) => count * 3600;

  test.for<[string, Partial<JobRequest['resources']>, string[], string | undefined]>([
    ['nothing asked for', {}, [], undefined],
    [
      'the account has a time',
      { time: hours(13) },
      [],
      "AssocMaxWallDurationPerJobLimit: a time of 13:00:00 is over the 12:00:00 of the account 'lab'",
    ],
    [
      'a QOS',
      { time: hours(2) },
      ['--qos=deny'],
      "QOSMaxWallDurationPerJobLimit: a time of 02:00:00 is over the 00:01:00 of QOS 'deny'",
    ],
    [
      'its short option',
      { time: hours(2) },
      ['-q deny'],
      "QOSMaxWallDurationPerJobLimit: a time of 02:00:00 is over the 00:01:00 of QOS 'deny'",
    ],
    [
      'a time in minutes',
      {},
      ['--qos=deny', '-t 2'],
      "QOSMaxWallDurationPerJobLimit: a time of 00:02:00 is over the 00:01:00 of QOS 'deny'",
    ],
    [
      'a time in Slurm days',
      {},
      ['--time=1-12'],
      "AssocMaxWallDurationPerJobLimit: a time of 1-12:00:00 is over the 12:00:00 of the account 'lab'",
    ],
    [
      'a QOS wins over an account',
      { time: hours(13) },
      ['--qos=long'],
      "QOSMaxSubmitJobPerUserLimit: QOS 'long' lets no job in",
    ],
    [
      'CPUs of all tasks',
      { tasks: 5, cpus: 2 },
      ['--qos=long'],
      "QOSMaxCpuPerJobLimit: 10 CPUs are over the 8 of QOS 'long'",
    ],
    [
      'memory of all nodes',
      { mem: 6 * 2 ** 30, nodes: 2 },
      ['--qos=long'],
      "QOSMaxMemoryPerJob: 12G of memory are over the 10G of QOS 'long'",
    ],
    ['GPUs', { gpus: 3 }, ['--qos=long'], "QOSMaxGRESPerJob: 3 GPUs are over the 2 of QOS 'long'"],
    [
      'nodes of an account',
      { nodes: 3, account: 'big' },
      ['--qos=normal'],
      "AssocMaxNodePerJobLimit: 3 nodes are over the 2 of the account 'big'",
    ],
    [
      'a time that the partition gives',
      { partition: 'other' },
      ['--qos=deny'],
      "QOSMaxWallDurationPerJobLimit: a time of 01:00:00, the default of 'other', is over the 00:01:00 of QOS 'deny'",
    ],
    ['less than the partition gives', { time: 60, partition: 'other' }, ['--qos=deny'], undefined],
    ['no time, which Slurm fits to the limit', {}, ['--qos=deny'], undefined],
    ['no jobs at all', {}, ['--qos=none'], "QOSMaxSubmitJobPerUserLimit: QOS 'none' lets no job in"],
    ['a number of jobs, which time mends', {}, ['--qos=few'], undefined],
    ['another cluster is not asked', { time: hours(13), account: 'nosuch' }, [], undefined],
  ])('%s', ([, asked, options, words]) => {
    expect(read(asked, options)).toBe(words);
  });

  test('binds nobody who is not held to limits', () => {
    expect(read({ time: hours(99) }, ['--qos=deny'], { enforce: 'none' })).toBeUndefined();
  });

  test("a partition's QOS wins over the job's, unless that is over it", () => {
    expect(read({ time: hours(2) }, [], { partition: 'deny' })).toContain("QOS 'deny'");
    expect(read({ time: hours(50) }, ['--qos=long'], { partition: 'deny' })).toContain("QOS 'long'");
    expect(read({ time: hours(2), partition: 'other' }, [], { partition: 'deny' })).toBeUndefined();
  });

  test('is unknown if Slurm does not answer', () => {
    const silent = said('', 1, 'sacctmgr: error: Problem talking to the database: Connection refused');
    const asked = { ...job, resources: { ...noResources, time: hours(99) } };
    expect(verificationOf('slurm').read([silent, silent, silent, silent, silent], asked)).toBeUndefined();
  });

  test.for([
    ['sbatch: error: Invalid generic resource (gres) specification', 'Invalid generic resource (gres) specification'],
    ['allocation failure: Invalid feature specification', 'Invalid feature specification'],
    [
      'allocation failure: Requested node configuration is not available',
      'Requested node configuration is not available',
    ],
    // A refusal's words, though there is room later.
    [
      "sbatch: error: QOSMaxSubmitJobPerUserLimit\nallocation failure: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      undefined,
    ],
    [
      'sbatch: error: invalid partition specified: nosuch\nallocation failure: Invalid partition name specified',
      undefined,
    ],
  ] as const)('of sbatch --test-only only what is about nodes counts: %s', ([stderr, words]) => {
    const none = said('', 1);
    const answers = (states: string) => [none, none, none, none, said(states), said('', 1, stderr)];
    expect(verificationOf('slurm').read(answers('idle\nallocated\n'), job)).toBe(words);
    const away = verificationOf('slurm').read(answers('idle\ndrained\n'), job);
    expect(away).toBe(stderr.includes('node configuration') ? undefined : words);
  });

  test('sbatch --test-only, which spends a job id, is asked only about nodes', () => {
    const commands = (one: Partial<JobRequest>) =>
      verificationOf('slurm')
        .commands({ ...job, ...one })
        .map(({ argv }) => argv.join(' '))
        .filter((line) => line.startsWith('sbatch'));
    expect(commands({ resources: { ...noResources, time: 60 }, options: ['--qos=x'] })).toEqual([]);
    expect(commands({ resources: { ...noResources, gpus: 1 } })).toEqual(['sbatch --test-only']);
    expect(commands({ options: ['--mem=1T'] })).toEqual(['sbatch --test-only']);
    expect(commands({ options: ['--mem=1T'], cluster: 'other' })).toEqual([]);
  });
});

describe('qsub -w v of Grid Engine', () => {
  test.for([
    ['verification: found suitable queue(s)', 0, undefined],
    // Recorded from -pe smp 99, -q nosuch.q, -l gpu=1, -P nosuch, -pe nosuch 2, -l h_vmem=bogus and max_u_jobs.
    [
      'Unable to run job: Job 2806 cannot run in PE "smp" because it only offers 0 slots\nverification: no suitable queues\nExiting.',
      1,
      'Job 2806 cannot run in PE "smp" because it only offers 0 slots; no suitable queues',
    ],
    [
      'Unable to run job: Job was rejected because job requests unknown queue "nosuch.q"\nExiting.',
      1,
      'Job was rejected because job requests unknown queue "nosuch.q"',
    ],
    ['Unable to run job: unknown resource "gpu"\nExiting.', 1, 'unknown resource "gpu"'],
    [
      'Unable to run job: job rejected: the requested project "nosuch" does not exist\nExiting.',
      1,
      'job rejected: the requested project "nosuch" does not exist',
    ],
    [
      'Unable to run job: job rejected: the requested parallel environment "nosuch" does not exist\nExiting.',
      1,
      'job rejected: the requested parallel environment "nosuch" does not exist',
    ],
    [
      'Unable to run job: attribute "h_vmem" is not a memory value\nExiting.',
      1,
      'attribute "h_vmem" is not a memory value',
    ],
    [
      'Unable to run job: job rejected: only 3 jobs are allowed per user (current job count: 3)\nExiting.',
      1,
      undefined,
    ],
    [
      'error: commlib error: got select error (Connection refused)\nUnable to run job: unable to send message to qmaster',
      1,
      undefined,
    ],
  ] as const)('says %s', ([words, exitCode, expected]) => {
    expect(verificationOf('sge').read([said('', exitCode, words)], job)).toBe(expected);
  });

  test('is not asked if the user decides how jobs are checked', () => {
    expect(verificationOf('sge').commands({ ...job, options: ['-w n'] })).toEqual([]);
  });

  // TORQUE and OpenPBS take -w for a path, and submit what stands on standard input.
  test.for([
    ['SGE 8.1.9\nusage: qstat [options]', 'Grid Engine', ['-w v', '-terse -w e']],
    ["qstat: invalid option -- 'h'\nusage: qstat [-f [-1]]", 'another engine', ['-terse -w e']],
  ] as const)('is asked only if qstat names Grid Engine: %s', async ([help, , expected]) => {
    const rig = makeRig();
    rig.write('bin/qstat', `#!/bin/bash\n[ "$1" = -help ] && echo ${JSON.stringify(help)}\nexit 0\n`);
    rig.write('bin/qconf', '#!/bin/bash\nexit 1\n');
    rig.write(
      'bin/qsub',
      `#!/bin/bash\necho "$1 $2 $3" | sed 's/ *$//' >> ${JSON.stringify(join(rig.directory, 'calls'))}\n[ "$2" = v ] || echo 7\n`,
    );
    rig.write('main.sh', '#!/bin/bash\n');
    const path = `${join(rig.directory, 'bin')}:${process.env['PATH']}`;
    const run = (...words: string[]) => rig.start(['run', 'main.sh', '--scheduler', 'sge', ...words], { PATH: path });
    expect((await run('--dry-run')).exitCode).toBe(0);
    expect(existsSync(join(rig.directory, 'calls'))).toBe(false);
    const { exitCode, stderr } = await run();
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('1 run submitted as 1 job')]);
    expect(rig.read('calls').trim().split('\n')).toEqual(expected);
  });
});
