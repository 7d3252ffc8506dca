import { describe, expect, test } from 'vitest';
import { type Fault, makeRig, mlxWithFault, soak } from '../rig/rig.js';
import { expectAllDone, listedRuns, pointsDone, program } from './launch-checks.js';

const points = ['i=1', 'i=2'];
const launch = ['run', 'main.sh', 'i=1,2', '-j', '2', '-q'];
/** In the short form each error takes its turn. */
const stride = soak ? 1 : 8;
const errors = ['ENOSPC', 'EIO', 'EMFILE', 'EACCES'];

/** A launch with a fault, then what a user does: `mlx list`, `mlx resume`. Gives false where the fault was never reached. */
async function survives(fault: Fault): Promise<boolean> {
  const what = `${fault.kind} at call ${fault.at}${fault.forever ? ' and ever after' : ''}`;
  const rig = makeRig();
  rig.write('main.sh', program);
  const { exitCode, stderr, reached } = await mlxWithFault(rig, fault, launch);
  if (!reached) return false;
  expect([0, 1, 2, 3], `${what}: ${stderr}`).toContain(exitCode);
  expect(stderr, what).not.toMatch(/^\s+at .*:\d+:\d+/m);
  if (exitCode !== 0) expect(stderr, what).toMatch(/^(mlx: |failed|stopped)/m);
  expect(
    (await listedRuns(rig)).filter(({ status }) => status === 'RUNNING' || status === 'DAMAGED'),
    what,
  ).toEqual([]);
  const resumed = await rig.mlx('resume', '-q');
  if (pointsDone(rig).length === 0) {
    expect(exitCode, what).not.toBe(0);
    return true;
  }
  expect([resumed.exitCode, resumed.stderr.replace(/^every launch.*\n/, '')], what).toEqual([0, '']);
  await expectAllDone(rig, points, what);
  return true;
}

describe('a launch outlives errors of the file system', () => {
  test.for([false, true])('at any call (for ever: %s)', { timeout: 3_000_000 }, async (forever) => {
    let calls = 0;
    for (const [turn, kind] of errors.entries()) {
      for (let at = 1 + ((2 * turn) % stride); await survives({ kind, at, forever }); at += stride)
        calls = Math.max(calls, at);
    }
    expect(calls).toBeGreaterThan(50);
  });
});
