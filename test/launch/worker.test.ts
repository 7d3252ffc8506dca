import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LaunchTasks } from '../../src/launch/here/work.js';
import { type HereTarget, type Launch, type LaunchEvent, startHere } from '../../src/launch/index.js';
import type { MadeRun } from '../../src/launch/make/run-maker.js';
import { carryOut, type Task, type TaskSource } from '../../src/launch/worker.js';
import { GpuPool } from '../../src/local/index.js';
import { listLaunches, listRunIds, readAttempt, readLastAttempt, readRun, runPaths } from '../../src/store/index.js';
import {
  eventsOf,
  forgetGpus,
  hereTarget,
  inWords,
  type MadeLaunch,
  makeRuns,
  shPlan,
  storeDirectory,
  testOrigin,
} from '../rig/launches.js';
import { waitUntil } from '../rig/rig.js';

/** Starts `sh -c SCRIPT` at the points of some overrides. */
function launchOf(script: string, words: readonly string[] = [], target: Partial<HereTarget> = {}) {
  const directory = storeDirectory();
  const launch = startHere(shPlan(directory, script, words), hereTarget(target), testOrigin);
  return { directory, store: join(directory, 'logs'), launch };
}

/** A source of these tasks, each when its turn comes; a thrown error is one of them. */
function sourceOf(tasks: readonly (Task | Error)[], more: Partial<TaskSource> = {}): TaskSource {
  const left = [...tasks];
  return {
    *ready() {
      for (let next = left.shift(); next; next = left.shift()) {
        if (next instanceof Error) throw next;
        yield next;
      }
    },
    patience: () => undefined,
    isOver: () => left.length === 0,
    release: () => {},
    ended: (settled) => (settled.kind === 'ended' ? { event: settled.event } : { follow: true }),
    ...more,
  };
}

const start = ({ run, attempt }: MadeRun): Task => ({ kind: 'start', run, attempt, share: {} });

const work = ({ launch, store, supervisor }: MadeLaunch, source: TaskSource) =>
  carryOut(() => ({ launch, store, supervisor, grace: 10, walltime: undefined, source }));

/** The launch's events up to its end, and the error that it ends with. */
async function untilError(launch: Launch): Promise<{ events: LaunchEvent[]; error: unknown }> {
  const events: LaunchEvent[] = [];
  const error = await eventsOf(launch, (event) => events.push(event)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { events, error };
}

const ready = (path: string) => waitUntil(() => existsSync(path), path);
const done = (store: string) => listLaunches(store).map((launch) => launch.done);

describe('the runs of a launch', () => {
  test('start in the order of their points, each after the end of the one before if one goes at once', async () => {
    const { launch } = launchOf('exit $n', ['n=0,3,0']);
    expect((await eventsOf(launch)).map(inWords)).toEqual([
      'launched',
      'starting 1',
      'ended 1 COMPLETE',
      'starting 2',
      'ended 2 FAILED',
      'starting 3',
      'ended 3 COMPLETE',
    ]);
  });

  test('each start and end once, as their programs do, never more at once than may be', async () => {
    const codes = fc.array(fc.constantFrom(0, 0, 1, 7), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(codes, fc.integer({ min: 1, max: 4 }), async (exits, parallel) => {
        const { launch } = launchOf('exit $n', [`n=${exits.join(',')}`], { parallel });
        let under = 0;
        let most = 0;
        const ends = new Map<number, string>();
        for (const event of await eventsOf(launch)) {
          if (event.type === 'starting') most = Math.max(most, ++under);
          if (event.type !== 'ended') continue;
          under--;
          expect(ends.has(event.run.id)).toBe(false);
          ends.set(event.run.id, `${event.status.status} ${event.exitCode}`);
        }
        expect(most).toBeLessThanOrEqual(parallel);
        expect(Object.fromEntries(ends)).toEqual(
          Object.fromEntries(exits.map((code, i) => [i + 1, code === 0 ? 'COMPLETE 0' : `FAILED ${code}`])),
        );
      }),
      { numRuns: 12 },
    );
  });

  test('are under way at the same time, as many as may be', async () => {
    // Each waits for the other.
    const { launch } = launchOf('touch "$n"; until [ -e 1 ] && [ -e 2 ]; do sleep 0.02; done', ['n=1,2'], {
      parallel: 2,
    });
    expect((await eventsOf(launch)).map(inWords).sort()).toEqual([
      'ended 1 COMPLETE',
      'ended 2 COMPLETE',
      'launched',
      'starting 1',
      'starting 2',
    ]);
  });

  test('are made just before their turn', async () => {
    const { store, launch } = launchOf('true', ['n=1,2,3']);
    const made: unknown[] = [];
    await eventsOf(launch, (event) => {
      if (event.type === 'starting') made.push(listRunIds(store));
    });
    expect(made).toEqual([[1], [1, 2], [1, 2, 3]]);
  });

  test('are named by the overrides that are swept', async () => {
    const { launch } = launchOf('true', ['lr=1', 'n=1,2']);
    const labels = (await eventsOf(launch)).flatMap((event) => (event.type === 'starting' ? event.run.label : []));
    expect(labels).toEqual(['n=1', 'n=2']);
  });
});

test('nothing begins before the first event is asked for', async () => {
  const { store, launch } = launchOf('true');
  expect(existsSync(store)).toBe(false);
  await launch.events.next();
  expect(done(store)).toEqual([false]);
  await launch.events.return(undefined);
});

test('a launch whose runs have all ended is recorded as done, whatever their ends', async () => {
  const { store, launch } = launchOf('exit $n', ['n=0,1']);
  await eventsOf(launch);
  expect(done(store)).toEqual([true]);
});

describe('--fail-fast', () => {
  test('starts nothing more after a run that has failed', async () => {
    const { store, launch } = launchOf('exit $n', ['n=0,1,0'], { failFast: true });
    expect((await eventsOf(launch)).map(inWords)).toEqual([
      'launched',
      'starting 1',
      'ended 1 COMPLETE',
      'starting 2',
      'ended 2 FAILED',
      'stopping: --fail-fast: run 2 ended as FAILED',
    ]);
    expect(listRunIds(store)).toEqual([1, 2]);
  });

  test('stops the runs that are under way, and they say why', async () => {
    const script = 'if [ $n = 1 ]; then touch up; sleep 600; else until [ -e up ]; do sleep 0.02; done; exit 5; fi';
    const { launch } = launchOf(script, ['n=1,2,3'], { failFast: true, parallel: 2 });
    const events = await eventsOf(launch);
    expect(events.map(inWords).slice(3)).toEqual([
      'ended 2 FAILED',
      'stopping: --fail-fast: run 2 ended as FAILED',
      'ended 1 STOPPED',
    ]);
    expect(events.at(-1)).toMatchObject({ status: { reason: '--fail-fast: run 2 ended as FAILED' } });
  });

  test('leaves the launch open, to be resumed', async () => {
    const { store, launch } = launchOf('exit 1', ['n=1,2'], { failFast: true });
    await eventsOf(launch);
    expect(done(store)).toEqual([false]);
  });
});

describe('a launch that is stopped', () => {
  const patient = 'trap "exit 9" TERM; touch "up $n"; while :; do sleep 0.02; done';

  test('asks the runs under way to end, and starts nothing more', async () => {
    const { directory, store, launch } = launchOf(patient, ['n=1,2']);
    const events = eventsOf(launch);
    await ready(join(directory, 'up 1'));
    launch.stop('by ada');
    expect((await events).map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 STOPPED']);
    expect((await events).at(-1)).toMatchObject({ status: { reason: 'by ada' }, exitCode: 9 });
    expect(listRunIds(store)).toEqual([1]);
    expect(done(store)).toEqual([false]);
  });

  test('kills a run that does not end within the grace', async () => {
    const { directory, launch } = launchOf('trap "" TERM; touch up; while :; do sleep 0.02; done', [], { grace: 0.2 });
    const events = eventsOf(launch);
    await ready(join(directory, 'up'));
    launch.stop('by ada');
    expect((await events).at(-1)).toMatchObject({ type: 'ended', status: { status: 'STOPPED' }, exitCode: 137 });
  });

  test('kills its runs at once when it is stopped a second time', async () => {
    const script = 'trap "" TERM; touch up; while :; do sleep 0.02; done';
    const { directory, store, launch } = launchOf(script, [], { grace: 600 });
    const events = eventsOf(launch);
    await ready(join(directory, 'up'));
    launch.stop('by ada');
    await waitUntil(() => readAttempt(join(store, '1'), 1).received.includes('TERM'), 'it was asked to end');
    launch.stop('again');
    expect((await events).at(-1)).toMatchObject({ type: 'ended', status: { status: 'STOPPED' }, exitCode: 137 });
  });

  test('stops a run that was just started by the one who hears of its start', async () => {
    const { launch } = launchOf('sleep 600');
    const events = await eventsOf(launch, (event) => {
      if (event.type === 'starting') launch.stop('by ada');
    });
    expect(events.map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 STOPPED']);
  });

  test('stays open, to be resumed, even if its last run was the one that was stopped', async () => {
    const { directory, store, launch } = launchOf('touch up; sleep 600');
    const events = eventsOf(launch);
    await ready(join(directory, 'up'));
    launch.stop('by ada');
    await events;
    expect(done(store)).toEqual([false]);
  });

  test('has no runs if it is stopped before it begins', async () => {
    const { store, launch } = launchOf('true', ['n=1,2']);
    launch.stop('by ada');
    expect((await eventsOf(launch)).map(inWords)).toEqual(['launched']);
    expect(listRunIds(store)).toEqual([]);
  });

  test('does not wait for a source that has nothing to do for a while', async () => {
    const made = await makeRuns(shPlan(storeDirectory(), 'true'));
    const launch = work(made, sourceOf([], { patience: () => 600, isOver: () => false }));
    const events = eventsOf(launch);
    await new Promise(setImmediate);
    launch.stop('by ada');
    expect((await events).map(inWords)).toEqual(['launched']);
  });
});

describe('an error of the source', () => {
  test('ends the launch only after the runs under way have ended', async () => {
    const made = await makeRuns(shPlan(storeDirectory(), 'sleep 0.2'));
    const finish = vi.fn();
    const wrong = new Error('wrong');
    const { events, error } = await untilError(work(made, sourceOf([start(made.made[0]!), wrong], { finish })));
    expect(events.map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 COMPLETE']);
    expect(error).toBe(wrong);
    expect(finish.mock.calls).toEqual([[true]]);
  });

  test('keeps further runs from starting', async () => {
    const made = await makeRuns(shPlan(storeDirectory(), 'true', ['n=1,2']));
    const [first, second] = made.made.map(start);
    const tasks = [first!, new Error('wrong'), second!];
    const { events } = await untilError(work(made, sourceOf(tasks, { isOver: () => false })));
    expect(events.map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 COMPLETE']);
  });

  test('that comes from the file system names the path', async () => {
    const made = await makeRuns(shPlan(storeDirectory(), 'true'));
    const full = Object.assign(new Error('full'), { code: 'ENOSPC', path: '/disk/file' });
    const { error } = await untilError(work(made, sourceOf([full])));
    expect(error).toMatchObject({ failure: { reason: 'record-not-written', path: '/disk/file', code: 'ENOSPC' } });
  });

  test('when a run has ended is thrown after the other runs have ended too', async () => {
    const script = 'if [ $n = 2 ]; then until [ -e go ]; do sleep 0.02; done; fi';
    const directory = storeDirectory();
    const made = await makeRuns(shPlan(directory, script, ['n=1,2']));
    const ended = () => {
      writeFileSync(join(directory, 'go'), '');
      throw new Error('wrong');
    };
    const released: number[] = [];
    const source = sourceOf(made.made.map(start), { ended, release: ({ id }) => released.push(id) });
    expect(await untilError(work(made, source))).toMatchObject({ error: { message: 'wrong' } });
    expect(released).toEqual([1, 2]);
  });
});

test('a launch that cannot begin throws at its first event', async () => {
  const directory = storeDirectory();
  const { launch, store } = { launch: startHere(shPlan(directory, 'true'), hereTarget(), testOrigin), store: 'logs' };
  writeFileSync(join(directory, store), 'a file\n');
  await expect(launch.events.next()).rejects.toMatchObject({ failure: { reason: 'store-unusable' } });
});

test('a launch whose events are not read to the end closes its source', async () => {
  const made = await makeRuns(shPlan(storeDirectory(), 'true', ['n=1,2']));
  const finish = vi.fn();
  for await (const event of work(made, sourceOf(made.made.map(start), { finish })).events) {
    if (event.type === 'ended') break;
  }
  expect(finish.mock.calls).toEqual([[false]]);
});

test('what a source reports comes among the other events, in its order', async () => {
  const made = await makeRuns(shPlan(storeDirectory(), 'true'));
  const report = (reason: string): Task => ({ kind: 'report', event: { type: 'stopping', reason } });
  const events = await eventsOf(work(made, sourceOf([report('a'), start(made.made[0]!), report('b')])));
  expect(events.map(inWords)).toEqual(['launched', 'stopping: a', 'starting 1', 'stopping: b', 'ended 1 COMPLETE']);
});

test('the number of runs is told when it changes, and only then', async () => {
  const made = await makeRuns(shPlan(storeDirectory(), 'true', ['n=1,2,3']));
  const totals = [3, 3, 2, 2, 2];
  const [first, second, third] = made.made.map(start);
  const left = [first!, second!, third!];
  const source = sourceOf([], {
    total: () => totals.shift() ?? 2,
    *ready() {
      const next = left.shift();
      if (next) yield next;
    },
    isOver: () => left.length === 0,
  });
  expect((await eventsOf(work(made, source))).map(inWords).filter((text) => !/ 1 | 2 | 3 /.test(text))).toEqual([
    'launched',
    'counted 3',
    'starting 1',
    'starting 2',
    'counted 2',
    'starting 3',
  ]);
});

describe('a run that is under way already', () => {
  const waits = 'until [ -e go ]; do sleep 0.02; done; exit 4';

  /** A run that another launch has started, and that ends when the file `go` is there. */
  async function underWay() {
    const directory = storeDirectory();
    const made = await makeRuns(shPlan(directory, waits));
    const [first] = made.made;
    const earlier = eventsOf(work(made, sourceOf([start(first!)])));
    await waitUntil(() => readLastAttempt(first!.run.directory)?.claim, 'the attempt has begun');
    return { directory, made, first: first!, earlier, go: () => writeFileSync(join(directory, 'go'), '') };
  }

  test('is followed to its end', async () => {
    const { made, first, earlier, go } = await underWay();
    const events = await eventsOf(work(made, sourceOf([{ kind: 'follow', run: first.run }])), (event) => {
      if (event.type === 'starting') go();
    });
    expect(events.map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 FAILED']);
    expect(events.at(-1)).toMatchObject({ exitCode: 4 });
    await earlier;
  });

  test('is followed by a launch that wanted to start the same attempt', async () => {
    const { made, first, earlier, go } = await underWay();
    const source = new LaunchTasks([{ kind: 'start', ...first } as const].values(), hereTarget(), () => {});
    const ended = vi.spyOn(source, 'ended');
    const later = eventsOf(work(made, source));
    await waitUntil(() => ended.mock.calls.length > 0, 'the second start was refused');
    go();
    expect((await later).map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 FAILED']);
    expect(readLastAttempt(first.run.directory)?.number).toBe(1);
    await earlier;
  });

  test('is stopped by who follows it', async () => {
    const { made, first, earlier } = await underWay();
    const launch = work(made, sourceOf([{ kind: 'follow', run: first.run }]));
    const events = await eventsOf(launch, (event) => {
      if (event.type === 'starting') launch.stop('by ada');
    });
    expect(events.at(-1)).toMatchObject({ type: 'ended', status: { status: 'STOPPED', reason: 'by ada' } });
    await earlier;
  });
});

describe('a run over its time limit', () => {
  const walltime = { seconds: 1, reason: 'over its limit' };

  test('ends as TIMEOUT if it does not continue', async () => {
    const { launch } = launchOf('sleep 600', [], { walltime });
    expect((await eventsOf(launch)).at(-1)).toMatchObject({
      type: 'ended',
      status: { status: 'TIMEOUT', reason: 'over its limit' },
    });
  });

  test('continues as its next attempt, before the runs that have not begun', async () => {
    const script = 'if [ $n = 1 ] && [ $MLX_ATTEMPT = 1 ]; then sleep 600; fi';
    const { launch } = launchOf(script, ['n=1,2'], { walltime, continues: true });
    expect((await eventsOf(launch)).map(inWords)).toEqual([
      'launched',
      'starting 1',
      'again 1 attempt 2 after TIMEOUT',
      'starting 1',
      'ended 1 COMPLETE',
      'starting 2',
      'ended 2 COMPLETE',
    ]);
  });

  test('does not continue if the launch is stopped before its end', async () => {
    const script = 'trap "touch asked" TERM; touch up; until [ -e go ]; do sleep 0.02; done; exit 1';
    const { directory, launch } = launchOf(script, [], { walltime, continues: true, grace: 600 });
    const events = eventsOf(launch);
    await ready(join(directory, 'asked'));
    launch.stop('by ada');
    writeFileSync(join(directory, 'go'), '');
    expect((await events).map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 TIMEOUT']);
  });

  test('continues no more often than it may', async () => {
    const { launch, store } = launchOf('sleep 600', [], { walltime: { ...walltime, seconds: 0.5 }, continues: 1 });
    expect((await eventsOf(launch)).map(inWords)).toEqual([
      'launched',
      'starting 1',
      'again 1 attempt 2 after TIMEOUT',
      'starting 1',
      'ended 1 TIMEOUT',
    ]);
    expect(readRun(store, 1)).toMatchObject({ job: { continued: 1 }, attempt: { number: 2 } });
  });

  test('does not continue if it fails by itself', async () => {
    const { launch } = launchOf('exit 1', [], { walltime, continues: true });
    expect((await eventsOf(launch)).map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 FAILED']);
  });
});

describe('a run whose records are lost', () => {
  test('fails if its supervisor was killed', async () => {
    const { launch, store } = launchOf('kill -KILL $PPID; sleep 600');
    const events = await eventsOf(launch);
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      status: { status: 'FAILED', reason: 'its supervisor was ended by SIGKILL' },
    });
    expect(readRun(store, 1)).toMatchObject({ status: { status: 'FAILED' } });
  });

  test('ends the launch with an error if its job record is gone, after the others have ended', async () => {
    const directory = storeDirectory();
    const made = await makeRuns(shPlan(directory, '[ $n = 1 ] || until [ -e go ]; do sleep 0.02; done', ['n=1,2']));
    const [first] = made.made;
    const { events, error } = await untilError(
      work(
        made,
        sourceOf(made.made.map(start), {
          release({ id }) {
            if (id === 1) rmSync(runPaths.job(first!.run.directory));
            writeFileSync(join(directory, 'go'), '');
          },
        }),
      ),
    );
    expect(events.map(inWords)).toEqual(['launched', 'starting 1', 'starting 2', 'ended 2 COMPLETE']);
    expect(error).toMatchObject({ failure: { reason: 'broken-record', problem: { kind: 'no-job-record' } } });
  });
});

describe('GPUs', () => {
  const gpu = (name: string) => `mlx-test-${process.pid}-${name}`;
  afterEach(() => {
    vi.unstubAllEnvs();
    forgetGpus(gpu(''));
  });

  test('are given back when a run ends, however it ends, and the next run gets them', async () => {
    const only = gpu('worker');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', only);
    const { launch, store } = launchOf('echo "$CUDA_VISIBLE_DEVICES"; exit $n', ['n=1,0'], {
      parallel: 2,
      gpusPerRun: 1,
    });
    expect((await eventsOf(launch)).map(inWords)).toEqual([
      'launched',
      'starting 1',
      'ended 1 FAILED',
      'starting 2',
      'ended 2 COMPLETE',
    ]);
    const outputs = [1, 2].map((id) => readFileSync(runPaths.stdout(join(store, String(id))), 'utf8'));
    expect(outputs).toEqual([`${only}\n`, `${only}\n`]);
    const pool = new GpuPool([only]);
    expect(pool.take(1, 'a test')).toEqual([only]);
    pool.giveBack('a test');
  });

  test('that others hold make a run wait until they are given back', async () => {
    const only = gpu('held');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', only);
    const other = new GpuPool([only]);
    other.take(1, 'another');
    const { launch, store } = launchOf('true', [], { gpusPerRun: 1 });
    const events = eventsOf(launch);
    await waitUntil(() => existsSync(runPaths.info(join(store, '1'))), 'the run was made');
    expect(readAttempt(join(store, '1'), 1).claim).toBeUndefined();
    other.giveBack('another');
    expect((await events).map(inWords)).toEqual(['launched', 'starting 1', 'ended 1 COMPLETE']);
  });

  test('that others hold do not keep a launch from being stopped', async () => {
    const only = gpu('stopped');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', only);
    const other = new GpuPool([only]);
    other.take(1, 'another');
    const { launch, store } = launchOf('true', [], { gpusPerRun: 1 });
    const events = eventsOf(launch);
    await waitUntil(() => existsSync(runPaths.info(join(store, '1'))), 'the run was made');
    launch.stop('by ada');
    expect((await events).map(inWords)).toEqual(['launched']);
    other.giveBack('another');
  });
});
