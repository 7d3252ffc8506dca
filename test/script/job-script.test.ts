import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type ArrayElement, elementIndexes, type JobScript, renderJobBody } from '../../src/script/index.js';

const home = mkdtempSync(join(tmpdir(), 'mlx-job-script-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function scriptOf(directory: string, more: Partial<JobScript>): JobScript {
  const stem = join(directory, 'x');
  return { prologue: '', job: 'true', log: `${stem}.log`, stem, status: true, array: undefined, ...more };
}

function run(body: string, env: Record<string, string> = {}): { code: number; stdout: string } {
  const options = { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', ...env }, stdio: 'pipe' } as const;
  try {
    return { code: 0, stdout: execFileSync('bash', ['-c', body], options) };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { code: status, stdout };
  }
}

const elements: Readonly<Record<string, ArrayElement | undefined>> = {
  'this machine': undefined,
  'Grid Engine': { variable: 'SGE_TASK_ID', counts: false },
  Slurm: { variable: 'SLURM_ARRAY_TASK_ID', counts: true },
};

describe.for(Object.entries(elements))('the workers of an array on %s', ([, element]) => {
  test('have slices that are all tasks, each once', () => {
    const shapes = fc.record({
      tasks: fc.integer({ min: 1, max: 200 }),
      tasksPerProc: fc.integer({ min: 1, max: 70 }),
      procs: fc.integer({ min: 1, max: 12 }),
    });
    let count = 0;
    fc.assert(
      fc.property(shapes, ({ tasks, procs, tasksPerProc: asked }) => {
        // Few processes for one look at it: elements with little to do each are many.
        fc.pre(element === undefined || tasks / (asked * procs) <= 12);
        const tasksPerProc = element ? asked : Math.ceil(tasks / procs);
        const directory = join(home, String(count++));
        mkdirSync(directory);
        const array = { tasks, tasksPerProc, procs, element };
        const job = 'echo "$TASK_INDEX $TASK_STEPSIZE"';
        const body = renderJobBody(scriptOf(directory, { job, array }));
        const all = elementIndexes(array).map(
          (index) => `(export ${element?.variable ?? 'NOTHING'}=${index}\n${body})`,
        );
        expect(run(all.join('\n')).code).toBe(0);
        const logs = readdirSync(directory).filter((name) => /\.\d+\.log$/.test(name));
        const seen = logs.flatMap((name) => {
          const [first = 0, size = 0] = readFileSync(join(directory, name), 'utf8').split(' ').map(Number);
          return Array.from({ length: size }, (_, i) => first + i);
        });
        rmSync(directory, { recursive: true });
        expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: tasks }, (_, i) => i + 1));
      }),
      {
        numRuns: 25,
        examples: [[{ tasks: 1, tasksPerProc: 1, procs: 1 }], [{ tasks: 200, tasksPerProc: 17, procs: 12 }]],
      },
    );
  });
});

describe('the exit code of a job', () => {
  const array = { tasks: 3, tasksPerProc: 1, procs: 3, element: { variable: 'SGE_TASK_ID', counts: false } };

  test('is that of the first worker that failed; the others go on to their ends', () => {
    const job =
      'sleep 0.$LOCAL_PROC_INDEX; echo "worker $LOCAL_PROC_INDEX"; [ $LOCAL_PROC_INDEX = 1 ] || exit 4$LOCAL_PROC_INDEX';
    const directory = mkdtempSync(join(home, 'failing-'));
    const { code, stdout } = run(renderJobBody(scriptOf(directory, { job, array })), { SGE_TASK_ID: '1' });
    expect(code).toBe(42);
    expect(stdout).toBe(
      `worker 2 failed with exit code 42, its output is in ${directory}/x.1.2.log\nworker 2\n` +
        `worker 3 failed with exit code 43, its output is in ${directory}/x.1.3.log\nworker 3\n`,
    );
    expect(readFileSync(join(directory, 'x.1.out'), 'utf8')).toBe('42\n');
  });

  test('is that of a job of several lines at the first that fails, and a pipeline fails as a whole', () => {
    const directory = mkdtempSync(join(home, 'lines-'));
    expect(run(renderJobBody(scriptOf(directory, { job: 'echo one\nfalse | cat\necho two\n' })))).toEqual({
      code: 1,
      stdout: 'one\n',
    });
    expect(readFileSync(join(directory, 'x.out'), 'utf8')).toBe('1\n');
  });

  test('of a worker that a signal reaches while it is waited for is its own', () => {
    const directory = mkdtempSync(join(home, 'signal-'));
    const job = 'trap "sleep 0.3; exit 0" USR1; kill -s USR1 $$; sleep 0.2 & wait; kill -s USR1 $BASHPID; sleep 1';
    const body = renderJobBody(scriptOf(directory, { job, array: { ...array, tasks: 1 } }));
    const { code } = run(body, { SGE_TASK_ID: '1' });
    expect(code).toBe(0);
  });

  test('a prologue that fails is the end of it', () => {
    const directory = mkdtempSync(join(home, 'prologue-'));
    expect(run(renderJobBody(scriptOf(directory, { prologue: 'false', job: 'echo ran' })))).toEqual({
      code: 1,
      stdout: '',
    });
  });
});
