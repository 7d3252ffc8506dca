// Against real Slurm and Grid Engine, started here as the cluster tests do; needs root and their packages.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDirectory, interleaved, mlx, root, run, times } from './measure.mjs';

const slurmDirectory = join(tmpdir(), 'mlx-bench-slurm');
const script = (name) => join(root, 'test', 'clusters', name);
const numbers = (count) => Array.from({ length: count }, (_, i) => i + 1).join(',');

/** Engines that could be started, each with the commands of the bare way. */
function engines() {
  const slurm = ['--port', '17810', '--conf', 'MaxJobCount=60000', '--conf', 'MaxArraySize=10001', slurmDirectory];
  const found = [];
  if (spawnSync('bash', [script('start-slurm.sh'), ...slurm]).status === 0) {
    process.on('exit', () => spawnSync('bash', [script('stop-slurm.sh'), '--wipe', slurmDirectory]));
    found.push({
      name: 'slurm',
      env: { ...process.env, SLURM_CONF: join(slurmDirectory, 'etc', 'slurm.conf') },
      hold: '--hold',
      submit: ['sbatch', '--hold', '-o', '/dev/null'],
      array: (count) => [`--array=1-${count}`],
      status: ['squeue', '-h', '-r', '-a', '-t', 'all', '-o', '%F|%K|%T|%r'],
      commands: ['sbatch', 'squeue', 'sacct', 'sinfo', 'scontrol'],
      clear: ['scancel', '-u', 'root'],
    });
  }
  if (spawnSync('bash', [script('start-sge.sh')]).status === 0) {
    process.on('exit', () => spawnSync('bash', [script('stop-sge.sh')]));
    found.push({
      name: 'sge',
      env: process.env,
      hold: '-h',
      submit: ['qsub', '-h', '-o', '/dev/null', '-e', '/dev/null', '-S', '/bin/bash'],
      array: (count) => ['-t', `1-${count}`],
      status: ['qstat', '-xml'],
      commands: ['qsub', 'qstat', 'qacct', 'qconf'],
      clear: ['qdel', '-u', 'root'],
    });
  }
  return found;
}

/** A project in a new directory. */
function project() {
  const directory = freshDirectory();
  writeFileSync(join(directory, 'main.sh'), '#!/bin/bash\n:\n', { mode: 0o755 });
  return directory;
}

const launch = (engine, count) => [
  process.execPath,
  mlx,
  'run',
  'main.sh',
  `i=${numbers(count)}`,
  '--scheduler',
  engine.name,
  '--option',
  engine.hold,
  '-q',
];

/** How many of the engine's commands a mlx starts: each stands behind a script that leaves a line. */
function countCommands(engine, argv, cwd) {
  const directory = freshDirectory();
  const log = join(directory, 'log');
  for (const name of engine.commands) {
    const real = spawnSync('bash', ['-c', `command -v ${name}`])
      .stdout.toString()
      .trim();
    if (real)
      writeFileSync(join(directory, name), `#!/bin/bash\necho ${name} >> ${log}\nexec ${real} "$@"\n`, { mode: 0o755 });
  }
  spawnSync(argv[0], argv.slice(1), { cwd, env: { ...engine.env, PATH: `${directory}:${process.env.PATH}` } });
  const lines = existsSync(log) ? spawnSync('cat', [log]).stdout.toString().trim().split('\n') : [];
  return `${lines.length} (${lines.join(', ')})`;
}

/** A thousand runs as an array, directories and scripts included. */
export async function* submission({ quick }) {
  const rounds = quick ? 3 : 7;
  for (const engine of engines()) {
    const options = (cwd) => ({ cwd, env: engine.env });
    const bash = (line, cwd) => run(['bash', '-c', line], options(cwd));
    const submit = engine.submit.join(' ');
    const array = `${submit} ${engine.array(1000).join(' ')} main.sh`;
    const timed = async (running) => (await running).milliseconds;
    const [ours, bare, tree, mkdirs] = await interleaved(
      [
        () => timed(run(launch(engine, 1000), options(project()))),
        () => timed(bash(`${array} && mkdir {1..1000}`, project())),
        () => timed(bash(`${array} && mkdir -p {1..1000}/{metadata/attempts,metrics,artifacts}`, project())),
        () => timed(bash(`${array} && for i in {1..1000}; do mkdir $i; done`, project())),
      ],
      rounds,
    );
    const loop = await bash(`for i in {1..1000}; do ${submit} main.sh; done`, project());
    const count = countCommands(engine, launch(engine, 1000), project());
    await run(engine.clear, { env: engine.env });
    const what = `1,000 runs as an array of ${engine.name}, ${Math.round(ours)} ms`;
    yield { what, beside: 'the array, and one mkdir of 1,000', ratio: times(ours, bare), goal: '≤ 3' };
    yield { what, beside: 'the array, and one mkdir of the same 5,000', ratio: times(ours, tree), goal: '' };
    yield { what, beside: 'the array, and 1,000 calls of mkdir', ratio: times(ours, mkdirs), goal: '' };
    yield { what, beside: 'a loop of 1,000 submissions', ratio: times(ours, loop.milliseconds), goal: '≤ 0.1' };
    yield { what: 'commands of the engine for it', beside: '', ratio: count, goal: '≤ 3' };
  }
}

/** What has become of ten thousand runs. */
export async function* status({ quick }) {
  for (const engine of engines()) {
    const cwd = project();
    const options = { cwd, env: engine.env };
    await run(launch(engine, 10_000), options);
    const list = [process.execPath, mlx, 'list'];
    const timed = async (argv) => (await run(argv, options)).milliseconds;
    const [ours, bare] = await interleaved([() => timed(list), () => timed(engine.status)], quick ? 3 : 7);
    const count = countCommands(engine, list, cwd);
    await run(engine.clear, { env: engine.env });
    const what = `status of 10,000 runs of ${engine.name}, ${Math.round(ours)} ms`;
    yield { what, beside: engine.status.slice(0, 2).join(' '), ratio: times(ours, bare), goal: '≤ 2' };
    yield { what: 'commands of the engine for it', beside: '', ratio: count, goal: '≤ 2' };
  }
}
