import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeRig } from '../rig/rig.js';

const client = fileURLToPath(new URL('../../dist/client.js', import.meta.url));
const pythonClient = fileURLToPath(new URL('../../dist/python', import.meta.url));

describe('a JavaScript program', () => {
  test('writes what mlxrun.py would have written', async () => {
    const rig = makeRig();
    rig.write(
      'main.mjs',
      `import { start } from ${JSON.stringify(client)};
const run = start();
run.logMetrics({ epoch: 1, loss: Number.NaN, name: 'ü', yes: true });
run.logMetrics({ acc: Number.NEGATIVE_INFINITY }, 'test');
run.logArtifact({ a: [1] }, 'sub/x.json');
run.logArtifact('text', 't', 'text');
run.checkpoint({ epoch: 2 });
run.progress(3, 10);
console.log(run.id, run.attempt, run.config.opt.lr, JSON.stringify([run.loadArtifact('sub/x.json'), run.latestCheckpoint()]));
`,
    );
    rig.write(
      'main.py',
      `import mlxrun
run = mlxrun.start()
run.log_metrics({"epoch": 1, "loss": float("nan"), "name": "ü", "yes": True})
run.log_metrics({"acc": float("-inf")}, "test")
run.log_artifact({"a": [1]}, "sub/x.json", "json")
run.log_artifact("text", "t", "text")
`,
    );
    expect((await rig.mlx('run', 'main.mjs', 'opt.lr=1e-3', '-q')).exitCode).toBe(0);
    expect((await rig.mlx('run', 'main.py', 'opt.lr=1e-3', '-q')).exitCode).toBe(0);
    expect(rig.read('logs/1/log.stdout')).toBe('1 1 0.001 [{"a":[1]},{"epoch":2}]\n');
    const metrics = (id: number, name: string) =>
      JSON.parse(rig.read(`logs/${id}/metrics/${name}.json`).replace(/NaN|-Infinity/g, '"$&"'));
    for (const name of ['train', 'test']) {
      expect(metrics(1, name)).toEqual(metrics(2, name));
      expect(rig.read(`logs/1/metrics/.keys/${name}.yaml`)).toBe(rig.read(`logs/2/metrics/.keys/${name}.yaml`));
    }
    expect(rig.read('logs/1/artifacts/.keys/artifacts.yaml')).toContain(
      rig.read('logs/2/artifacts/.keys/artifacts.yaml'),
    );
    expect(rig.read('logs/1/artifacts/json/sub/x.json')).toBe(rig.read('logs/2/artifacts/json/sub/x.json'));
    expect(rig.read('logs/1/progress.json')).toBe('{"done":3,"total":10,"attempt":1}\n');
  });

  test('works alone, and does not die of a place that it can not write to', async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'lr: 1e-3\nmodel: {depth: 2}\n');
    rig.write(
      'main.mjs',
      `import { sliceTasks, slice_tasks, start } from ${JSON.stringify(client)};
const run = start({ config: 'configs/config.yaml', logDir: 'configs/config.yaml' });
run.log_metrics({ a: 1 }); run.log_metrics({ a: 2 });
console.log(JSON.stringify([run.config, sliceTasks([1, 2, 3]), slice_tasks === sliceTasks]));
try { run.logArtifact(1, 'x', 'pickle'); } catch (error) { console.log(error.message); }
`,
    );
    const { execa } = await import('execa');
    const { stdout, stderr, exitCode } = await execa('node', ['main.mjs', 'model.depth=3'], { cwd: rig.directory });
    expect([exitCode, stdout]).toEqual([
      0,
      '[{"lr":0.001,"model":{"depth":3}},[1,2,3],true]\n\'pickle\' is a type of Python\'s; there are: json, text, file, binary, image',
    ]);
    expect(stderr).toMatch(/^mlx: can't write to configs\/config\.yaml: [^\n]*; going on without$/);
  });

  test('reads its own config and words where mlx composes nothing', async () => {
    const rig = makeRig();
    rig.write('config.yaml', 'lr: 0.1\nseed: 0\n');
    rig.write('main.py', 'import mlxrun\nprint(sorted(mlxrun.start(config="config.yaml").config.items()))\n');
    rig.write(
      'main.mjs',
      `import { start } from ${JSON.stringify(client)};\nconsole.log(JSON.stringify(start({ config: 'config.yaml' }).config));\n`,
    );
    await rig.mlx('job', 'local', 'cpu', 'py.log', '--', 'python3', 'main.py', 'seed=7');
    await rig.mlx('job', 'local', 'cpu', 'js.log', '--', 'node', 'main.mjs', 'seed=7');
    expect(rig.read('py.log')).toContain("[('lr', 0.1), ('seed', 7)]");
    expect(rig.read('js.log')).toContain('{"lr":0.1,"seed":7}');
    // A config that was composed is the whole of it.
    await rig.mlx('run', 'main.py', '--no-config', '+seed=8', '-q');
    expect(rig.read('logs/3/log.stdout')).toBe("[('seed', 8)]\n");
  });

  test('finds the same names in both clients', () => {
    const python = readFileSync(`${pythonClient}/mlxrun.py`, 'utf8');
    const script = readFileSync(client, 'utf8');
    for (const name of [
      'log_metrics',
      'log_artifact',
      'load_artifact',
      'latest_checkpoint',
      'on_preempt',
      'slice_tasks',
      'register_artifact_type',
      'progress',
      'checkpoint',
    ]) {
      expect(python).toContain(`def ${name}(`);
      expect(script).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});
