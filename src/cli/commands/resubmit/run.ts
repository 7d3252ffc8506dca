import { availableParallelism } from 'node:os';
import groupBy from 'lodash/groupBy.js';
import kebabCase from 'lodash/kebabCase.js';
import omit from 'lodash/omit.js';
import { displayPath } from '../../../core/paths.js';
import { plural } from '../../../core/words.js';
import { queueOf, type Resources, readLimits } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import {
  changedLimits,
  changesOf,
  checkTimes,
  type JobPlan,
  type LaunchEvent,
  planRerun,
  type RecordedLaunch,
  readLaunch,
  readResources,
  requeue,
  rerunInPlace,
  resourcesOfLimits,
  resubmissions,
  resubmitRuns,
} from '../../../launch/index.js';
import { dependantsOf, type OldLogs, runsNow, setLogsAside, stopRuns } from '../../../runs/index.js';
import { type CompleteRun, isOver, type QueuedJob, wentWrong } from '../../../store/index.js';
import { changeable } from '../../commands.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { carryOutPlan, followLaunch, followOptions, outputOf } from '../../launching/follow-launch.js';
import { queuePlan } from '../../launching/follow-queueing.js';
import { followSubmission, requireCommands, submitPlan } from '../../launching/follow-submission.js';
import { restoreCopyOf } from '../../launching/restore-copy.js';
import { warnOfChanges } from '../../launching/warn-of-changes.js';
import { parallelOf } from '../../options/here-resources.js';
import { submittedText } from '../../output/submitted-text.js';
import { selectFor } from '../../selecting/selection.js';
import { tellFailed } from '../../selecting/tell-outcome.js';

/**
 * `mlx resubmit RUNS`: submits runs again as they were submitted first, or asking for something else; with `--new` as new runs. Runs that did
 * not start because of them follow.
 */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'in-place', 'new');
  refuseTogether(parsed, 'clean', 'keep-logs');
  refuseTogether(parsed, 'clean', 'new');
  const overrides = parsed.positionals.filter((word) => word.includes('='));
  const words = { ...parsed, positionals: parsed.positionals.filter((word) => !word.includes('=')) };
  const asked = askedFor(parsed);
  const selection = await selectFor({ command: 'resubmit', applies: ({ status }) => hasFailed(status) }, words, io);
  if (!selection) return 1;
  const { store } = selection;
  const meant = selection.runs.filter(({ status }) => !parsed.has('failed') || hasFailed(status)).map(({ id }) => id);
  const chosen = await runsNow(store, meant);
  for (const { id, job, status } of chosen) {
    if (!job) fail({ reason: 'foreign-run', id });
    if (!isOver(status.status)) fail({ reason: 'run-alive', id });
  }
  if (chosen.length === 0) {
    io.stderr.write('no run matched\n');
    return 0;
  }
  const asNew = parsed.has('new') || overrides.length > 0;
  const [override] = overrides;
  if (override !== undefined && parsed.has('in-place'))
    fail({ reason: 'in-place-overrides', id: meant[0] ?? 0, override });
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
      refuseUnasked(again);
      if (!recorded.jobs && !recorded.queue) {
        for (const one of runs) checkTimes({ ...resourcesNow(one, recorded), ...itsAsked }, true);
      }
      launches.push(again);
    }
  }
  // Their jobs wait for jobs of before: they make room for new ones.
  const { failed } = await stopRuns(
    store,
    dependants.waiting.map(({ id }) => id),
    'submitted again behind what it waits for',
  );
  if (failed.length > 0) return tellFailed('submit again', failed, io);
  let worst = 0;
  for (const again of launches) {
    await restoreCopyOf(again.recorded.plan, io);
    await warnOfChanges(store, again.launch, again.recorded, io);
    worst = Math.max(worst, asNew ? await submitNew(again, parsed, io) : await submitInPlace(again, parsed, io));
  }
  return worst;
}

/** What a run asks for as things are. */
function resourcesNow({ job }: CompleteRun, { jobs, queue, limits }: RecordedLaunch): Partial<Resources> {
  if (queue) return { time: job?.queued?.limit, mem: job?.queued?.mem };
  return { ...(jobs ? jobs.resources : resourcesOfLimits(limits)), ...changesOf(job?.changed) };
}

const hasFailed = (status: string) => wentWrong(status) || status === 'STOPPED';

/** What is asked for now, by what a run has asked for so far; without an id it is one that only follows, and may have asked for nothing. */
type Asked = (before: Partial<Resources>, id: number | undefined) => Partial<Resources>;

const multiple = /^x(\d+(?:\.\d+)?)$/;

/** `--mem 16G` says what; `--mem x2` and `--time x1.5` are multiples of what it was. */
function askedFor(parsed: ParsedArgs): Asked {
  const given = changeable.filter((name) => parsed.has(name));
  const factors = ['mem', 'time'].flatMap((name) => {
    const [, factor] = multiple.exec(parsed.text(name) ?? '') ?? [];
    return factor === undefined ? [] : [[name as 'mem' | 'time', Number(factor)] as const];
  });
  const plain = given.filter((name) => !factors.some(([one]) => one === name));
  const resources = readResources([Object.fromEntries(plain.map((name) => [name, parsed.text(name)]))]);
  const fixed = Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
  return (before, id) => ({
    ...fixed,
    ...Object.fromEntries(
      factors.flatMap(([name, factor]) => {
        const was = before[name];
        if (was === undefined && id === undefined) return [];
        if (was === undefined || factor <= 0) {
          const expected = `an amount, since run ${id} asked for none`;
          return fail({ reason: 'bad-resource', resource: name, value: `x${factor}`, expected });
        }
        return [[name, Math.ceil(was * factor)] as const];
      }),
    ),
  });
}

const understoodHere = ['time', 'cpus', 'gpus', 'mem', 'signal', 'signalTo', 'continueOnTimeout'];

/** What only an engine has a use for is not dropped where there is none. */
function refuseUnasked({ recorded: { jobs }, asked }: Pick<Again, 'recorded' | 'asked'>): void {
  const other = Object.keys(asked).find((name) => !understoodHere.includes(name));
  if (!jobs && other !== undefined) fail({ reason: 'needs-engine', option: `--${kebabCase(other)}` });
}

/** Runs of one launch, to be submitted again. */
interface Again {
  readonly store: string;
  readonly launch: string;
  readonly recorded: RecordedLaunch;
  readonly runs: readonly CompleteRun[];
  readonly asked: Partial<Resources>;
  readonly overrides: readonly string[];
}

async function submitInPlace(again: Again, parsed: ParsedArgs, io: Io): Promise<number> {
  const { jobs, queue } = again.recorded;
  const logs = parsed.has('clean')
    ? new Map(again.runs.map(({ id, directory }) => [id, setLogsAside(directory)]))
    : new Map();
  try {
    if (jobs) return await jobsAgain({ ...again, recorded: { ...again.recorded, jobs } }, logs, parsed, io);
    if (queue) return queueAgain(again, logs, io);
    return await hereAgain(again, logs, parsed, io);
  } finally {
    for (const old of logs.values()) old.restore();
  }
}

async function jobsAgain(
  { store, launch, recorded, runs, asked }: Again & { readonly recorded: RecordedLaunch & { readonly jobs: JobPlan } },
  logs: Map<number, OldLogs>,
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  requireCommands(recorded.jobs, io);
  const limits = await readLimits(recorded.jobs.engine);
  let worst = 0;
  for (const one of resubmissions(launch, runs, recorded, asked, limits)) {
    const place = queueOf(one.recorded.jobs, limits);
    const line = (event: Submitted) =>
      [submittedText('Re-submitted', event, place, io.cwd), ...removed(event, logs, io)].join('\n');
    const view = { output: outputOf(parsed), verbose: parsed.has('verbose'), line };
    const { code } = await followSubmission(resubmitRuns(store, one, limits), one.runs.length, view, io);
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

/** What the local queue understands of it. */
const queueChanges = (asked: Partial<Resources>): Partial<QueuedJob> => {
  const { time, cpus, gpus, mem, signal, signalTo, continueOnTimeout } = asked;
  return {
    ...(time !== undefined && { limit: time }),
    ...(cpus !== undefined && { slots: cpus }),
    ...(gpus !== undefined && { gpus }),
    ...(mem !== undefined && { mem }),
    ...(signal !== undefined && { signal }),
    ...(signalTo !== undefined && { signalTo: signalTo === 'program' ? 'program' : undefined }),
    ...(continueOnTimeout !== undefined && { continues: continueOnTimeout }),
  };
};

async function hereAgain(
  { store, recorded, runs, asked }: Again,
  logs: Map<number, OldLogs>,
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  for (const { id } of runs) for (const line of removedLines(logs.get(id), io)) io.stdout.write(`${line}\n`);
  const changed = { ...changesOf(runs[0]?.job?.changed), ...asked };
  const resources = { ...resourcesOfLimits(recorded.limits), ...changed };
  const parallel = parallelOf(undefined, resources.cpus);
  const launch = rerunInPlace(store, runs, { ...recorded.limits, failFast: false, parallel }, changed);
  const head = `${plural(runs.length, 'run')} again, each as its next attempt\n`;
  return followLaunch(launch, { head, total: runs.length, parallel }, io, followOptions(parsed));
}

type Submitted = Extract<LaunchEvent, { type: 'submitted' }>;

function removed({ runs }: Submitted, logs: Map<number, OldLogs>, io: Io): string[] {
  return runs.flatMap(({ id }) => removedLines(logs.get(id), io));
}

function removedLines(old: OldLogs | undefined, io: Io): string[] {
  return (old?.remove() ?? []).map((path) => `  removed ${displayPath(path, io.cwd)}`);
}

/** New runs like these, each a launch of its own. */
async function submitNew({ recorded, runs, asked, overrides }: Again, parsed: ParsedArgs, io: Io): Promise<number> {
  const { jobs, queue } = recorded;
  const environment = { ...io.env, ...Object.fromEntries(recorded.environment) };
  let worst = 0;
  for (const found of runs) {
    const shape = {
      plan: planRerun(found, recorded, overrides),
      parallel: availableParallelism(),
      notes: [`like run ${found.id}`],
    };
    const inside = { ...io, env: environment };
    let code: number;
    if (jobs) {
      const changed = { ...jobs, resources: { ...jobs.resources, ...asked } };
      code = await submitPlan(
        { ...shape, jobs: changed },
        parsed,
        inside,
        (limits) => (event) => submittedText('Submitted', event, queueOf(changed, limits), io.cwd),
      );
    } else if (queue) {
      code = await queuePlan({ ...shape, queue: { ...queue, ...queueChanges(asked) } }, parsed, inside, (event) =>
        submittedText('Submitted', event, undefined, io.cwd),
      );
    } else {
      const limits = changedLimits(recorded.limits, { ...changesOf(found.job?.changed), ...asked });
      code = await carryOutPlan({ ...shape, parallel: parallelOf(undefined, limits.cpusPerRun) }, inside, {
        ...followOptions(parsed),
        ...omit(limits, ['parallel', 'grace', 'gpusPerRun']),
        failFast: false,
      });
    }
    worst = Math.max(worst, code);
  }
  return worst;
}
