import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const run = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A cluster that tests may use, or why there is none. */
export type Cluster =
  | { readonly env: Readonly<Record<string, string>>; readonly user: string | undefined }
  | { readonly missing: string };

export type ClusterName = 'slurm' | 'sge' | 'oar';

declare module 'vitest' {
  interface ProvidedContext {
    readonly clusters: Readonly<Record<ClusterName, Cluster>>;
    /** The command line in a place that every user may read. */
    readonly publicMlx: string;
  }
}

const slurmDirectory = join(tmpdir(), 'mlx-test-slurm');
const publicDirectory = join(tmpdir(), 'mlx-test-public');

/** Starts a real Slurm, Grid Engine and OAR on this machine, as far as they are installed. */
export async function setup(project: TestProject): Promise<void> {
  rmSync(publicDirectory, { recursive: true, force: true });
  mkdirSync(publicDirectory);
  for (const name of ['dist', 'configs', 'package.json']) {
    cpSync(script(`../../${name}`), join(publicDirectory, name), { recursive: true });
  }
  const [slurm, sge, oar] = await Promise.all([
    started([script('start-slurm.sh'), slurmDirectory], {
      env: { SLURM_CONF: join(slurmDirectory, 'etc', 'slurm.conf') },
      user: undefined,
    }),
    started([script('start-sge.sh')], { env: {}, user: undefined }),
    started([script('start-oar.sh')], { env: {}, user: 'oaruser' }),
  ]);
  project.provide('clusters', { slurm, sge, oar });
  project.provide('publicMlx', join(publicDirectory, 'dist', 'cli', 'mlx.cjs'));
}

async function started(argv: readonly [string, ...string[]], cluster: Cluster): Promise<Cluster> {
  try {
    await run('bash', [...argv], { timeout: 180_000 });
    return cluster;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const missing = stderr.trim().split('\n').at(-1) || String(error);
    // In CI no cluster test may be passed over.
    if (process.env['MLX_CLUSTERS'] === 'required') throw new Error(`${argv[0]}: ${stderr}`);
    return { missing };
  }
}

/** Leaves the daemons to the next run where `MLX_CLUSTERS` is `keep`. */
export async function teardown(): Promise<void> {
  rmSync(publicDirectory, { recursive: true, force: true });
  if (process.env['MLX_CLUSTERS'] === 'keep') return;
  const stops = [[script('stop-slurm.sh'), '--wipe', slurmDirectory], [script('stop-sge.sh')], [script('stop-oar.sh')]];
  await Promise.all(stops.map((argv) => run('bash', argv, { timeout: 60_000 }).catch(() => undefined)));
}
