import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

const files: Readonly<Record<string, string>> = {
  'conf/config.yaml': `defaults:
  - model: mlp
  - optimizer: sgd
  - _self_
seed: 0
name: \${model.name}_\${seed}
home: \${oc.env:NEST}/x
`,
  'conf/model/mlp.yaml': 'name: mlp\nwidth: 8\n',
  'conf/model/cnn.yaml': 'name: cnn\nkernel: [3, 3]\n',
  'conf/optimizer/sgd.yaml': 'lr: 0.1\n',
  'conf/optimizer/adam.yaml': 'lr: 1e-3\nbetas: [0.9, 0.999]\n',
  'conf/other.yaml': 'alone: true\n',
  'main.sh': 'printf "%s\\n" "$@" > "$MLX_LOG_DIR/argv"\ncat "$MLX_CONFIG"\n',
};

/** A program that says where its config is as one of Hydra's does; mlx reads these lines, and runs it with a shell. */
const hydraProgram = `"""A program of Hydra."""
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    pass
`;

function makeProject(more: Readonly<Record<string, string>> = {}): Rig {
  const rig = makeRig();
  for (const [path, text] of Object.entries({ ...files, ...more })) rig.write(path, text);
  return rig;
}

async function shown(rig: Rig, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await rig.mlx('config', 'main.sh', '--config-path', 'conf', ...words);
  return stdout + stderr;
}

test('mlx config shows what a run would be given, whole or a part of it', async () => {
  const rig = makeProject();
  expect(await shown(rig, 'optimizer.lr=1')).toBe(`model:
  name: mlp
  width: 8
optimizer:
  lr: 1
seed: 0
name: \${model.name}_\${seed}
home: \${oc.env:NEST}/x
`);
  expect(await shown(rig, 'model=cnn', '--package', 'model')).toBe(
    '# @package model\nname: cnn\nkernel:\n  - 3\n  - 3\n',
  );
  expect(await shown(rig, '-p', 'model.width')).toBe('8\n');
  expect(await shown(rig, 'seed=1,2')).toMatch(/^mlx: mlx config takes one value, not a sweep\n/);
});

test('mlx config --show says what a config is made of', async () => {
  const rig = makeProject();
  expect(await shown(rig, '--show', 'defaults', 'model=cnn')).toBe(`config         package    named in  file
model/cnn      model      config    conf/model/cnn.yaml
optimizer/sgd  optimizer  config    conf/optimizer/sgd.yaml
config         _global_             conf/config.yaml
`);
  expect(await shown(rig, '--show', 'tree', '~optimizer')).toBe(`config
  model/mlp
  optimizer/sgd (left out)
  _self_
`);
  expect(await shown(rig, '--show', 'origin', 'optimizer=adam', 'optimizer.lr=5', '-p', 'optimizer')).toBe(
    `key                value  from
optimizer.lr       5      override optimizer.lr=5
optimizer.betas.0  0.9    conf/optimizer/adam.yaml:2
optimizer.betas.1  0.999  conf/optimizer/adam.yaml:2
`,
  );
  expect(await shown(rig, '--show', 'searchpath')).toBe('from  directory\nmain  conf\n');
  expect(JSON.parse(await shown(rig, '--show', 'tree', '--json')).children[0]).toEqual({
    config: 'model/mlp',
    package: 'model',
    used: true,
  });
});

test('mlx config --resolve puts in what interpolations stand for', async () => {
  const rig = makeProject();
  expect(await shown(rig, '--resolve', '-p', 'name', 'seed=3')).toBe('mlp_3\n');
  expect(await shown(rig, '--resolve')).toBe(
    "mlx: can't resolve '${oc.env:NEST}' of 'home': the environment has no variable 'NEST'\n  without --resolve it is shown as it is written\n",
  );
});

test('runs are given the composed config, interpolations of it resolved, and options are swept', async () => {
  const rig = makeProject();
  const words = ['--config-path', 'conf', 'model=mlp,cnn', 'seed=1,2', '-q'];
  expect((await rig.mlx('run', 'main.sh', ...words)).exitCode).toBe(0);
  expect(rig.read('logs/3/log.stdout')).toBe(`model:
  name: cnn
  kernel:
    - 3
    - 3
optimizer:
  lr: 0.1
seed: 1
name: cnn_1
home: \${oc.env:NEST}/x
...
`);
  expect(rig.read('logs/3/argv')).toBe('model=cnn\nseed=1\n');
  rig.write('configs/mlx.yaml', 'resolve: false\n');
  expect((await rig.mlx('run', 'main.sh', '--config-path', 'conf', '-q')).exitCode).toBe(0);
  expect(rig.read('logs/5/metadata/config.yaml')).toContain('name: ${model.name}_${seed}\n');
});

test('all that is wrong with the points of a sweep is told at once, each thing once, and nothing is written', async () => {
  const rig = makeProject();
  const words = ['--config-path', 'conf', 'model=mlp,cnn,mpl', 'model.width=1,2', 'optimizer=sgd,adm'];
  const { stderr, exitCode } = await rig.mlx('run', 'main.sh', ...words);
  expect(exitCode).toBe(2);
  expect(stderr).toBe(`mlx: 10 of 12 points can't be run, so none is
  6 points, such as model=mlp model.width=1 optimizer=adm:
  the config group 'optimizer' has no option 'adm', did you mean 'adam'?
    optimizer=sgd,adm
    ^^^^^^^^^^^^^^^^^
  it has adam, sgd
  2 points, such as model=cnn model.width=1 optimizer=sgd:
  'conf/config.yaml' has no key 'model.width'
    model.width=1,2
    ^^^^^^^^^^^
  a new key is added with +model.width=1,2
  2 points, such as model=mpl model.width=1 optimizer=sgd:
  the config group 'model' has no option 'mpl', did you mean 'mlp'?
    model=mlp,cnn,mpl
    ^^^^^^^^^^^^^^^^^
  it has cnn, mlp
`);
  expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
});

test('a launch keeps its configs: resuming it and running again compose what was there', async () => {
  const rig = makeProject({ 'main.sh': 'grep -q . "$MLX_CONFIG"\n[ ! -e go ] || cat "$MLX_CONFIG"\n' });
  const words = ['--config-path', 'conf', 'model=mlp', 'seed=1', '-q'];
  expect((await rig.mlx('run', 'main.sh', ...words)).exitCode).toBe(0);
  rig.write('conf/model/cnn.yaml', 'name: changed\n');
  rig.write('conf/config.yaml', 'broken: [\n');
  rig.write('go', '');
  expect((await rig.mlx('rerun', '1', 'model=cnn', 'seed=5', '-q')).exitCode).toBe(0);
  expect(rig.read('logs/2/log.stdout')).toContain('name: cnn_5\n');
  const { stderr } = await rig.mlx('rerun', '1', 'model=rnn');
  expect(stderr).toContain("the config group 'model' has no option 'rnn'");
});

test('a program of Hydra says itself where its config is, and is told of any other', async () => {
  const rig = makeProject({ 'main.py': hydraProgram });
  const plan = async (...words: string[]) =>
    (await rig.mlx('run', '--dry-run', '--interpreter', 'bash', ...words)).stdout;
  expect(await plan('main.py', 'model=cnn')).toMatch(/config {3}conf\/config\.yaml\n/);
  const other = await plan('main.py', '--config-name', 'other');
  expect(other).toMatch(/command .* main\.py --config-name other\n/);
  expect(other).toMatch(/config {3}conf\/other\.yaml\n/);
  expect(await plan('main.py', '--', '--config-name', 'other')).toMatch(/config {3}conf\/other\.yaml\n/);
  // Without a version_base, configs are beside the program.
  rig.write('main.py', '@hydra.main(config_name="beside")\ndef main(cfg): pass\n');
  rig.write('beside.yaml', 'here: true\n');
  expect(await plan('main.py', 'here=false')).toMatch(/config {3}beside\.yaml\n/);
  rig.write('main.py', hydraProgram.replace('config_path="conf"', 'config_path=None'));
  expect(await plan('main.py', 'anything=1')).toMatch(/config {3}none/);
});

test('a config of Hydra that asks for a sweep gets one, and its runs do not sweep again', async () => {
  const rig = makeProject({
    'main.py': hydraProgram,
    'conf/sweep.yaml':
      'defaults: [config, _self_]\nhydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      seed: 1,2\n      model: mlp,cnn\n',
    'conf/params.yaml': 'defaults: [config, _self_]\nhydra: {sweeper: {params: {seed: "1,2"}}}\n',
  });
  const words = ['--interpreter', 'echo', '--config-name', 'sweep', 'seed=9', '-q'];
  expect((await rig.mlx('run', 'main.py', ...words)).exitCode).toBe(0);
  const run = (id: number) => rig.read(`logs/${id}/log.stdout`).trim();
  expect([run(1), run(2)]).toEqual(
    ['mlp', 'cnn'].map((model) => `main.py --config-name sweep seed=9 model=${model} hydra.mode=RUN`),
  );
  expect(existsSync(join(rig.directory, 'logs/3'))).toBe(false);
  const { stdout } = await rig.mlx('run', 'main.py', '--interpreter', 'echo', '--config-name', 'params', '--dry-run');
  expect(stdout).toContain('hydra.sweeper.params of conf/params.yaml are not swept; hydra.mode=MULTIRUN makes them');
});

test('configs are found on a search path', async () => {
  const rig = makeProject({
    'more/model/rnn.yaml': 'name: rnn\n',
    'package/conf/model/gru.yaml': 'name: gru\n',
    'conf/search.yaml': 'defaults: [config, _self_]\nhydra: {searchpath: [pkg://package.conf]}\n',
  });
  expect(await shown(rig, '--config-dir', 'more', 'model=rnn', '-p', 'model.name')).toBe('rnn\n');
  expect(await shown(rig, '--config-name', 'search', 'model=gru', '-p', 'model.name')).toBe('gru\n');
  expect(await shown(rig, 'hydra.searchpath=[more]', 'model=rnn', '-p', 'model.name')).toBe('rnn\n');
  expect(await shown(rig, '--config-name', 'search', '--config-dir', 'more', '--show', 'searchpath')).toBe(
    'from              directory\nmain              conf\ncommand-line      more\nhydra.searchpath  package/conf\n',
  );
  expect(await shown(rig, 'hydra.searchpath=[nowhere]')).toBe(`mlx: can't make out the search path of configs
    hydra.searchpath=[nowhere]
    ^^^^^^^^^^^^^^^^^^^^^^^^^^ there is no directory for nowhere to be seen here
  --config-dir DIR names a directory of configs
`);
  expect((await rig.mlx('config', '--config-dir', 'conf', '-p', 'model.name')).stdout).toBe('mlp\n');
  expect((await rig.mlx('config', '--config-dir', 'more')).stderr).toBe(
    "mlx: there is no config 'config.yaml'\n  looked for 'more'; --no-config runs without one\n",
  );
  expect(await shown(rig, '--config-dir', 'nowhere')).toContain("there is no config 'nowhere'");
});

test('a value that is still to be given is told of', async () => {
  const rig = makeProject({ 'configs/config.yaml': 'lr: ???\nmodel:\n  depth: ???\n' });
  const { stdout, stderr } = await rig.mlx('run', 'main.sh', 'lr=1,2', '--dry-run');
  expect(stdout + stderr).toContain('  note     model.depth has no value yet (???): model.depth=VALUE gives one\n');
  expect(stdout).not.toContain('lr has no value');
});

test('an alias of itself is told with its place, whoever reads the file', async () => {
  const own = 'a: &a [*a]\n';
  const rig = makeProject({ 'conf/own.yaml': own, 'own.yaml': own, 'points.yaml': '- &a {x: *a}\n' });
  const commands = [
    ['config', 'main.sh', '--config-path', 'conf', '--config-name', 'own'],
    ['run', 'main.sh', '--config-path', 'conf', '--config-name', 'own'],
    ['run', 'main.sh', '--no-config', '--sweep', 'own.yaml'],
    ['run', 'main.sh', '--no-config', '--points', 'points.yaml'],
    ['job', '--config', 'own.yaml', 'local', 'cpu', 'log.txt', '--', 'true'],
  ];
  for (const words of commands) {
    const { stderr, exitCode } = await rig.mlx(...words);
    expect(stderr).toMatch(/^mlx: '[\w/]+\.yaml' is not valid YAML\n {2}[\w/]+\.yaml:1:\d+\n/);
    expect(stderr).toContain('*a would be a part of itself');
    expect(exitCode).toBe(2);
  }
  rig.write('configs/mlx.yaml', own);
  expect((await rig.mlx('list')).stderr).toContain('*a would be a part of itself');
});
