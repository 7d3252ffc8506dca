import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { batchEngines, detectEngines } from '../../src/engines/index.js';
import { makeRig, pathOf, type Rig } from '../rig/rig.js';

/** Commands that only read, in every engine that has them. */
const readers = [
  'qstat',
  'qconf',
  'qacct',
  'qhost',
  'pbsnodes',
  'sinfo',
  'squeue',
  'sacct',
  'sshare',
  'oarstat',
  'oarnodes',
];

/** What `qstat` prints to its words, as seen or as in its source, and how it ends. Nothing for other words. */
const qstats: Readonly<Record<string, Readonly<Record<string, readonly [stream: 1 | 2, text: string, exit: number]>>>> =
  {
    sge: {
      '-help': [1, 'SGE 8.1.9\nusage: qstat [options]', 0],
      '--version': [2, 'SGE 8.1.9\nusage: qstat [options]\ninvalid option argument "--version"', 1],
    },
    pbs: {
      '-help': [2, "qstat: invalid option -- 'h'\nusage: \nqstat [-f] [-J] …", 2],
      '--version': [1, 'pbs_version = 23.06.06', 0],
    },
    torque: {
      '-help': [2, "qstat: invalid option -- 'h'\nusage:  qstat [-f [-1]] …", 2],
      '--version': [2, 'Version: 6.1.2\nCommit: 661e092552de43a785c15d39a3634a541d86898e', 0],
    },
    // contribs/torque/qstat.pl of Slurm, beside its qsub.
    'wrappers of Slurm': {
      '-help': [1, 'Usage:\n    qstat [-f] [-a|-i|-n|-r|-q]', 0],
      '--version': [2, 'Unknown option: version\nUsage:\n    qstat …', 2],
    },
  };

/** A PATH with an engine's `qstat`, and a `qsub` that notes each call. Returns the file of the notes, too. */
function pathWith(rig: Rig, engine: string): { readonly path: string; readonly calls: string } {
  const bin = join(dirname(rig.directory), 'bin');
  const calls = join(dirname(rig.directory), 'calls');
  mkdirSync(bin);
  const answers = Object.entries(qstats[engine] ?? {}).map(
    ([word, [stream, text, exit]]) => `  ${word}) printf '%s\\n' ${JSON.stringify(text)} >&${stream}; exit ${exit} ;;`,
  );
  const stubs = {
    qstat: `case $1 in\n${answers.join('\n')}\nesac\nexit 1`,
    qsub: `printf '%s\\n' "$*" >> '${calls}'\necho 1.pbs`,
  };
  for (const [name, body] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  return { path: `${bin}:${pathOf('bash', 'git', 'python3')}`, calls };
}

const called = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

describe('looking for engines', () => {
  test.for([
    ['sge', ['sge']],
    ['pbs', ['pbs']],
    ['torque', ['torque']],
    ['wrappers of Slurm', []],
  ] as const)('%s: only its own engine is found, and qsub is not called', async ([engine, found]) => {
    const { path, calls } = pathWith(makeRig(), engine);
    const before = process.env['PATH'];
    process.env['PATH'] = path;
    try {
      expect((await detectEngines(path)).map(({ names: [name] }) => name)).toEqual(found);
    } finally {
      process.env['PATH'] = before;
    }
    expect(called(calls)).toBe('');
  });

  test.for([
    ['doctor'],
    ['run', 'job.sh', 'a=1', '--scheduler'],
    ['run', 'job.sh', 'a=1', '--scheduler', '--dry-run'],
    ['sub', 'sub.sh', '--dry-run'],
    ['queues'],
  ])('mlx %s on a machine of OpenPBS calls no qsub', async (words) => {
    const rig = makeRig();
    const { path, calls } = pathWith(rig, 'pbs');
    rig.write('job.sh', '#!/bin/bash\n');
    rig.write('sub.sh', '#!/bin/bash\n#PBS -q workq\n./job.sh a=0,1\n');
    const { exitCode, stderr } = await rig.start(words, { PATH: path });
    expect([exitCode, stderr]).not.toEqual([1, expect.anything()]);
    expect(called(calls)).toBe('');
  });

  test('every probe is a command that only reads, whichever engine owns it', () => {
    const probes = batchEngines.flatMap(({ detect }) => (detect.probe ? [detect.probe.argv[0]] : []));
    expect(probes.length).toBeGreaterThan(0);
    for (const command of probes) expect(readers).toContain(command);
  });

  test('no question about jobs or queues calls a command that submits', () => {
    const submits = /^(qsub|qrsh|qsh|qlogin|qresub|qalter|qmod|sbatch|srun|salloc|oarsub|bsub|msub)$/;
    const asked = batchEngines.flatMap((engine) => [
      ...engine.find.map((query) => query.command(['token'])),
      ...engine.polls.map((query) => query.command(['1'])),
      ...engine.details.map((query) => query.command('1')),
      ...engine.limits.map((query) => query.command(undefined)),
      ...(engine.queues?.commands('ada') ?? []),
      engine.usage?.command(['1']),
      engine.places?.command(['1']),
    ]);
    const commands = asked.flatMap((command) => (command ? [command.argv[0]] : []));
    expect(commands.filter((command) => submits.test(command))).toEqual([]);
  });
});
