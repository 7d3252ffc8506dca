import { describe, expect, test } from 'vitest';
import type { BatchEngine, CommandResult } from '../../src/engines/index.js';
import { lsf } from '../../src/engines/lsf/engine.js';
import { printedBytes, printedSeconds } from '../../src/engines/output.js';
import { pbs } from '../../src/engines/pbs/engine.js';
import { sge } from '../../src/engines/sge/engine.js';
import { slurm } from '../../src/engines/slurm/engine.js';
import { endMargin, memoryText, parseWarning, roughMemory } from '../../src/resources/index.js';

const said = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: '', timedOut: false, missing: false });
const usage = (engine: BatchEngine, stdout: string) => Object.fromEntries(engine.usage?.read(said(stdout), []) ?? []);

describe('what engines account for', () => {
  test('Slurm: the job has its time, its steps what they used', () => {
    const lines = `3|COMPLETED
3|10|5|2|00:04.375|1000M||billing=2,cpu=2,gres/gpu=2,node=1||1
3.batch|10||2|00:04.375||211880K|cpu=2,mem=0,node=1|cpu=00:00:01,gres/gpuutil=80,mem=211880K|1
3.0|10||2|00:01.000||411880K|cpu=2,mem=0,node=1|cpu=00:00:01,mem=211880K|1
`.replace('3|COMPLETED\n', '');
    expect(usage(slurm, lines)).toEqual({
      3: {
        seconds: 10,
        timeLimit: 300,
        cpus: 2,
        cpuSeconds: 4.375,
        memory: 1000 * 2 ** 20,
        gpus: 2,
        peakMemory: 411_880 * 1024,
        gpuUse: 0.4,
      },
    });
  });

  test('Grid Engine: the record of a task, and its category', () => {
    const record = `==============================================================
jobnumber    4
taskid       2
slots        2
failed       0
exit_status  0
ru_wallclock 11s
cpu          4.731s
maxvmem      206.820MB
category     -l h_rt=60,mem_free=512M -pe smp 2
`;
    expect(usage(sge, record)).toEqual({
      '4.2': {
        seconds: 11,
        timeLimit: 60,
        cpuSeconds: 4.731,
        cpus: 2,
        peakMemory: Math.round(206.82 * 2 ** 20),
        memory: 2 ** 30,
      },
    });
  });

  test('OpenPBS and LSF, as their pages have it', () => {
    const pbsText = `Job Id: 12.pbs
    job_state = F
    resources_used.cput = 00:01:30
    resources_used.mem = 204800kb
    resources_used.walltime = 00:02:00
    Resource_List.mem = 2gb
    Resource_List.ncpus = 4
    Resource_List.walltime = 01:00:00
`;
    expect(usage(pbs, pbsText)).toEqual({
      '12.pbs': {
        seconds: 120,
        timeLimit: 3600,
        cpuSeconds: 90,
        cpus: 4,
        peakMemory: 204_800 * 1024,
        memory: 2 ** 31,
        gpus: undefined,
      },
    });
    expect(usage(lsf, '7|2|120 second(s)|60.0 min|95.0 second(s)|4|1.5 Gbytes|2 G\n')).toEqual({
      '7[2]': {
        seconds: 120,
        timeLimit: 3600,
        cpuSeconds: 95,
        cpus: 4,
        peakMemory: 1.5 * 2 ** 30,
        memory: 2 ** 31,
      },
    });
  });
});

test.for([
  ['4860K', 4860 * 1024],
  ['203.688KB', Math.round(203.688 * 1024)],
  ['4000Mn', 4000 * 2 ** 20],
  ['0', 0],
  ['', undefined],
  ['-', undefined],
] as const)('an amount of memory as engines print it: %s', ([text, bytes]) => expect(printedBytes(text)).toBe(bytes));

test.for([
  ['1-02:03:04', 93_784],
  ['02:03.250', 123.25],
  ['00:01:00', 60],
  ['', undefined],
  ['INFINITY', undefined],
] as const)('a time as engines print it: %s', ([text, seconds]) => expect(printedSeconds(text)).toBe(seconds));

test.for([
  ['USR1@120', 'USR1', 120],
  ['SIGUSR2@2m', 'USR2', 120],
  ['TERM', 'TERM', 60],
  ['QUIT@5', undefined, undefined],
  ['USR1@0', undefined, undefined],
  ['USR1@', undefined, undefined],
] as const)('a warning as people type it: %s', ([text, signal, seconds]) => {
  expect([parseWarning(text)?.signal, parseWarning(text)?.seconds]).toEqual([signal, seconds]);
});

test('a run that goes on ends 5 to 60 seconds before its limit, and never before half of it', () => {
  expect([6, 60, 600, 7200].map(endMargin)).toEqual([3, 5, 30, 60]);
});

test('amounts of memory are exact where they are asked for, and short where they are told', () => {
  expect([memoryText(1536 * 2 ** 20), roughMemory(1536 * 2 ** 20), roughMemory(4_090_400 * 1024)]).toEqual([
    '1536M',
    '1.5G',
    '3.9G',
  ]);
});
