import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeRig, processesMentioning, type Rig, waitUntil } from '../rig/rig.js';

interface Shown {
  readonly status: string;
  readonly reason: string | null;
  readonly attempt: number;
}

async function shown(rig: Rig): Promise<Shown> {
  return JSON.parse((await rig.mlx('show', '1', '--json')).stdout);
}

/** A launch of one run that waits, its supervisor and its program. */
async function running(): Promise<{
  rig: Rig;
  child: ReturnType<Rig['start']>;
  supervisor: number;
  body: number;
}> {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\necho $$ > body; until [ -e go ]; do sleep 0.02; done\n');
  const child = rig.start(['run', 'main.sh', 'i=1', '-q']);
  await waitUntil(() => existsSync(join(rig.directory, 'body')) && rig.read('body').endsWith('\n'), 'the program');
  const supervisor = Number(/^pid: (\d+)/m.exec(rig.read('logs/1/metadata/attempts/1.yaml'))?.[1]);
  return { rig, child, supervisor, body: Number(rig.read('body')) };
}

describe('kill -9', () => {
  test('of the program is FAILED, with the signal', async () => {
    const { rig, child, body } = await running();
    process.kill(body, 'SIGKILL');
    expect((await child).exitCode).toBe(1);
    expect(await shown(rig)).toMatchObject({ status: 'FAILED', reason: 'killed by SIGKILL (out of memory?)' });
    expect(rig.read('logs/1/metadata/info.yaml')).toMatch(/^status: FAILED\n[\s\S]*^exit_code: 137$/m);
  });

  test('of run.sh and its program at once is FAILED, with what is known', async () => {
    const { rig, child, supervisor, body } = await running();
    process.kill(supervisor, 'SIGKILL');
    process.kill(body, 'SIGKILL');
    expect((await child).exitCode).toBe(1);
    expect(await shown(rig)).toMatchObject({ status: 'FAILED', reason: 'its supervisor was ended by SIGKILL' });
    expect(rig.read('logs/1/metadata/info.yaml')).toMatch(/^status: FAILED\n/);
    expect(processesMentioning(rig.directory)).toEqual([]);
  });

  test('of mlx, run.sh and the program is LOST, and mlx resume starts it again', async () => {
    const { rig, child, supervisor, body } = await running();
    for (const pid of [child.pid ?? 0, supervisor, body]) process.kill(pid, 'SIGKILL');
    await child;
    expect(await shown(rig)).toMatchObject({ status: 'LOST', attempt: 1 });
    rig.write('go', '');
    expect((await rig.mlx('resume', '-q')).exitCode).toBe(0);
    expect(await shown(rig)).toMatchObject({ status: 'COMPLETE', attempt: 2 });
  });

  test('of mlx and run.sh leaves a program without a supervisor, which writes no status over its successor', async () => {
    const { rig, child, supervisor } = await running();
    process.kill(child.pid ?? 0, 'SIGKILL');
    process.kill(supervisor, 'SIGKILL');
    await child;
    expect(await shown(rig)).toMatchObject({ status: 'LOST' });
    rig.write('go', '');
    expect((await rig.mlx('resume', '-q')).exitCode).toBe(0);
    expect(await shown(rig)).toMatchObject({ status: 'COMPLETE', attempt: 2 });
  });
});

test('a program may take its time after TERM, up to the grace', async () => {
  const rig = makeRig();
  rig.write(
    'main.py',
    'import mlxrun, time\nrun = mlxrun.start()\nrun.on_preempt(lambda: (time.sleep(2), run.checkpoint("saved")))\nopen("ready", "w")\ntime.sleep(60)\n',
  );
  const child = rig.start(['run', 'main.py', 'i=1', '-q']);
  await waitUntil(() => existsSync(join(rig.directory, 'ready')), 'the program');
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(130);
  expect(existsSync(join(rig.directory, 'logs/1/artifacts/Checkpoint/last_ckpt.pkl'))).toBe(true);
});
