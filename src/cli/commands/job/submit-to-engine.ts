import { readdirSync } from 'node:fs';
import { ifPresent } from '../../../core/errno.js';
import { findCommand } from '../../../core/find-command.js';
import { displayPath } from '../../../core/paths.js';
import { quoteCommand } from '../../../core/quote.js';
import { printableLine } from '../../../core/text.js';
import { loadEngine, readLimits, submissionWords, withoutArray } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import { clusterOfWords, type EngineTarget, type LaunchEvent, startEngine } from '../../../launch/index.js';
import { noResources } from '../../../resources/index.js';
import { watchRuns } from '../../../runs/index.js';
import { noDependencies, runPaths, storePaths } from '../../../store/index.js';
import {
  directoryOfLog,
  type JobBackend,
  scriptBeside,
  type TemplateJob,
  withElements,
} from '../../../templates/index.js';
import type { Io } from '../../grammar/command.js';
import { followSubmission } from '../../launching/follow-submission.js';
import { goOnCommand } from '../../launching/go-on.js';
import { outputOf } from '../../options/output.js';
import { cancel, cancelling, followToEnd } from './follow-to-end.js';
import type { JobOptions } from './spec.js';
import { checkWritable, dryRun, ignoredSettings, planOf, type TemplateLaunch } from './template-launch.js';

/**
 * Submits the job to an engine as its template has it, and waits for its end. Resolves to the job's exit
 * code.
 */
export async function submitToEngine(
  backend: Exclude<JobBackend, 'local'>,
  asked: TemplateLaunch,
  options: JobOptions,
  io: Io,
): Promise<number> {
  const { job: rendered, settings } = asked;
  const engine = await loadEngine(backend);
  const { submit, script } = rendered;
  if (!submit) throw new Error('a job without a submission');
  const words = await submissionWords(submit.text, submit.span, io);
  const single = withoutArray(words, engine);
  const { job, indexes } = withElements(rendered, engine.task.index, single.indexes);
  const target: EngineTarget = {
    kind: 'engine',
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
    cluster: clusterOfWords(engine, words),
    submit: { words, single: single.words, step: (indexes[1] ?? 2) - 1 },
  };
  const plan = planOf({ ...asked, job }, indexes, io);
  const ignored = ignoredSettings(settings);
  const notes = [`submitted with ${quoteCommand(indexes.length > 1 ? words : single.words)}`, ...ignored];
  if (options.dryRun) return dryRun({ plan, notes, target }, options, io);
  const [command] = words;
  if (findCommand(command, io.cwd, io.env['PATH'] ?? '') === undefined)
    fail({ reason: 'engine-missing', engine: engine.title, command });
  await checkWritable(plan, io.cwd);
  const output = outputOf(options);
  if (output === 'text') for (const note of ignored) io.stderr.write(`note     ${printableLine(note)}\n`);
  const store = plan.settings.logger.parent_log_dir;
  const origin = { argv: io.argv, version: io.version, environment: io.env };
  const started = startEngine(plan, { target, limits: await readLimits(engine, target.cluster) }, origin);
  const line = (event: Submitted) => submittedLine(event, engine.title, script, io.cwd);
  const { ids, launch, code } = await followSubmission(started, plan.count, { output, verbose: false, line }, io);
  if (code !== 0) {
    if (code === 130 && ids.length > 0) {
      await cancel(store, ids, io);
      io.stderr.write(`${await goOnCommand(launch, store, io)} submits it again\n`);
    }
    return code;
  }
  const view = { head: '', total: ids.length, parallel: ids.length, store, launch };
  const refresh = rendered.useScandir
    ? refreshing([directoryOfLog(script), ...ids.map((id) => runPaths.attempts(storePaths.run(store, id)))])
    : undefined;
  try {
    return await followToEnd(cancelling(watchRuns(store, ids), store, ids, io), view, io, { stream: 'never', output });
  } finally {
    clearInterval(refresh);
  }
}

type Submitted = Extract<LaunchEvent, { type: 'submitted' }>;

function submittedLine({ runs, jobId }: Submitted, title: string, script: TemplateJob['script'], cwd: string): string {
  const log = displayPath(script.log, cwd);
  const [first, last] = [runs[0]?.id, runs.at(-1)?.id];
  const [which, logs] =
    runs.length === 1 ? [`run ${first}`, log] : [`runs ${first} to ${last}`, log.replace(/(\.log)?$/, '.*.log')];
  return `submitted job ${jobId} of ${title} as ${which}; script ${displayPath(scriptBeside(script), cwd)}, log ${logs}`;
}

/** Lists directories again and again, so that a network file system refreshes its cache of them. */
function refreshing(directories: readonly string[]): NodeJS.Timeout {
  return setInterval(() => {
    for (const directory of directories) ifPresent(() => readdirSync(directory));
  }, 2000);
}
