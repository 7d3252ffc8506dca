import { describe, expect, test } from 'vitest';
import { makeRig, type Rig } from '../rig/rig.js';

describe('mlx list', () => {
  async function project(): Promise<Rig> {
    const rig = makeRig();
    rig.write(
      'main.sh',
      '#!/bin/bash\n[ "$1" != i=3 ] || { echo "ValueError: three" >&2; exit 1; }\necho "{\\"loss\\": 0.$((10 - ${1#i=}))}" > "$MLX_LOG_DIR/metrics/train.json"\n',
    );
    await rig.mlx('run', 'main.sh', 'i=1,2,3', 'same=x', '-q');
    await rig.mlx('run', 'main.sh', 'i=4', 'name="a, \'b\'"', '-q');
    return rig;
  }

  test('shows only the keys in which runs differ, and what they came to', async () => {
    const rig = await project();
    const heading = async (...args: string[]) => (await rig.mlx('list', ...args)).stdout.split('\n')[0]?.split(/ {2,}/);
    expect(await heading('1-2')).toEqual(['run', 'status', 'started', 'time', 'i', 'train.loss']);
    expect(await heading()).toEqual([
      ...['run', 'status', 'started', 'time', 'i', 'same', 'name', 'train.loss', 'exit_code', 'reason'],
    ]);
    expect(await heading('2')).toEqual(['run', 'status', 'started', 'time', 'point', 'train.loss']);
  });

  test('--limit shows the first runs in the order that is shown', async () => {
    const rig = await project();
    const ids = async (...args: string[]) =>
      JSON.parse((await rig.mlx('list', '--json', ...args)).stdout).map(({ run }: { run: number }) => run);
    expect(await ids('--limit', '2')).toEqual([1, 2]);
    expect(await ids('--limit', '2', '--reverse')).toEqual([4, 3]);
    expect(await ids('--limit', '1', '--sort', 'train.loss')).toEqual([4]);
    expect(await ids('--limit', '99')).toEqual([1, 2, 3, 4]);
    expect((await rig.mlx('list', '--limit', '1')).stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(await rig.mlx('list', '--limit', '-1')).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('takes columns, an order, statuses, a launch, and gives CSV', async () => {
    const rig = await project();
    const csv = async (...args: string[]) => (await rig.mlx('list', '--csv', ...args)).stdout;
    expect(await csv('--columns', 'run,i,train.loss,status,name', '--sort', 'train.loss')).toBe(
      'run,i,train.loss,status,name\r\n4,4,0.6,COMPLETE,"a, \'b\'"\r\n2,2,0.8,COMPLETE,\r\n1,1,0.9,COMPLETE,\r\n3,3,,FAILED,\r\n',
    );
    expect(await csv('--columns', 'run', '--sort', 'train.loss', '--reverse')).toBe('run\r\n1\r\n2\r\n4\r\n3\r\n');
    expect(await csv('--columns', 'run,error', '--status', 'failed,lost')).toBe('run,error\r\n3,ValueError: three\r\n');
    // Known to other runs, though not to those listed.
    expect(await csv('--columns', 'run,config.same', '--launch', '@last')).toBe('run,config.same\r\n4,\r\n');
    expect(JSON.parse((await rig.mlx('list', '--json', '--columns', 'run,i', '1,4')).stdout)).toEqual([
      { run: 1, i: 1 },
      { run: 4, i: 4 },
    ]);
  });

  test('names a column, status or launch that is not there', async () => {
    const rig = await project();
    expect(await rig.mlx('list', '--columns', 'run,statsu')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no run has 'statsu', did you mean 'status'?\n    run,statsu\n        ^^^^^^"),
    });
    expect((await rig.mlx('list', '--status', 'faild')).stderr).toContain("did you mean 'failed'?");
    expect((await rig.mlx('list', 'faild')).stderr).toContain("did you mean 'failed'?");
    expect((await rig.mlx('list', '--launch', 'x')).stderr).toContain("there is no run 'x'");
  });
});

describe('mlx list of more than a screenful', () => {
  test('counts per status, tells distinct errors, and how to see more', async () => {
    const rig = makeRig();
    rig.write(
      'main.sh',
      '#!/bin/bash\ncase ${1#i=} in 7|9|11) echo "ValueError: odd" >&2; exit 1;; 50) kill -9 $$;; esac\n',
    );
    const values = Array.from({ length: 120 }, (_, i) => i).join(',');
    await rig.mlx('run', 'main.sh', `i=${values}`, '-q');
    const { stdout } = await rig.mlx('list');
    const lines = stdout.split('\n').map((line) => line.trim());
    expect(lines[0]).toBe('120 runs in logs');
    expect(lines).toContain('116  complete');
    expect(lines).toContain('4  failed      mlx list failed');
    expect(stdout).toMatch(/^ +3 {2}failed: ValueError: odd {2}run 8, 10, 12$/m);
    expect(stdout).toMatch(/^ +1 {2}failed: killed by SIGKILL \(out of memory\?\) {2}run 51$/m);
    expect(lines.length).toBeLessThan(12);
    expect((await rig.mlx('list', '--all')).stdout.split('\n').length).toBe(122);
    expect((await rig.mlx('list', 'failed')).stdout.split('\n').length).toBe(6);
    const sorted = (await rig.mlx('list', '--sort', 'i', '--reverse')).stdout.trim().split('\n');
    expect([sorted.length, sorted[1]?.trim().slice(0, 3), sorted.at(-1)]).toEqual([
      102,
      '120',
      '… and 20 more: --all shows every run',
    ]);
  });
});
