import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { batchEngines } from '../../src/engines/index.js';
import {
  type EngineTarget,
  type HereTarget,
  planTarget,
  type QueueTarget,
  readLaunch,
  type Target,
  type TargetOptions,
} from '../../src/launch/index.js';
import { settingsText } from '../../src/launch/make/launch-context.js';
import { launchFiles, launchRecordText } from '../../src/launch/record/launch-record.js';
import { engineNameOf, waitingIn } from '../../src/launch/target.js';
import { type Resources, resourceTable } from '../../src/resources/table.js';
import { defaultSettings, type Settings } from '../../src/settings/index.js';
import { createLaunch, newId, noDependencies, openStore } from '../../src/store/index.js';
import { hereTarget, shPlan, storeDirectory, testOrigin } from '../rig/launches.js';

const noWaiting = { after: noDependencies, chain: false };

interface Asked {
  readonly chosen?: string | undefined;
  readonly settings?: Settings;
  readonly header?: readonly string[];
}

async function targetOf(options: TargetOptions, { chosen, settings = defaultSettings, header = [] }: Asked = {}) {
  return planTarget(options, { chosen, settings, waiting: () => noWaiting, header });
}

/** What a launch to Slurm, with these layers, asks for. */
async function slurmOf(options: TargetOptions, asked: Omit<Asked, 'chosen'> = {}) {
  const { target, notes } = await targetOf(options, { ...asked, chosen: 'slurm' });
  if (target.kind !== 'engine') throw new Error('no engine');
  return { target, notes };
}

const withScheduler = (scheduler: Partial<Settings['scheduler']>): Settings => ({
  ...defaultSettings,
  scheduler: { ...defaultSettings.scheduler, ...scheduler },
});

const gib = 2 ** 30;

/** Options that only an engine understands, each with a value that it would take. */
const forEngines: readonly [option: string, TargetOptions][] = [
  ['--partition', { partition: 'long' }],
  ['--nodes', { nodes: '2' }],
  ['--tasks', { tasks: '2' }],
  ['--account', { account: 'me' }],
  ['--constraint', { constraint: 'fast' }],
  ['--requeue', { requeue: 'true' }],
  ['--no-requeue', { noRequeue: true }],
  ['--option', { option: ['--exclusive'] }],
  ['--profile', { profile: 'big' }],
  ['--array', { array: 'always' }],
  ['--max-running', { maxRunning: 3 }],
  ['--pack', { pack: 2 }],
  ['--max-queued', { maxQueued: 5 }],
  ['--on-submit-error', { onSubmitError: 'continue' }],
  ['--wait', { wait: true }],
];

/** Options that an engine and the local queue understand, and this machine does not. */
const forWaiting: readonly [option: string, TargetOptions][] = [
  ['--gpus', { gpus: '1' }],
  ['--name', { name: 'mine' }],
  ['--export', { export: ['TOKEN'] }],
  ['--priority', { priority: 1 }],
  ['--after', { after: ['1'] }],
  ['--after-ok', { afterOk: ['1'] }],
  ['--after-any', { afterAny: ['1'] }],
  ['--after-fail', { afterFail: ['1'] }],
  ['--on-dependency-failure', { onDependencyFailure: 'run' }],
];

describe('a launch on this machine', () => {
  test('is planned if nothing else is chosen, with as many runs at once as there are CPUs', async () => {
    const { target, notes } = await targetOf({});
    expect(target).toMatchObject({ kind: 'here', failFast: false, walltime: undefined, grace: defaultSettings.grace });
    expect((target as HereTarget).parallel).toBeGreaterThanOrEqual(1);
    expect(notes).toEqual([]);
  });

  test('understands its own options', async () => {
    const options = { parallel: 3, failFast: true, gpusPerRun: 2, mem: '8G', signalTo: 'program' };
    expect((await targetOf(options)).target).toMatchObject({
      parallel: 3,
      failFast: true,
      gpusPerRun: 2,
      memPerRun: 8 * gib,
      signalTo: 'program',
    });
  });

  test('limits the time of a run, with a warning before', async () => {
    const { target } = await targetOf({ time: '2h', signal: 'USR1@90', continueOnTimeout: '3' });
    expect(target).toMatchObject({
      walltime: { seconds: 7200, warning: { signal: 'USR1', seconds: 90 } },
      continues: 3,
    });
  });

  test('takes the grace of the settings', async () => {
    const { target } = await targetOf({}, { settings: { ...defaultSettings, grace: 0.5 } });
    expect(target).toMatchObject({ grace: 0.5 });
  });

  test('does not ask what its runs wait for', async () => {
    const waiting = vi.fn(() => noWaiting);
    await planTarget({}, { chosen: undefined, settings: defaultSettings, waiting });
    expect(waiting).not.toHaveBeenCalled();
  });

  test.for([...forEngines, ...forWaiting])('refuses %s', async ([option, options]) => {
    await expect(targetOf(options)).rejects.toMatchObject({ failure: { reason: 'needs-engine', option } });
  });

  test('refuses a time limit that is given twice', async () => {
    await expect(targetOf({ walltime: 60, time: '1m' })).rejects.toMatchObject({
      failure: { reason: 'options-exclude', options: ['--walltime', '--time'] },
    });
  });

  test.for<[string, TargetOptions]>([
    ['--signal', { signal: 'USR1@90' }],
    ['--continue-on-timeout', { continueOnTimeout: 'true' }],
  ])('refuses %s without a time limit', async ([option, options]) => {
    await expect(targetOf(options)).rejects.toMatchObject({ failure: { reason: 'needs-time', option } });
  });

  test('refuses more CPUs at once than there are', async () => {
    await expect(targetOf({ cpus: '999999' })).rejects.toMatchObject({
      failure: { reason: 'cpus-missing', each: 999999, parallel: 1 },
    });
  });
});

describe('a launch into the local queue', () => {
  test('asks for one slot and nothing else if nothing is said', async () => {
    expect((await targetOf({}, { chosen: 'local' })).target).toEqual({
      kind: 'queue',
      name: undefined,
      priority: 0,
      slots: 1,
      gpus: 0,
      limit: undefined,
      mem: undefined,
      signal: undefined,
      signalTo: undefined,
      continues: undefined,
      shown: true,
      ...noWaiting,
    });
  });

  test('understands its own options', async () => {
    const options = { cpus: '4', gpus: '1', mem: '1G', name: 'mine', priority: 7, time: '90s', logDir: 'out' };
    expect((await targetOf(options, { chosen: 'local' })).target).toMatchObject({
      slots: 4,
      gpus: 1,
      mem: gib,
      name: 'mine',
      priority: 7,
      limit: 90,
      shown: false,
    });
  });

  test.for(forWaiting)('does not refuse %s', async ([, options]) => {
    await expect(targetOf(options, { chosen: 'local' })).resolves.toMatchObject({ target: { kind: 'queue' } });
  });

  test.for<readonly [string, TargetOptions]>([
    ...forEngines,
    ['--stream', { stream: true }],
    ['--parallel', { parallel: 2 }],
    ['--gpus-per-run', { gpusPerRun: 1 }],
    ['--notify', { notify: 'echo' }],
  ])('refuses %s', async ([option, options]) => {
    await expect(targetOf(options, { chosen: 'local' })).rejects.toMatchObject({
      failure: { reason: 'needs-engine', option },
    });
  });

  test('refuses --grace, which mlx execute has', async () => {
    await expect(targetOf({ grace: 5 }, { chosen: 'local' })).rejects.toMatchObject({
      failure: { reason: 'resource-unsupported', resource: 'grace' },
    });
  });
});

describe('the limit of failures', () => {
  test.for<readonly [string, TargetOptions, number]>([
    ['--max-failures 3', { maxFailures: 3 }, 3],
    ['--fail-fast', { failFast: true }, 1],
  ])('of %s is the same everywhere', async ([, options, maxFailures]) => {
    const targets = [await targetOf(options), await targetOf(options, { chosen: 'local' }), await slurmOf(options)];
    for (const { target } of targets) expect(target).toMatchObject({ maxFailures });
  });
});

describe('a launch to an engine', () => {
  test.for<[string, TargetOptions]>([
    ['--gpus-per-run', { gpusPerRun: 1 }],
    ['--stream', { stream: true }],
    ['--parallel', { parallel: 2 }],
  ])('refuses %s', async ([option, options]) => {
    await expect(slurmOf(options)).rejects.toMatchObject({
      failure: { reason: 'options-exclude', options: [option, '--scheduler'] },
    });
  });

  test.for<[string[], TargetOptions]>([
    [['--requeue', '--no-requeue'], { requeue: 'true', noRequeue: true }],
    [['--walltime', '--time'], { walltime: 60, time: '1m' }],
  ])('refuses %s together', async ([options, given]) => {
    await expect(slurmOf(given)).rejects.toMatchObject({ failure: { reason: 'options-exclude', options } });
  });

  test('refuses --grace, which the site decides', async () => {
    await expect(slurmOf({ grace: 5 })).rejects.toMatchObject({
      failure: { reason: 'resource-unsupported', engine: 'Slurm', resource: 'grace' },
    });
  });

  test('that does not exist is refused', async () => {
    await expect(targetOf({}, { chosen: 'slrum' })).rejects.toMatchObject({ failure: { reason: 'unknown-engine' } });
  });

  test('with a profile that does not exist is refused, with the nearest name', async () => {
    const settings = withScheduler({ profiles: { big: {}, small: {} } });
    await expect(slurmOf({ profile: 'bigg' }, { settings })).rejects.toMatchObject({
      failure: { reason: 'unknown-profile', name: 'bigg', near: 'big', known: ['big', 'small'] },
    });
  });

  test('takes its resources from the highest layer that has them', async () => {
    const layer = fc.boolean();
    await fc.assert(
      fc.asyncProperty(layer, layer, layer, layer, async (inSettings, inProfile, inHeader, inOptions) => {
        const settings = withScheduler({
          resources: inSettings ? { time: '1h', account: 'me' } : { account: 'me' },
          profiles: { big: inProfile ? { time: '2h' } : {} },
        });
        const options = { profile: 'big', ...(inOptions && { time: '4h' }) };
        const header = inHeader ? ['--time=3:00:00'] : [];
        const { target, notes } = await slurmOf(options, { settings, header });
        const hours = inOptions ? 4 : inHeader ? undefined : inProfile ? 2 : inSettings ? 1 : undefined;
        expect(target.resources.time).toBe(hours && hours * 3600);
        expect(target.resources.account).toBe('me');
        // The engine itself reads what is in the header, unless an option replaces it.
        expect(target.options).toEqual(inHeader && !inOptions ? ['--time=3:00:00'] : []);
        expect(notes.map((note) => note.includes('--time=3:00:00'))).toEqual(inHeader && inOptions ? [true] : []);
      }),
    );
  });

  test('has native options of all layers in order, without markers', async () => {
    const settings = withScheduler({ option_cmd: ['#SBATCH --a=1'], profiles: { big: { option_cmd: ['--b=2'] } } });
    const options = { profile: 'big', option: [' #SBATCH --d=4 '] };
    const { target } = await slurmOf(options, { settings, header: ['--c=3'] });
    expect(target.options).toEqual(['--a=1', '--b=2', '--c=3', '--d=4']);
  });

  test('refuses a native option that asks for what an option asks for already', async () => {
    await expect(slurmOf({ partition: 'long', option: ['-p short'] })).rejects.toMatchObject({
      failure: { reason: 'options-contradict', option: '-p short', resource: 'partition' },
    });
  });

  test('does not start a preempted job again with --no-requeue, whatever the settings say', async () => {
    const settings = withScheduler({ resources: { requeue: true } });
    expect((await slurmOf({ noRequeue: true }, { settings })).target.resources.requeue).toBe(false);
  });

  test('takes what is not said from the settings', async () => {
    const settings = withScheduler({ array: 'never', on_submit_error: 'continue' });
    expect((await slurmOf({}, { settings })).target).toMatchObject({
      array: 'never',
      onSubmitError: 'continue',
      pack: 1,
      maxRunning: undefined,
      maxQueued: undefined,
    });
  });

  test('waits for what its runs wait for', async () => {
    const waits = { after: { ok: [1], any: [], fail: [2] }, chain: true };
    const { target } = await planTarget({}, { chosen: 'slurm', settings: defaultSettings, waiting: () => waits });
    expect(waitingIn(target)).toEqual(waits);
  });
});

test('a run records its engine: here, local, or the name of a batch engine', async () => {
  const names = await Promise.all(
    [undefined, 'local', 'slurm', 'oar'].map(async (chosen) => engineNameOf((await targetOf({}, { chosen })).target)),
  );
  expect(names).toEqual(['here', 'local', 'slurm', 'oar']);
});

test('runs of this machine wait for nothing', () => {
  expect(waitingIn(hereTarget())).toBeUndefined();
});

describe('a target is read back from the record of its launch as it was', () => {
  const id = fc.integer({ min: 1, max: 10 ** 9 });
  const ids = fc.array(id, { maxLength: 5 });
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const waiting = { after: fc.record({ ok: ids, any: ids, fail: ids }), chain: fc.boolean() };
  const count = fc.integer({ min: 1, max: 10 ** 6 });
  const bytes = fc.integer({ min: 1, max: 2 ** 50 });
  const seconds = fc.oneof(count, fc.constantFrom(0.5, 1.25));
  const warning = fc.record({ signal: fc.constantFrom('USR1', 'TERM'), seconds: count });
  const signalTo = maybe(fc.constant('program' as const));
  const continues = maybe(fc.oneof(fc.boolean(), count));
  const text = fc.string({ unit: 'binary' });

  const here = fc.record({
    kind: fc.constant('here'),
    parallel: count,
    walltime: maybe(fc.record({ seconds, reason: text, warning: maybe(warning) })),
    failFast: fc.boolean(),
    grace: seconds,
    gpusPerRun: fc.nat(8),
    cpusPerRun: maybe(count),
    memPerRun: maybe(bytes),
    signalTo,
    continues,
  }) as fc.Arbitrary<HereTarget>;

  const queue = fc.record({
    kind: fc.constant('queue' as const),
    name: maybe(text),
    priority: fc.integer(),
    slots: count,
    gpus: fc.nat(8),
    limit: maybe(seconds),
    mem: maybe(bytes),
    signal: maybe(fc.constantFrom('USR1@60', 'TERM@5')),
    signalTo,
    continues,
    shown: fc.boolean(),
    ...waiting,
  }) satisfies fc.Arbitrary<QueueTarget>;

  /** Values of each resource, read from texts of every kind. */
  const texts = ['2h', '3', '8G', 'word', 'a "line" #', 'true', 'false', 'USR1@60', 'program', 'group'];
  const resources = fc.record(
    Object.fromEntries(
      Object.entries(resourceTable).map(([name, { kind }]) => {
        const values = texts.map((one) => kind.parse(one)).filter((value) => value !== undefined);
        return [name, fc.constantFrom(undefined, ...values)];
      }),
    ),
  ) as fc.Arbitrary<Resources>;
  const words = fc.tuple(text, fc.array(text, { maxLength: 3 })).map(([first, rest]) => [first, ...rest] as const);

  const engine = fc
    .record({
      kind: fc.constant('engine' as const),
      engine: fc.constantFrom(...batchEngines),
      resources,
      options: fc.array(text, { maxLength: 4 }),
      array: fc.constantFrom('auto', 'always', 'never'),
      maxRunning: maybe(count),
      pack: count,
      maxQueued: maybe(count),
      onSubmitError: fc.constantFrom('stop', 'continue'),
      submit: maybe(fc.record({ words, single: words, step: count })),
      ...waiting,
    })
    .map((one) => ({
      ...one,
      engineName: one.engine.names[0],
      // What is left of the array of a user's own submission goes one by one.
      array: one.submit ? 'never' : one.array,
    })) as fc.Arbitrary<EngineTarget>;

  let plan: ReturnType<typeof shPlan>;
  let store: string;
  async function readBack(target: Target): Promise<Target> {
    const grace = target.kind === 'here' ? target.grace : 10;
    const planned = { ...plan, settings: { ...plan.settings, grace } };
    const launch = newId();
    const facts = { ...testOrigin, environment: [], launch, target, firstId: 1 };
    const record = createLaunch(store, launch, {
      ...launchFiles(planned),
      'mlx.yaml': settingsText(planned),
      'launch.yaml': launchRecordText(planned, facts),
    });
    record.close();
    return (await readLaunch(store, launch)).target;
  }

  function open() {
    plan = shPlan(storeDirectory(), 'true');
    store = plan.settings.logger.parent_log_dir;
    openStore(store, { groupWritable: false });
  }

  test.for<[string, fc.Arbitrary<Target>]>([
    ['here', here],
    ['to an engine', engine],
    ['into the queue', queue],
  ])('%s', async ([, targets]) => {
    open();
    await fc.assert(
      fc.asyncProperty(targets, async (target) => {
        expect(await readBack(target)).toEqual(target);
      }),
    );
  });
});
