import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

/** A sweep of learning rates and a config group; with a seed of 3, the large model diverges at the highest rate. */
async function sweep(rig: Rig): Promise<void> {
  rig.write('configs/config.yaml', 'defaults: [model: small, _self_]\nseed: 0\noptimizer: {lr: 0.01}\n');
  rig.write('configs/model/small.yaml', 'name: small\nwidth: 8\ndepth: 1\n');
  rig.write('configs/model/large.yaml', 'name: large\nwidth: 64\ndepth: 3\n');
  rig.write(
    'train.py',
    `import mlxrun
run = mlxrun.start()
lr, seed, model = run.config.optimizer.lr, run.config.seed, run.config.model.name
for epoch in range(1, 41):
    diverges = lr > 0.04 and model == "large" and seed == 3
    loss = 8 * 90.0 ** epoch if diverges else 8 * (1 - lr) ** epoch + seed / 100
    run.log_metrics({"epoch": epoch, "loss": loss, "score": 2.0 ** 60 if diverges else 1 / loss})
`,
  );
  await rig.mlx('run', 'train.py', 'optimizer.lr=1e-3,1e-2,5e-2', 'model=small,large', 'seed=1,2,3', '-q');
}

describe('plots of a sweep with a config group, of which one run diverges', () => {
  let rig: Rig;
  const endings: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    rig = makeRig({}, (then) => endings.push(then));
    await sweep(rig);
  }, 120_000);
  afterAll(async () => {
    for (const end of endings) await end();
  }, 60_000);

  const names = ['1e-3', '1e-2', '5e-2'].flatMap((lr) =>
    ['small', 'large'].flatMap((model) => [1, 2, 3].map((seed) => `optimizer.lr=${lr} model=${model} seed=${seed}`)),
  );
  const note = 'note: 1 of 18 curves leaves the picture (up to 1.182e+79); --y-max 1.2e79 shows all\n';

  test('the terminal names curves by what was typed, and shows those that can be shown', async () => {
    const { stdout, stderr } = await rig.mlx('plot', 'train.loss');
    expect(stderr).toBe(note);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(-18)).toEqual(names.map((name, i) => `${'abcdefghijklmnopqr'[i]}  run ${i + 1}  ${name}`));
    expect(lines[1]).toMatch(/^ *8? [│┤].*▲r/);
    expect(
      lines
        .slice(1, 19)
        .map((line) => /^ *(\S*) [│┤]/.exec(line)?.[1])
        .filter(Boolean),
    ).toEqual(['8', '6', '4', '2']);
    expect(stdout.match(/▲/g)?.length).toBe(1);
  });

  test('pictures name them too, whole under the pointer, and mark where one leaves', async () => {
    const { stderr } = await rig.mlx('plot', 'train.loss', '-o', 'a.svg');
    expect(stderr).toBe(`18 curves in a.svg\n${note}`);
    const svg = rig.read('a.svg');
    for (const [i, name] of names.entries()) {
      expect(svg).toContain(`<title>run ${i + 1}  ${name}</title>`);
      expect(svg).toContain(`>run ${i + 1}  ${name}</text>`);
    }
    expect(svg.match(/Z" fill="#/g)?.length).toBe(1);
    const numbers = [...svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    for (const [x = -1, y = -1] of numbers) expect([x >= 0 && x <= 1000, y >= 0 && y <= 460]).toEqual([true, true]);
    expect((await rig.mlx('plot', 'train.loss', '-o', 'a.html')).stderr).toBe(`18 curves in a.html\n${note}`);
    const html = rig.read('a.html');
    expect(html).toContain('1 of 18 curves leaves the picture (up to 1.182e+79)');
    for (const [i, name] of names.entries()) expect(html).toContain(`"run ${i + 1}  ${name}"`);
    expect((await rig.mlx('plot', 'train.loss', '-o', 'a.png')).stderr).toBe(`18 curves in a.png\n${note}`);
  });

  test('--y-max as the note says it shows all; the ends may be anything that leaves something between them', async () => {
    const all = await rig.mlx('plot', 'train.loss', '--y-max', '1.2e79');
    expect([all.stderr, all.stdout.includes('▲')]).toEqual(['', false]);
    expect(all.stdout).toContain('1e79 ┤');
    const log = await rig.mlx('plot', 'train.loss', '--log-y');
    expect(log.stderr).toBe(note);
    const part = await rig.mlx('plot', 'train.loss', '--y-min', '-1e0', '--y-max', '4', 'seed == 1');
    expect(part.stderr).toMatch(/^note: \d of 6 curves leave the picture \(up to 8\.0\d*\)\n$/);
    expect(part.stdout).toContain('0 ┤');
    const none = await rig.mlx('plot', 'train.loss', '--y-max', '-3', '1 == 1');
    expect([none.exitCode, none.stderr]).toEqual([0, expect.stringMatching(/^note: 18 of 18 curves leave /)]);
  });

  test.for([
    [['--y-max', 'x'], "option '--y-max' can't be 'x'"],
    [['--y-max=1e999'], 'a number, such as 0.5 or 1e3'],
    [['--y-min', '0x10'], 'a number, such as 0.5 or 1e3'],
    [['--y-min', '2', '--y-max', '1'], 'a number above --y-min, 2'],
    [['--y-min', '1', '--y-max', '1'], 'a number above --y-min, 1'],
    [['--log-y', '--y-min', '0'], 'a number above 0, because of --log-y'],
    [['--log-y', '--y-max', '-1'], 'a number above 0, because of --log-y'],
    [['--heat-map', 'seed,model', '--y-max', '1'], '--y-max'],
    [['--y-max'], "'--y-max' needs a value"],
  ] as const)('%j is refused', async ([words, told]) => {
    const { exitCode, stderr } = await rig.mlx('plot', 'train.loss', ...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(told)]);
  });

  test('a map and parallel coordinates keep their colours, and say what is beyond them', async () => {
    const map = await rig.mlx('plot', 'train.loss', '--heat-map', 'optimizer.lr,seed');
    expect(map.stdout).toMatch(/^ +0\.05 +▁ \S+ +▁ \S+ +█ 5\.912e\+78$/m);
    expect(map.stderr).toBe('note: 1 cell beyond the scale of colours (up to 5.912e+78)\n');
    const lines = await rig.mlx('plot', 'train.loss', '--parallel', 'optimizer.lr,model,seed', '-o', 'p.svg');
    expect(lines.stderr).toBe('18 runs in p.svg\nnote: 1 run beyond the scale of colours (up to 1.182e+79)\n');
    expect(rig.read('p.svg')).toContain('<title>run 18  optimizer.lr=5e-2 model=large seed=3</title>');
  });

  test('tables have one column for the group, and short numbers; data has them whole', async () => {
    const best = await rig.mlx('best', 'train.loss', '--min');
    expect(best.stdout).toMatch(/^optimizer\.lr +model +mean:train\.loss/);
    const json = JSON.parse((await rig.mlx('best', 'train.loss', '--min', '--json')).stdout);
    expect(json[0].setting).toEqual({ 'optimizer.lr': 0.05, model: 'small' });
    const { stdout } = await rig.mlx('query', 'run == 18');
    expect(stdout).toMatch(/ 1\.182e\+79 +1\.153e\+18\n$/);
    expect((await rig.mlx('query', 'run == 18', '--csv')).stdout).toContain(String(2 ** 60));
    expect((await rig.mlx('show', '18')).stdout).toContain('1.153e+18');
  });
});

test('names that do not fit lose their middle and stay apart; a single value is a dot', async () => {
  const rig = makeRig();
  rig.write('once.py', 'import mlxrun\nmlxrun.start().log_metrics({"top": 3})\n');
  const long = 'x'.repeat(50);
  await rig.mlx(
    'run',
    'once.py',
    'optimizer.lr=1,2',
    `data.directory=${long}`,
    `+data.name=a-${long},b-${long}`,
    'seed=1,2',
    '-q',
  );
  const { stdout } = await rig.mlx('plot', 'train.top');
  const shown = stdout.trimEnd().split('\n').slice(-8);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(new Set(shown.map((line) => line.replace(/^.*run \d/, ''))).size).toBe(8);
  expect(shown[0]).toMatch(/^a {2}run 1 {2}optimizer\.lr=1 data\.name=a-x+…x+ seed=1$/);
  await rig.mlx('plot', 'train.top', '-o', 'dot.svg');
  expect(rig.read('dot.svg').match(/<circle /g)?.length).toBe(8);
});

describe('the final table', () => {
  test('has results before steps, and says which columns there was no room for', async () => {
    const rig = makeRig();
    rig.write(
      'train.py',
      `import mlxrun
run = mlxrun.start()
run.log_metrics({"epoch": 3, **{f"a_rather_long_name_of_a_metric_{i}": 1e80 for i in range(8)}})
run.log_metrics({"epoch": 3, "loss": 0.5}, log_name="valid")
`,
    );
    const { stdout, stderr } = await rig.mlx('run', 'train.py', 'lr=1');
    const heading = stdout.split('\n')[0]?.split(/ +/);
    expect(heading?.slice(0, 5)).toEqual(['run', 'point', 'status', 'time', 'train.a_rather_long_name_of_a_metric_0']);
    expect(heading).not.toContain('train.epoch');
    const [, told, shown] = /^not shown for lack of room: (.*)\n {2}mlx list 1 --columns run,(.*)$/m.exec(stderr) ?? [];
    expect(told?.split(', ').slice(-2)).toEqual(['valid.loss', 'train.epoch']);
    expect(shown).toBe(told?.replaceAll(', ', ','));
    expect((await rig.mlx('list', '1', '--columns', `run,${shown}`)).stdout).toContain('1e+80');
  });
});
