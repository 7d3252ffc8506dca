// Writes test/fixtures/mlx/<version>/: a store made by this version, which every later one must read.
//
//   node scripts/freeze-store.mjs DIRECTORY      a directory that does not exist yet; its logs/ will be the store
//
// test/reader/fixtures.test.ts says what is in it: runs 1 to 4 of a sweep, the first in two attempts; 5 failed, 6 over its
// time limit, 7 stopped with its launch; 8 not made; 9 claimed and never finished. Host, user and paths are made up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const mlxBin = fileURLToPath(new URL('../dist/cli/mlx.cjs', import.meta.url));
const madeUp = { directory: '/home/ada/project', host: 'n4', user: 'ada' };

const program = `import os
import time
import mlxrun

run = mlxrun.start(config="configs/config.yaml")
lr, seed = run.config["optimizer"]["lr"], run.config["seed"]
state = run.latest_checkpoint() or {"epoch": 0}
for epoch in range(state["epoch"], 3):
    run.log_metrics({"epoch": epoch, "loss": lr / (epoch + 1)}, "train")
    run.progress(epoch + 1, 3)
    run.checkpoint({"epoch": epoch + 1})
if seed == 3:
    raise ValueError("seed 3 diverges")
run.log_artifact({"final": seed}, "result.json", "json")
if seed >= 4:
    open(os.path.join(os.environ["MLX_LOG_DIR"], "ready"), "w").close()
    time.sleep(60)
`;

/** Makes the store `<directory>/logs`. Needs the built mlx and Python. */
export async function freezeStore(directory) {
  if (fs.existsSync(directory)) throw new Error(`${directory} exists; a frozen store is never changed`);
  const project = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'mlx-freeze-'));
  try {
    await fillStore(project);
    anonymize(join(project, 'logs'), project);
    fs.mkdirSync(directory, { recursive: true });
    fs.cpSync(join(project, 'logs'), join(directory, 'logs'), { recursive: true });
  } finally {
    fs.rmSync(project, { recursive: true, force: true });
  }
}

async function fillStore(project) {
  const env = { PATH: '/usr/bin:/bin', HOME: project, LANG: 'C.UTF-8', TZ: 'UTC', CI: 'true' };
  const start = (...args) => spawn(process.execPath, [mlxBin, ...args], { cwd: project, env, stdio: 'ignore' });
  const mlx = async (wanted, ...args) => {
    const [code] = await once(start(...args), 'exit');
    if (code !== wanted) throw new Error(`mlx ${args.join(' ')} ended with exit code ${code} instead of ${wanted}`);
  };
  fs.mkdirSync(join(project, 'configs'));
  fs.writeFileSync(join(project, 'configs/config.yaml'), 'seed: 0\noptimizer:\n  name: sgd\n  lr: 0.1\n');
  fs.writeFileSync(join(project, 'train.py'), program);
  await mlx(0, 'run', 'train.py', 'optimizer.lr=1e-2,0.5', 'seed=1,2', '-q');
  await mlx(1, 'run', 'train.py', 'seed=3', '+note="a, b"', '-q');
  await mlx(1, 'run', 'train.py', 'seed=4', '--walltime', '2', '-q');
  const interrupted = start('run', 'train.py', 'seed=4,5', '-j', '1', '-q');
  const ready = join(project, 'logs/7/ready');
  for (const end = Date.now() + 60_000; !fs.existsSync(ready); await sleep(20)) {
    if (Date.now() > end) throw new Error('run 7 did not start within a minute');
  }
  interrupted.kill('SIGTERM');
  await once(interrupted, 'exit');
  await mlx(0, 'rerun', '1', '--in-place', '-q');
  for (const run of ['6', '7']) fs.rmSync(join(project, 'logs', run, 'ready'));
  const job = fs.readFileSync(join(project, 'logs/7/metadata/job.yaml'), 'utf8');
  fs.mkdirSync(join(project, 'logs/9/metadata'), { recursive: true });
  fs.writeFileSync(join(project, 'logs/9/metadata/job.yaml'), job.replace(/^launch: .*$/m, 'launch: gonelaunch'));
}

/** Puts the made-up directory, host and user into all files of text. */
function anonymize(store, project) {
  const own = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const host = new RegExp(`^(\\s*(?:host|hostname): )"?${own(hostname())}"?$`, 'gm');
  const user = new RegExp(`^(\\s*user: )"?${own(userInfo().username)}"?$`, 'gm');
  for (const entry of fs.readdirSync(store, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || fs.readFileSync(path).includes(0)) continue;
    const text = fs.readFileSync(path, 'utf8');
    const changed = text
      .replaceAll(project, madeUp.directory)
      .replace(host, `$1${madeUp.host}`)
      .replace(user, `$1${madeUp.user}`);
    if (changed !== text) fs.writeFileSync(path, changed);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error('node scripts/freeze-store.mjs DIRECTORY');
  await freezeStore(directory);
}
