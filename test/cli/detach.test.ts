import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAlive, processWithId } from '../../src/core/process.js';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';

/** A project whose program runs until there is a file `go`. */
function project(): Rig {
  const rig = makeRig();
  rig.write('main.sh', '#!/bin/bash\necho "$1" >> ran.log\nuntil [ -e go ]; do sleep 0.05; done\n');
  return rig;
}

const lines = (text: string) => text.trimEnd().split('\n');
const statuses = async (rig: Rig) =>
  JSON.parse((await rig.mlx('list', '--json')).stdout).map(
    ({ status, reason }: { status: string; reason: string | null }) => [status, reason],
  );

/** Detaches a launch of three runs, one at a time. */
async function detached(rig: Rig, ...more: string[]) {
  const { stdout, stderr, exitCode } = await rig.mlx(
    'run',
    'main.sh',
    'i=1,2,3',
    '-j',
    '1',
    '--detach',
    '--json',
    ...more,
  );
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as { launch: string; pid: number; output: string };
}

describe('mlx run --detach', () => {
  test('goes on in a session of its own; mlx watch and mlx list follow it to its end', async () => {
    const rig = project();
    const { launch, pid, output } = await detached(rig, '--stream');
    expect(output).toBe(join(rig.directory, `logs/.mlx/launches/${launch}/output.log`));
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]).toBe(String(pid));
    expect(await statuses(rig)).toEqual([['RUNNING', null]]);
    const watch = rig.mlx('watch', '@last', '--json');
    rig.write('go', '');
    const { exitCode, stdout } = await watch;
    const ended = lines(stdout).flatMap((line) => (JSON.parse(line).event === 'ended' ? [JSON.parse(line).run] : []));
    expect([exitCode, ended]).toEqual([0, [1, 2, 3]]);
    await waitUntil(() => existsSync(join(rig.directory, `logs/.mlx/launches/${launch}/done.yaml`)), 'its end');
    const told = lines(rig.read(`logs/.mlx/launches/${launch}/output.log`)).map((line) => JSON.parse(line).event);
    expect(told.filter((event) => event === 'ended')).toHaveLength(3);
    expect(await rig.mlx('resume')).toMatchObject({ exitCode: 0, stderr: 'every launch in logs is done\n' });
  });

  test('says how to follow it', async () => {
    const rig = project();
    rig.write('go', '');
    const { stderr } = await rig.mlx('run', 'main.sh', 'i=1', '--detach', '--store', 'other');
    expect(stderr).toMatch(
      /^1 run on this machine\n[\s\S]*\n\nlaunch @\w+ goes on in the background, as process \d+\n {2}mlx watch @last --store other +follows it\n {2}mlx stop @last --store other +ends it\n {2}other\/\.mlx\/launches\/\w+\/output\.log +has what it prints\n$/,
    );
    expect((await rig.mlx('wait', '@last', '--store', 'other')).exitCode).toBe(0);
  });

  test('mlx stop @last ends it, and it starts nothing more until it is named', async () => {
    const rig = project();
    const { launch, pid } = await detached(rig);
    await waitUntil(() => existsSync(join(rig.directory, 'ran.log')), 'the program');
    const process = processWithId(pid);
    expect((await rig.mlx('stop', '@last')).stdout).toBe(
      `told 1 run to end: 1\nlaunch @${launch} starts no more runs; mlx resume @${launch} goes on with it\n`,
    );
    await waitUntil(() => isAlive(process) === false, 'its end');
    expect(await statuses(rig)).toEqual([['STOPPED', 'stopped by mlx stop']]);
    rig.write('go', '');
    expect(await rig.mlx('resume')).toMatchObject({
      exitCode: 0,
      stderr: `every launch in logs is done\nnote: 3 runs of launch ${launch} were stopped on purpose: mlx resume @${launch} starts them again\n`,
    });
    expect((await rig.mlx('resume', `@${launch}`, '-q')).exitCode).toBe(0);
    expect(lines(rig.read('ran.log'))).toEqual(['i=1', 'i=1', 'i=2', 'i=3']);
    expect(await rig.mlx('resume')).toMatchObject({ exitCode: 0, stderr: 'every launch in logs is done\n' });
  });

  test('mlx delete @last ends it as well, and nothing of it is made again', async () => {
    const rig = project();
    const { launch, pid } = await detached(rig);
    await waitUntil(() => existsSync(join(rig.directory, 'ran.log')), 'the program');
    const process = processWithId(pid);
    expect((await rig.mlx('delete', '@last', '--yes')).stdout).toBe('deleted run 1\n');
    await waitUntil(() => isAlive(process) === false, 'its end');
    expect(lines(rig.read('ran.log'))).toEqual(['i=1']);
    expect((await rig.mlx('resume')).stderr).toContain(`3 runs of launch ${launch} were stopped on purpose`);
    expect(rig.tree('logs').filter((path) => /^\d/.test(path))).toEqual([]);
  });

  test('a wrong input is refused as ever, and nothing is written', async () => {
    const rig = project();
    expect((await rig.mlx('run', 'main.sh', 'i=', '--no-config', 'a=[', '--detach')).exitCode).toBe(2);
    expect((await rig.mlx('run', 'main.sh', '--detach', '--dry-run')).exitCode).toBe(2);
    expect(existsSync(join(rig.directory, 'logs'))).toBe(false);
  });
});

test('mlx execute --detach runs what waits in the local queue', async () => {
  const rig = project();
  await rig.mlx('submit', '--local', './main.sh', 'a');
  const { stdout, exitCode } = await rig.mlx('execute', '--detach', '--json');
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ event: 'detached' })]);
  await waitUntil(() => existsSync(join(rig.directory, 'ran.log')), 'the program');
  rig.write('go', '');
  expect((await rig.mlx('wait', '@last')).exitCode).toBe(0);
  await waitUntil(() => rig.read('logs/.mlx/execute.log').includes('"ended"'), 'what it prints');
  expect((await rig.mlx('execute', '--detach')).stderr).toBe('nothing waits in the local queue\n');
});
