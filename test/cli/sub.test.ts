import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { makeRig, mlxBin, type Rig } from '../rig/rig.js';

const prog = '#!/bin/bash\nprintf "%s\\n" "$@" > "$MLX_LOG_DIR/argv"\npwd\n';
const argvOf = (rig: Rig, id: number) => rig.read(`logs/${id}/argv`).trimEnd().split('\n');

/** The dry run of a script, as data. */
async function planned(rig: Rig, ...words: string[]) {
  const { stdout, stderr, exitCode } = await rig.mlx('sub', ...words, '--dry-run', '--json');
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { runs: number; points: { command: string }[]; script: string };
}

describe('mlxsub on this machine', () => {
  const script = `#!/bin/bash
#SBATCH -t 5
export GREETING="hello there"
mkdir -p work && cd work
../prog lr=1,2 seed=3 "say=$GREETING"   # the first
../prog width=5,6 > "out-$MLX_LOG_ID.txt"
echo "after, $?"
`;

  test('runs a job for each point of each command, with what comes before and after it', async () => {
    const rig = makeRig();
    rig.write('prog', prog);
    rig.write('script.sh', script);
    const { exitCode, stderr } = await rig.mlx('sub', 'script.sh', '--here', '-j', '1');
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('4 runs on this machine');
    expect(stderr).toContain('command  line 5: ../prog lr=1,2 seed=3 "say=$GREETING"');
    expect(stderr).toContain('the #SBATCH lines stay as comments');
    expect([1, 2, 3, 4].map((id) => argvOf(rig, id))).toEqual([
      ['lr=1', 'seed=3', 'say=hello there'],
      ['lr=2', 'seed=3', 'say=hello there'],
      ['width=5'],
      ['width=6'],
    ]);
    expect(rig.read('logs/1/log.stdout')).toBe(`${rig.directory}/work\nafter, 0\n`);
    expect(rig.read('work/out-4.txt')).toBe(`${rig.directory}/work\n`);
    expect(rig.read('logs/3/metadata/config.yaml')).toBe('width: 5\n...\n');
    expect(rig.read('logs/1/metadata/overrides.yaml')).toContain('- "seed=3"');
    const [launch, ...others] = rig.tree('logs/.mlx/launches').filter((name) => /^\w+\/$/.test(name));
    expect(others).toEqual([]);
    expect(rig.read(`logs/.mlx/launches/${launch}script.sh`)).toBe(script);
  });

  test('the run is what its command was, whatever follows it', async () => {
    const rig = makeRig();
    rig.write('prog', '#!/bin/bash\n[ "$1" != a=2 ]\n');
    rig.write('script.sh', './prog a=1,2\necho cleaned up\n');
    expect((await rig.mlx('sub', 'script.sh', '--here', '-q')).exitCode).toBe(1);
    const { stdout } = await rig.mlx('list', '--json');
    expect(JSON.parse(stdout).map(({ status }: { status: string }) => status)).toEqual(['COMPLETE', 'FAILED']);
    expect(rig.read('logs/2/log.stdout')).toBe('cleaned up\n');
  });

  test('takes further overrides, standard input, and a script by its path', async () => {
    const rig = makeRig();
    rig.write('jobs/script.sh', './prog lr=1,2 seed=3\n./prog lr=4\n');
    const commands = async (...words: string[]) =>
      (await planned(rig, 'jobs/script.sh', '--here', ...words)).points.map(({ command }) => command);
    expect(await commands('seed=5', '+x=a b')).toEqual([
      "./prog lr=1 seed=5 '+x=a b'",
      "./prog lr=2 seed=5 '+x=a b'",
      "./prog lr=4 seed=5 '+x=a b'",
    ]);
    expect(await commands('seed=5,6')).toHaveLength(6);
    const piped = spawnSync(process.execPath, [mlxBin, 'sub', '-', '--here', '--dry-run', '--json'], {
      cwd: rig.directory,
      encoding: 'utf8',
      input: rig.read('jobs/script.sh'),
    });
    expect(JSON.parse(piped.stdout).runs).toBe(3);
  });

  test('is finished by mlx resume, and run again by mlx rerun and by hand', async () => {
    const rig = makeRig();
    rig.write('prog', prog);
    rig.write('script.sh', 'A=1,2\n./stop\n./prog lr=$A\necho after\n./prog width=3,4 # last\n');
    const child = rig.start(['sub', 'script.sh', '--here', '-q', '-j', '1']);
    rig.write('stop', `#!/bin/bash\n[ -e go ] || { touch go; kill -9 ${child.pid}; sleep 1; }\n`);
    await child;
    rig.write('script.sh', 'changed\n');
    const { exitCode, stderr } = await rig.mlx('resume');
    expect(exitCode, stderr).toBe(0);
    const all = [1, 2, 3, 4].map((id) => argvOf(rig, id).join());
    expect(all.sort()).toEqual(['lr=1', 'lr=2', 'width=3', 'width=4']);
    const last = [1, 2, 3, 4].find((id) => argvOf(rig, id).join() === 'width=3') ?? 0;
    expect((await rig.mlx('rerun', String(last), 'width=7', '-q')).exitCode).toBe(0);
    expect(argvOf(rig, 5)).toEqual(['width=7']);
    expect(rig.read('logs/5/log.stdout')).toBe(`after\n${rig.directory}\n`);
  });

  test('checks overrides against the config beside the program', async () => {
    const rig = makeRig();
    rig.write('main.py', '');
    rig.write('configs/config.yaml', 'lr: 1\nseed: 0\n');
    rig.write('script.sh', 'python main.py lrr=1,2\n');
    const { stderr, exitCode } = await rig.mlx('sub', 'script.sh', '--here');
    expect([exitCode, stderr.split('\n')[0]]).toEqual([
      2,
      "mlx: 'configs/config.yaml' has no key 'lrr', did you mean 'lr'?",
    ]);
    rig.write('configs/config.yaml', 'defaults: [{db: a}]\nlr: 1\n');
    rig.write('configs/db/a.yaml', 'port: 1\n');
    rig.write('script.sh', 'python main.py db.port=1,2\n');
    expect((await planned(rig, 'script.sh', '--here')).runs).toBe(2);
  });
});

describe('the header of a script', () => {
  const header = (rig: Rig, lines: string, ...words: string[]) => {
    rig.write('script.sh', `#!/bin/bash\n${lines}\n./prog a=1,2\n`);
    return planned(rig, 'script.sh', ...words).then(({ script }) =>
      script
        .split('\n')
        .filter((line) => /^#(SBATCH|OAR|\$|PBS)/.test(line) && !/logs.1|open-mode|dev\/null|-S /.test(line)),
    );
  };

  test("is the jobs', and options of the command line go before it", async () => {
    const rig = makeRig();
    expect(await header(rig, '#SBATCH -t 60 --mem=4G\n#SBATCH -J mine -o x', '--time', '2h')).toEqual([
      '#SBATCH --time=02:00:00',
      '#SBATCH --mem=4G',
    ]);
    expect(await header(rig, '#OAR -l /core=2, walltime=6:00:00\n#OAR -t besteffort', '--time', '2h')).toEqual([
      '#OAR -l /core=2,walltime=02:00:00',
      '#OAR -t besteffort',
    ]);
    expect(await header(rig, '#OAR -l /core=2, walltime=6:00:00', '--cpus', '4')).toEqual([
      '#OAR -l /nodes=1/core=4,walltime=6:00:00',
    ]);
    expect(await header(rig, '#$ -l h_rt=1:0:0,h_vmem=2G\n#$ -cwd -j y', '--time', '2h')).toEqual([
      '#$ -l h_rt=02:00:00',
      '#$ -l h_vmem=2G',
    ]);
    expect(await header(rig, '#SBATCH -x n1 --exclusive\n#SBATCH --exclude=n2', '--exclude', 'n3')).toEqual([
      '#SBATCH --exclude=n3',
      '#SBATCH --exclusive',
    ]);
  });

  test('goes before what the settings say for all', async () => {
    const rig = makeRig();
    rig.write('configs/mlx.yaml', 'scheduler: {resources: {time: 1h, mem: 1G}}\n');
    expect(await header(rig, '#SBATCH -t 60')).toEqual(['#SBATCH --mem=1024M', '#SBATCH -t 60']);
  });

  test('leaves here-documents alone, and what looks like directives in them', async () => {
    const rig = makeRig();
    rig.write('script.sh', '#OAR -l core=1\ncat > job.sh <<EOF\n#OAR -t besteffort\nEOF\n./prog a=1,2\n');
    const { script } = await planned(rig, 'script.sh');
    expect(script).toContain('cat > job.sh <<EOF\n#OAR -t besteffort\nEOF\n');
    expect(script.match(/^#OAR -l core=1$/gm)).toHaveLength(1);
  });

  test('of several engines: that which is named is used, the others stay', async () => {
    const rig = makeRig();
    const lines = '#SBATCH -t 5\n#OAR -l core=1';
    const oar = await header(rig, lines, '--scheduler', 'oar');
    expect(oar).toEqual(['#OAR -l core=1', '#SBATCH -t 5']);
    const { stderr } = await rig.mlx('sub', 'script.sh', '--dry-run', '--scheduler', 'oar');
    expect(stderr).toBe('');
  });
});

describe("a script that can't be right is refused, with its place, and nothing is written", () => {
  const table: [name: string, text: string, part: string | RegExp][] = [
    [
      'a loop',
      'for s in 1 2; do\n  python main.py lr=1,2\ndone\n',
      /a command with overrides stands in a loop\n {2}script\.sh:2:3/,
    ],
    ['a condition', 'if true; then python main.py lr=1,2; fi\n', 'stands in a condition'],
    ['a function', 'f() {\n  python main.py lr=1,2\n}\nf\n', 'stands in a function'],
    ['a subshell', '(python main.py lr=1,2)\n', 'leave out the parentheses'],
    ['the background', 'python main.py lr=1,2 &\nwait\n', 'leave out the & and the wait'],
    ['a substitution', 'out=$(python main.py lr=1,2)\n', 'stands in $(…)'],
    [
      'a loop with the same program',
      'python main.py lr=1,2\nfor s in 1 2; do python main.py seed=$s; done\n',
      'sweeps elsewhere',
    ],
    ['two in one statement', 'python a.py x=1,2 && python b.py y=1,2\n', 'two commands that are swept'],
    ['braces', 'python main.py lr={1,2}\n', 'several words of this'],
    ['a typing error', 'python main.py lr=1,,2\n', "can't read the override in script.sh:1 'lr=1,,2'"],
    ['an open quote', 'echo "a\n', 'is no shell script'],
    ['an open here-document', 'cat <<EOF\na\n', 'this here-document never ends'],
    ['a stray done', 'echo a\ndone\n', 'script.sh:2:1'],
    ['no overrides', 'echo a\nmake all\n', 'no command in'],
    ['several that might be meant', 'python a.py\npython b.py\n', '# mlx: sweep'],
    ['an array', '#SBATCH --array=1-10\npython main.py lr=1,2\n', 'sweep the index'],
    ['an array of Grid Engine', '#$ -t 1-10\npython main.py lr=1,2\n', 'sweep the index'],
    [
      'a directive that Slurm refuses',
      '#SBATCH --job-name=my job\npython main.py lr=1,2\n',
      "does not know what 'job'",
    ],
    ['a directive that OAR misreads', '#OAR --name=x\npython main.py lr=1,2\n', 'put a blank instead of the ='],
    ['a comment that PBS refuses', '#PBS -A acct # mine\npython main.py lr=1,2\n', 'does not know what'],
    ['a quoted blank before another option', '#$ -v "A=b c" -l x=1\npython main.py lr=1,2\n', 'a line of its own'],
    ['DOS lines', 'python main.py lr=1,2\r\n', "sed -i 's/\\r$//'"],
    ['no shell', '#!/usr/bin/env python3\npython main.py lr=1,2\n', 'which is no shell'],
  ];
  test.for(table)('%s', async ([, text, part]) => {
    const rig = makeRig();
    rig.write('script.sh', text);
    const before = rig.tree();
    const here = /^#(SBATCH|OAR|\$|PBS)/.test(text) ? [] : ['--here'];
    const { exitCode, stdout, stderr } = await rig.mlx('sub', 'script.sh', ...here);
    expect(stderr).toMatch(part instanceof RegExp ? part : new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    expect([exitCode, stdout, rig.tree()]).toEqual([2, '', before]);
  });

  test('a variable of the environment that holds a sweep', async () => {
    const rig = makeRig({ SEEDS: '1,2' });
    rig.write('script.sh', 'python main.py seed=$SEEDS\n');
    const { exitCode, stderr } = await rig.mlx('sub', 'script.sh', '--here');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('SEEDS=1,2')]);
  });

  test('a pattern that fits a file', async () => {
    const rig = makeRig();
    rig.write('layers=6', '');
    rig.write('script.sh', 'python main.py layers=[64,32] lr=1,2\n');
    expect((await rig.mlx('sub', 'script.sh', '--here')).stderr).toContain(
      "names of files in the place of this: 'layers=6'",
    );
  });

  test('no directives, and no engine named', async () => {
    const rig = makeRig();
    rig.write('script.sh', 'python main.py lr=1,2\n');
    const { exitCode, stderr } = await rig.mlx('sub', 'script.sh');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('or --here')]);
    expect((await rig.mlx('sub', 'none.sh')).exitCode).toBe(2);
    expect((await rig.mlx('sub')).stderr).toContain('SCRIPT');
  });
});
