import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseDuration } from '../../../core/clock.js';
import { ifPresent } from '../../../core/errno.js';
import { displayPath } from '../../../core/paths.js';
import { quoteCommand } from '../../../core/quote.js';
import { nearest } from '../../../core/suggest.js';
import { printableLine } from '../../../core/text.js';
import { loadEngine, noResources, readLimits, submissionWords, withoutArray } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import {
  findCommand,
  type JobPlan,
  type Launch,
  type LaunchEvent,
  launchHere,
  launchJobs,
  type Plan,
  planLaunch,
  pointsOf,
} from '../../../launch/index.js';
import { visibleGpus } from '../../../local/index.js';
import { runsNow, stopRuns, watchRuns } from '../../../runs/index.js';
import type { Settings } from '../../../settings/index.js';
import { directoryProblem, isOver, noDependencies, runPaths, runsOfJobLog, storePaths } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import {
  directoryOfLog,
  type JobArgs,
  type JobBackend,
  jobBackends,
  jobConfigFile,
  loadTemplateConfig,
  scriptBeside,
  shippedTemplates,
  type TemplateJob,
  templateJob,
  withElements,
} from '../../../templates/index.js';
import { formatYamlBlocks } from '../../../values/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { type FollowOptions, followLaunch, outputOf } from '../../launching/follow-launch.js';
import { followSubmission } from '../../launching/follow-submission.js';
import { launchSettings } from '../../options/launch-options.js';
import { readJobArgs } from './job-parser.js';

/** `mlx job BACKEND MODE LOG_FILENAME COMMAND…`: aiaccel-job's command line. Ends when the job has ended, with its exit code. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  const [word, ...others] = parsed.positionals;
  if (word === undefined) return fail({ reason: 'missing-argument', argument: 'BACKEND', command: 'job' });
  const backend = jobBackends.find((one) => one === word);
  if (!backend)
    return fail({
      reason: 'unknown-word',
      what: 'backend',
      word,
      known: jobBackends,
      near: nearest(word, [...jobBackends]),
    });
  const config = loadTemplateConfig(jobConfigFile(parsed.text('config'), shippedTemplates(backend), io.env), io);
  if (parsed.has('print-config')) {
    io.stdout.write(formatYamlBlocks(config.value));
    return 0;
  }
  const args = readJobArgs(parsed, others, 'job');
  const isLocal = backend === 'local';
  const defaultProcs = !isLocal
    ? 1
    : args.mode === 'gpu'
      ? Math.max(1, visibleGpus(io.env).length)
      : availableParallelism();
  const job = templateJob(config, args, { backend, cwd: io.cwd, defaultProcs });
  const { settings } = await launchSettings(parsed, io, []);
  return isLocal ? runHere(args, job, settings, parsed, io) : submit(backend, args, job, settings, parsed, io);
}

/** The job as one process on this machine: its output is shown, and its exit code is passed on. */
async function runHere(
  args: JobArgs,
  job: TemplateJob,
  settings: Settings,
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  const walltime = args.walltime === undefined ? undefined : secondsOf(args.walltime);
  const plan = planOf(args, job, settings, [], io);
  const notes = [
    ...(['n_nodes', 'n_tasks_per_proc'] as const)
      .filter((count) => args.counts[count] !== undefined)
      .map((count) => `--${count} is ignored: ${ignoredBecause[count]}`),
    ...(args.walltime === undefined ? [] : [`--walltime ${args.walltime} holds here too: the job is ended then`]),
    ...settingsIgnored(settings),
  ];
  if (parsed.has('dry-run')) return dryRun({ plan, notes, jobs: undefined }, parsed, io);
  await checkPlaces(plan, io);
  const output = outputOf(parsed);
  if (output === 'text') for (const note of notes) io.stderr.write(`note     ${note}\n`);
  const launch = launchHere(plan, {
    argv: io.argv,
    version: io.version,
    environment: io.env,
    parallel: 1,
    failFast: false,
    walltime:
      walltime === undefined ? undefined : { seconds: walltime, reason: `over its walltime of ${args.walltime}` },
  });
  const view = { head: '', total: 1, parallel: 1, store: plan.settings.logger.parent_log_dir };
  const stream = output === 'quiet' ? 'never' : 'plain';
  return followToEnd(launch, view, io, { stream, output: output === 'json' ? 'json' : 'quiet' });
}

/** What the settings ask for that such a job does not have. */
const settingsIgnored = ({ use_version_manager: versioned }: Settings) =>
  versioned ? ['use_version_manager is ignored: the job runs the files as they are'] : [];

const ignoredBecause = {
  n_nodes: 'this machine is one',
  n_tasks_per_proc: 'here the workers share the tasks evenly',
};

function secondsOf(value: string): number {
  const seconds = parseDuration(value);
  const expected = 'a time: 90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)';
  return seconds ?? fail({ reason: 'bad-option-value', option: '--walltime', value, expected, near: undefined });
}

/** The job in an engine, submitted as its template says; waits for its end. */
async function submit(
  backend: Exclude<JobBackend, 'local'>,
  args: JobArgs,
  rendered: TemplateJob,
  settings: Settings,
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  const engine = await loadEngine(backend);
  const { submit: asked, script } = rendered;
  if (!asked) throw new Error('a job without a submission');
  const words = await submissionWords(asked.text, asked.span, io);
  const single = withoutArray(words, engine);
  const { job, indexes } = withElements(rendered, engine.task.index, single.indexes);
  const jobs: JobPlan = {
    engineName: backend,
    engine,
    resources: noResources,
    options: [],
    array: indexes.length > 1 ? 'always' : 'never',
    maxRunning: undefined,
    pack: 1,
    maxQueued: undefined,
    onSubmitError: 'stop',
    after: noDependencies,
    chain: false,
    submit: { words, single: single.words, step: (indexes[1] ?? 2) - 1 },
  };
  const plan = planOf(args, job, settings, indexes, io);
  const ignored = settingsIgnored(settings);
  const notes = [`submitted with ${quoteCommand(indexes.length > 1 ? words : single.words)}`, ...ignored];
  if (parsed.has('dry-run')) return dryRun({ plan, notes, jobs }, parsed, io);
  const [command] = words;
  if (findCommand(command, io.cwd, io.env['PATH'] ?? '') === undefined)
    fail({ reason: 'engine-missing', engine: engine.title, command });
  await checkPlaces(plan, io);
  const output = outputOf(parsed);
  if (output === 'text') for (const note of ignored) io.stderr.write(`note     ${note}\n`);
  const store = plan.settings.logger.parent_log_dir;
  const origin = { argv: io.argv, version: io.version, environment: io.env };
  const launch = launchJobs(plan, jobs, await readLimits(engine), origin);
  const log = displayPath(script.log, io.cwd);
  const line = ({ runs, jobId }: Extract<LaunchEvent, { type: 'submitted' }>) =>
    `submitted job ${jobId} of ${engine.title} as ${runs.length === 1 ? `run ${runs[0]?.id}` : `runs ${runs[0]?.id} to ${runs.at(-1)?.id}`}; script ${displayPath(scriptBeside(script), io.cwd)}, log ${runs.length === 1 ? log : log.replace(/(\.log)?$/, '.*.log')}`;
  const { ids, code } = await followSubmission(launch, plan.count, { output, verbose: false, line }, io);
  if (code !== 0) {
    if (code === 130) await cancel(store, ids, io);
    return code;
  }
  const view = { head: '', total: ids.length, parallel: ids.length, store };
  const refresh = rendered.useScandir
    ? refreshing([directoryOfLog(script), ...ids.map((id) => attemptsOf(store, id))])
    : undefined;
  try {
    return await followToEnd(cancelling(watchRuns(store, ids), store, ids, io), view, io, { stream: 'never', output });
  } finally {
    clearInterval(refresh);
  }
}

/** The launch: one run, or one for each element of the array. */
function planOf(
  { command }: JobArgs,
  { script }: TemplateJob,
  settings: Settings,
  indexes: readonly number[],
  io: Io,
): Plan {
  const [word = ''] = command;
  // Modules that the template loads may bring it; where it is not seen here, the job will tell.
  const file = findCommand(word, io.cwd, io.env['PATH'] ?? '') ?? word;
  return planLaunch({
    cwd: io.cwd,
    commands: [
      {
        program: { argv: command, file, executable: file, directory: undefined },
        points: pointsOf(indexes.length === 0 ? [] : [parseOverride(`array=${indexes.join(',')}`)]),
        config: { kind: 'overrides-only' },
        args: { style: 'verbatim', preset: undefined },
        written: undefined,
      },
    ],
    settings,
    script: undefined,
    code: undefined,
    job: script,
  });
}

/** Nothing is written before it is known that log, script and store can be, and that no other job writes to the log. */
async function checkPlaces({ job, settings }: Plan, io: Io): Promise<void> {
  const store = settings.logger.parent_log_dir;
  const problem = directoryProblem(store);
  if (problem !== undefined) fail({ reason: 'store-unusable', path: store, code: problem });
  if (!job) return;
  const path = displayPath(job.log, io.cwd);
  const code = ifPresent(() => statSync(job.log))?.isDirectory() ? 'EISDIR' : directoryProblem(directoryOfLog(job));
  if (code !== undefined) fail({ reason: 'log-unusable', path, code });
  const alive = (await runsNow(store, runsOfJobLog(store, job.stem))).filter(({ status }) => !isOver(status.status));
  if (alive.length > 0) fail({ reason: 'log-in-use', path, ids: alive.map(({ id }) => id) });
}

/** Follows runs to their ends and says which have failed; the exit code is that of the job, where it is one run. */
async function followToEnd(
  launch: Launch,
  view: Parameters<typeof followLaunch>[1],
  io: Io,
  options: FollowOptions,
): Promise<number> {
  const ended: Extract<LaunchEvent, { type: 'ended' }>[] = [];
  const watched: Launch = {
    ...launch,
    events: (async function* () {
      for await (const event of launch.events) {
        if (event.type === 'ended') ended.push(event);
        yield event;
      }
    })(),
  };
  const code = await followLaunch(watched, view, io, options);
  const bad = ended.filter(({ status }) => status.status !== 'COMPLETE');
  if (view.total > 1 && bad.length > 0 && options.output === 'text') {
    const which = bad.map(
      ({ run, status }) => `${run.label.replace('array=', '')} (run ${run.id}, ${status.reason ?? status.status})`,
    );
    io.stderr.write(
      `${bad.length} of ${view.total} elements of the array not complete: ${printableLine(which.join(', '))}\n`,
    );
  }
  const [only] = bad;
  return code === 1 && view.total === 1 && only?.exitCode ? only.exitCode : code;
}

/** Ctrl-C ends the jobs; that they have ended is waited for. A terminal that goes away leaves them to the engine, for what has waited long. */
function cancelling(watching: Launch, store: string, ids: readonly number[], io: Io): Launch {
  let told = false;
  return {
    ...watching,
    stop: (reason, signal) => {
      if (signal === 'SIGHUP') return watching.stop(reason);
      // A second one does not wait any more.
      if (told) watching.stop(reason);
      told = true;
      void cancel(store, ids, io);
    },
  };
}

async function cancel(store: string, ids: readonly number[], io: Io): Promise<void> {
  const { failed } = await stopRuns(store, ids, 'stopped by Ctrl-C');
  for (const { ids: left, why } of failed)
    io.stderr.write(`mlx: can't stop ${left.join(' ')}: ${printableLine(why)}\n`);
}

const attemptsOf = (store: string, id: number) => runPaths.attempts(storePaths.run(store, id));

/** Lists directories again and again: a file system over a network then looks at them anew. */
function refreshing(directories: readonly string[]): NodeJS.Timeout {
  return setInterval(() => {
    for (const directory of directories) ifPresent(() => readdirSync(directory));
  }, 2000);
}

async function dryRun(
  shape: { readonly plan: Plan; readonly notes: readonly string[]; readonly jobs: JobPlan | undefined },
  parsed: ParsedArgs,
  io: Io,
): Promise<number> {
  const { showDryRun } = await import('../../launching/dry-run.js');
  return showDryRun({ ...shape, parallel: 1 }, io, parsed.has('json'));
}
