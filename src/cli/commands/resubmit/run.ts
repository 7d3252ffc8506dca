import { availableParallelism } from 'node:os';
import groupBy from 'lodash/groupBy.js';
import omit from 'lodash/omit.js';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { rangesText } from '../../../core/consecutive.js';
import { displayPath } from '../../../core/paths.js';
import { jsonText, printableLine } from '../../../core/text.js';
import { plural } from '../../../core/words.js';
import { queueOf, readLimits } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import {
  againEngine,
  againHere,
  asHere,
  changedHere,
  changesOf,
  checkTimes,
  type EngineTarget,
  type LaunchEvent,
  parallelOf,
  planRerun,
  queueChanges,
  type RecordedLaunch,
  readLaunch,
  requeue,
  resourcesOfLimits,
  resubmissions,
  verifyRequest,
} from '../../../launch/index.js';
import { type Resources, resourceNames, resourceOption, resourceText } from '../../../resources/index.js';
import { dependantsOf, type OldLogs, setLogsAside, stopRuns } from '../../../runs/index.js';
import { type CompleteRun, isLeftUndone, isOver } from '../../../store/index.js';
import { runsNow } from '../../../tracking/index.js';
import type { Io } from '../../grammar/command.js';
import { carryOutPlan, followLaunch } from '../../launching/follow-launch.js';
import { queuePlan } from '../../launching/follow-queueing.js';
import { followSubmission, requireCommands, submitPlan } from '../../launching/follow-submission.js';
import { restoreCopyOf } from '../../launching/restore-copy.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { followChoices, outputOf } from '../../options/output.js';
import type { LaunchShape } from '../../output/plan-text.js';
import { submittedText } from '../../output/submitted-text.js';
import { reportFailed, runsText } from '../../selecting/outcome.js';
import { selectFor } from '../../selecting/selection.js';
import { askedFor, refuseEngineOnly, resourcesNow } from './asked-resources.js';
import type { ResubmitOptions } from './spec.js';

/**
 * `mlx resubmit RUNS`: submits runs again as they were submitted first, or with other resources; with `--new`
 * as new runs. Runs that did not start because these failed are submitted again as well.
 */
export async function run({ positionals, options }: ParsedArgs<ResubmitOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'inPlace', 'new');
  refuseTogether(options, 'clean', 'keepLogs');
  refuseTogether(options, 'clean', 'new');
  const overrides = positionals.filter((word) => word.includes('='));
  const words = { options, positionals: positionals.filter((word) => !word.includes('=')) };
  const asked = askedFor(options);
  const selection = await selectFor({ command: 'resubmit', applies: ({ status }) => isLeftUndone(status) }, words, io);
  if (!selection) return 1;
  const { store } = selection;
  const meant = selection.runs.filter(({ status }) => !options.failed || isLeftUndone(status)).map(({ id }) => id);
  const chosen = await runsNow(store, meant, selection.view);
  for (const { id, job, status } of chosen) {
    if (!job) fail({ reason: 'foreign-run', id });
    if (!isOver(status.status)) fail({ reason: 'run-alive', id });
  }
  if (chosen.length === 0) {
    io.stderr.write('no run matched\n');
    return 0;
  }
  const asNew = options.new || overrides.length > 0;
  const [override] = overrides;
  if (override !== undefined && options.inPlace) fail({ reason: 'in-place-overrides', id: meant[0] ?? 0, override });
  const dependants = asNew ? { failed: [], waiting: [] } : dependantsOf(store, meant);
  const launches: Again[] = [];
  const all = [...chosen, ...dependants.failed, ...dependants.waiting];
  for (const [launch, itsRuns] of Object.entries(groupBy(all, ({ job }) => job?.launch))) {
    const recorded = await readLaunch(store, launch);
    const now = (run: CompleteRun) => {
      const id = meant.includes(run.id) ? run.id : undefined;
      return JSON.stringify([run.job?.changed, asked(resourcesNow(run, recorded), id)]);
    };
    for (const [text, runs] of Object.entries(groupBy(itsRuns, now))) {
      const [, itsAsked] = JSON.parse(text);
      const again = { store, launch, recorded, runs, asked: itsAsked, overrides };
      refuseEngineOnly(recorded, itsAsked);
      const retries = ({ job }: CompleteRun) => itsAsked.retries ?? job?.retries;
      if (itsAsked.retryOn !== undefined && !runs.every(retries)) fail({ reason: 'needs-retries' });
      if (recorded.target.kind === 'here') {
        for (const one of runs) checkTimes({ ...resourcesNow(one, recorded), ...itsAsked }, true);
      }
      launches.push(again);
    }
  }
  if (options.dryRun) {
    showResubmission(launches, asNew, options.json, io);
    return 0;
  }
  // Their jobs wait for earlier jobs, and are replaced.
  const { failed } = await stopRuns(
    store,
    dependants.waiting.map(({ id }) => id),
    'submitted again behind what it waits for',
  );
  if (failed.length > 0) return reportFailed('submit again', failed, io);
  let worst = 0;
  for (const [i, again] of launches.entries()) {
    await restoreCopyOf(again.recorded.plan, io);
    await warnOfChanges(store, again.launch, again.recorded, io);
    const code = asNew ? await submitNew(again, options, io) : await submitInPlace(again, options, io);
    if (code > 128) {
      const rest = launches.slice(i + 1).flatMap(({ runs }) => runs.map(({ id }) => id));
      const ids = rangesText(rest);
      if (rest.length > 0)
        io.stderr.write(
          `mlx resume goes on with what is left; not submitted again: ${ids}, mlx resubmit ${ids} does it with the same options\n`,
        );
      return code;
    }
    worst = Math.max(worst, code);
  }
  return worst;
}

/** Runs of one launch that will be submitted again. */
interface Again {
  readonly store: string;
  readonly launch: string;
  readonly recorded: RecordedLaunch;
  readonly runs: readonly CompleteRun[];
  readonly asked: Partial<Resources>;
  readonly overrides: readonly string[];
}

/** Prints which runs would be submitted again, where to, and what they would ask for. */
function showResubmission(launches: readonly Again[], asNew: boolean, json: boolean, io: Io): void {
  const as = asNew ? 'new runs' : 'next attempts';
  if (json) {
    const rows = launches.map(({ runs, recorded: { target }, asked, overrides }) => {
      const to = target.kind === 'engine' ? target.engine.names[0] : target.kind;
      return { runs: runs.map(({ id }) => id), to, as, asked, overrides };
    });
    io.stdout.write(`${jsonText({ dry_run: true, submitted: rows })}\n`);
    return;
  }
  for (const { runs, recorded, asked, overrides } of launches) {
    const resources = resourceNames.flatMap((name) => {
      const value = asked[name];
      if (value === undefined) return [];
      if (typeof value === 'boolean') return value ? `--${resourceOption(name)}` : `--no-${resourceOption(name)}`;
      return `--${resourceOption(name)} ${resourceText(name, value)}`;
    });
    const changes = [...resources, ...overrides].map(printableLine).join(' ');
    const ids = runsText(runs.map(({ id }) => id));
    io.stdout.write(`would submit ${ids} again, ${placeOf(recorded)}, as ${as}${changes && `: ${changes}`}\n`);
  }
}

function placeOf({ target }: RecordedLaunch): string {
  switch (target.kind) {
    case 'here':
      return 'on this machine';
    case 'queue':
      return 'into the local queue';
    case 'engine':
      return `to ${target.engine.title}`;
  }
}

/** Submits the runs again as their next attempts. */
async function submitInPlace(again: Again, options: ResubmitOptions, io: Io): Promise<number> {
  const { target } = again.recorded;
  const logs = options.clean
    ? new Map(again.runs.map(({ id, directory }) => [id, setLogsAside(directory)]))
    : new Map();
  try {
    if (target.kind === 'engine') {
      return await jobsAgain({ ...again, recorded: { ...again.recorded, target } }, logs, options, io);
    }
    return target.kind === 'queue' ? queueAgain(again, logs, io) : await hereAgain(again, logs, options, io);
  } finally {
    for (const old of logs.values()) old.restore();
  }
}

async function jobsAgain(
  { store, launch, recorded, runs, asked }: Again & { readonly recorded: RecordedLaunch<EngineTarget> },
  logs: Map<number, OldLogs>,
  options: ResubmitOptions,
  io: Io,
): Promise<number> {
  requireCommands(recorded.target, io);
  const limits = await readLimits(recorded.target.engine, recorded.target.cluster);
  let worst = 0;
  for (const one of resubmissions(launch, runs, recorded, { asked, limits })) {
    const { target, plan } = one.recorded;
    await verifyRequest(target, plan.settings);
    const queueName = queueOf(target, limits);
    const line = (event: Submitted) =>
      [submittedText('Re-submitted', event, queueName, io.cwd), ...removed(event, logs, io)].join('\n');
    const view = { output: outputOf(options), verbose: options.verbose, line };
    const { code } = await followSubmission(againEngine(store, one, limits), one.runs.length, view, io);
    if (code > 128) return code;
    worst = Math.max(worst, code);
  }
  return worst;
}

function queueAgain({ store, runs, asked }: Again, logs: Map<number, OldLogs>, io: Io): number {
  requeue(store, runs, queueChanges(asked));
  for (const { id, directory, job, overrides } of runs) {
    const run = { id, directory, token: '', point: job?.point ?? 0, overrides, label: '' };
    const event = { type: 'submitted', runs: [run], engine: 'local', jobId: String(id), found: false } as const;
    io.stdout.write(
      `${[submittedText('Re-submitted', event, undefined, io.cwd), ...removed(event, logs, io)].join('\n')}\n`,
    );
  }
  return 0;
}

async function hereAgain(
  { store, recorded, runs, asked }: Again,
  logs: Map<number, OldLogs>,
  options: ResubmitOptions,
  io: Io,
): Promise<number> {
  for (const { id } of runs) for (const line of removedLines(logs.get(id), io)) io.stdout.write(`${line}\n`);
  const changed = { ...changesOf(runs[0]?.job?.changed), ...asked };
  const target = asHere(recorded);
  const resources = { ...resourcesOfLimits(target), ...changed };
  const parallel = parallelOf(undefined, resources.cpus);
  const launch = againHere(store, runs, { ...target, failFast: false, maxFailures: undefined, parallel }, changed);
  const head = `${plural(runs.length, 'run')} again, each as its next attempt\n`;
  return followLaunch(launch, { head, total: runs.length, parallel }, io, followChoices(options));
}

type Submitted = Extract<LaunchEvent, { type: 'submitted' }>;

function removed({ runs }: Submitted, logs: Map<number, OldLogs>, io: Io): string[] {
  return runs.flatMap(({ id }) => removedLines(logs.get(id), io));
}

function removedLines(old: OldLogs | undefined, io: Io): string[] {
  return (old?.remove() ?? []).map((path) => `  removed ${displayPath(path, io.cwd)}`);
}

/** Submits new runs like these, each as a launch of its own. */
async function submitNew(
  { recorded, runs, asked, overrides }: Again,
  options: ResubmitOptions,
  io: Io,
): Promise<number> {
  const environment = { ...io.env, ...Object.fromEntries(recorded.environment) };
  const inside = { ...io, env: environment };
  let worst = 0;
  for (const found of runs) {
    const shape = {
      plan: planRerun(found, recorded, overrides),
      parallel: availableParallelism(),
      notes: [`like run ${found.id}`],
    };
    const code = await startNew({ shape, found, recorded, asked }, options, inside);
    if (code > 128) return code;
    worst = Math.max(worst, code);
  }
  return worst;
}

/** A new run that is based on another one. */
interface NewRun extends Pick<Again, 'recorded' | 'asked'> {
  readonly shape: Omit<LaunchShape, 'target'>;
  readonly found: CompleteRun;
}

/** Starts the launch of one new run where the run that it is based on went. */
function startNew({ shape, found, recorded, asked }: NewRun, options: ResubmitOptions, io: Io): Promise<number> {
  const { target } = recorded;
  switch (target.kind) {
    case 'engine': {
      const changed = { ...target, resources: { ...target.resources, ...asked } };
      return submitPlan(
        { ...shape, target: changed },
        options,
        io,
        (limits) => (event) => submittedText('Submitted', event, queueOf(changed, limits), io.cwd),
      );
    }
    case 'queue':
      return queuePlan({ ...shape, target: { ...target, ...queueChanges(asked) } }, options, io, (event) =>
        submittedText('Submitted', event, undefined, io.cwd),
      );
    case 'here': {
      const changed = changedHere(target, { ...changesOf(found.job?.changed), ...asked });
      const parallel = parallelOf(undefined, changed.cpusPerRun);
      const { grace } = shape.plan.settings;
      const now = { ...omit(changed, 'gpusPerRun'), failFast: false, maxFailures: undefined, parallel, grace };
      return carryOutPlan({ ...shape, parallel, target: now }, io, followChoices(options));
    }
  }
}
