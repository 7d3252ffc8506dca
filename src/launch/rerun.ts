import { isAbsolute, join } from 'node:path';
import isEmpty from 'lodash/isEmpty.js';
import isEqual from 'lodash/isEqual.js';
import pick from 'lodash/pick.js';
import * as v from 'valibot';
import { inCopy, pathInside } from '../code/index.js';
import { thisProcess } from '../core/process.js';
import type { Resources } from '../engines/index.js';
import { fail } from '../failures/index.js';
import { type CompleteRun, isOver, newId, storePaths, writeJob } from '../store/index.js';
import { parseOverride } from '../sweep/index.js';
import { plainData, readYamlRecord } from '../values/index.js';
import type { LaunchCode } from './code/launch-code.js';
import { changedLimits } from './here/run-limits.js';
import { carryOut, type Launch, type RunLimits, type Task } from './here/work.js';
import { installedRuntime, supervisorIn } from './make/runtime.js';
import { type Plan, planLaunch } from './plan/plan.js';
import { pointsOf } from './plan/points.js';
import type { Program } from './plan/program.js';
import { describeFile, type RecordedLaunch } from './record/launch-record.js';

/**
 * The plan that runs a recorded point again: the same command, config and settings, the point's overrides, and over them
 * further ones, which may sweep. Throws what `parseOverride` and `planLaunch` throw.
 */
export function planRerun(run: CompleteRun, recorded: RecordedLaunch, words: readonly string[]): Plan {
  const { plan } = recorded;
  const command = plan.commands.findLast(({ first }) => first <= (run.job?.point ?? 0)) ?? plan.commands[0];
  if (!command) return fail({ reason: 'foreign-run', id: run.id });
  const logger = { ...plan.settings.logger, forced_log_id: -1 };
  const overrides = overlayWords(run.overrides, words).map((word) => parseOverride(word));
  const commands = [{ ...command, points: pointsOf(overrides) }];
  return planLaunch({ ...plan, commands, settings: { ...plan.settings, logger } });
}

/**
 * A plan that runs from a copy of a commit instead: the same command in the same directory of the work tree, files of the commit that it
 * names absolutely taken from the copy.
 */
export function planInCopy(plan: Plan, code: LaunchCode): Plan {
  const { repository, copy } = code.version;
  const place = (path: string) => inCopy(code.version, path) ?? path;
  const cwd = join(copy ?? repository, pathInside(plan.code?.version.copy ?? repository, plan.cwd) ?? '');
  const word = (text: string) => (isAbsolute(text) && describeFile(text) ? place(text) : text);
  const commands = plan.commands.map((command) => {
    const moved = (program: Program): Program => {
      const { argv, file, executable } = program;
      return { ...program, argv: argv.map(word), file: place(file), executable: place(executable) };
    };
    const steps = command.steps?.map((step) => ({ ...step, program: moved(step.program) }));
    return { ...command, program: moved(command.program), steps, points: command.points.request };
  });
  return planLaunch({ ...plan, cwd, commands, code });
}

/** The commit that a run's launch was at, where that was all of its code. Throws `version-unknown`. */
export function commitOf(
  store: string,
  run: CompleteRun,
  { plan }: RecordedLaunch,
): { readonly repository: string; readonly commit: string; readonly branch: string | null } {
  const { code } = plan;
  if (code) {
    const { copy, dirty, repository, commit, branch } = code.version;
    if (copy === null && dirty) fail({ reason: 'version-unknown', id: run.id, why: 'changed' });
    return { repository, commit, branch };
  }
  const described = recordedCode(store, run.job?.launch ?? '');
  if (!described?.repository || !described.commit)
    return fail({ reason: 'version-unknown', id: run.id, why: 'no-repository' });
  const { repository, commit, branch, diff_sha256 } = described;
  return diff_sha256 === null
    ? { repository, commit, branch }
    : fail({ reason: 'version-unknown', id: run.id, why: 'changed' });
}

/** Overrides with others over them: one of the same key takes the place of the one that is there, added keys stay added. */
export function overlayWords(words: readonly string[], over: readonly string[]): string[] {
  const result = [...words];
  for (const word of over) {
    const { key, kind } = parseOverride(word);
    const place = result.findIndex((present) => parseOverride(present).key === key);
    const prefix = kind === 'change' ? (/^\+*/.exec(result[place] ?? '')?.[0] ?? '') : '';
    if (place === -1) result.push(word);
    else result[place] = prefix + word;
  }
  return result;
}

/**
 * Starts runs again in their own directories, each as its next attempt, by its own script; within the limits of their launch, save what was
 * `changed`. Throws `run-alive`, or `foreign-run` for one without a script.
 */
export function rerunInPlace(
  store: string,
  runs: readonly CompleteRun[],
  limits: RunLimits,
  changed: Partial<Resources>,
): Launch {
  for (const { id, job, status } of runs) {
    if (!job) fail({ reason: 'foreign-run', id });
    if (!isOver(status.status)) fail({ reason: 'run-alive', id });
  }
  return carryOut(
    () => ({
      launch: runs[0]?.job?.launch ?? '',
      store,
      supervisor: supervisorIn(installedRuntime(store)),
      tasks: againTasks(runs, changed),
      finish() {},
    }),
    changedLimits(limits, changed),
  );
}

function* againTasks(runs: readonly CompleteRun[], changes: Partial<Resources>): Generator<Task> {
  const changed = isEmpty(changes) ? undefined : JSON.stringify(changes);
  for (const { id, directory, job, overrides, attempt: last } of runs) {
    if (!job) continue;
    // The one after that which was found to have ended; where another process has started it meanwhile, it is followed.
    const attempt = (last?.number ?? 0) + 1;
    const token = newId();
    const launcher = thisProcess();
    writeJob(directory, {
      ...job,
      ...onThisMachine,
      token,
      firstAttempt: attempt,
      verdict: undefined,
      launcher,
      changed,
    });
    const run = { id, directory, token, point: job.point, overrides, label: overrides.join(' ') };
    yield { kind: 'start', run, attempt };
  }
}

/** What of an earlier submission to an engine no longer holds for a process. */
const onThisMachine = {
  engine: 'here',
  jobId: undefined,
  idVariable: undefined,
  task: undefined,
  restartsGetNewIds: false,
  after: undefined,
  queued: undefined,
};

/** What has changed since a launch, so that running it again may give something else. */
export type Change =
  | { readonly what: 'file-gone' | 'file-changed'; readonly path: string }
  | { readonly what: 'commit'; readonly repository: string; readonly was: string; readonly is: string | null }
  /** The commit is the same, the differences of tracked files to it are not. */
  | { readonly what: 'uncommitted'; readonly repository: string };

const codeSchema = v.object({
  repository: v.nullable(v.string()),
  commit: v.nullable(v.string()),
  branch: v.nullish(v.string(), null),
  diff_sha256: v.nullish(v.string(), null),
});

/** The code beside a launch that has no version of its own; undefined where a launch was killed before it was described. */
export function recordedCode(store: string, launch: string): v.InferOutput<typeof codeSchema> | undefined {
  const parsed = v.safeParse(codeSchema, recordedData(join(storePaths.launch(store, launch), 'code.yaml')));
  return parsed.success ? parsed.output : undefined;
}

/** Compares the files that a launch's command names, its interpreter among them, and its code with what is there now. */
export async function changesSince(store: string, launch: string, recorded: RecordedLaunch): Promise<Change[]> {
  const files = recorded.files.flatMap((was): Change[] => {
    const is = describeFile(was.path);
    if (!is) return [{ what: 'file-gone', path: was.path }];
    // A file that was only touched is the same, where its content was recorded.
    const told = was.sha256 === null ? ['size', 'modified'] : ['sha256'];
    return isEqual(pick(was, told), pick(is, told)) ? [] : [{ what: 'file-changed', path: was.path }];
  });
  return [...files, ...(await codeChange(store, launch, recorded.plan.cwd))];
}

async function codeChange(store: string, launch: string, cwd: string): Promise<Change[]> {
  const was = recordedCode(store, launch);
  // Without a record, or without a repository, there is nothing to compare.
  if (!was || was.repository === null || was.commit === null) return [];
  const { repository, commit, diff_sha256 } = was;
  const { describeCode } = await import('../code/index.js');
  const now = await describeCode(cwd);
  if (now.commit !== commit) return [{ what: 'commit', repository, was: commit, is: now.commit }];
  return now.diff_sha256 === diff_sha256 ? [] : [{ what: 'uncommitted', repository }];
}

function recordedData(path: string): unknown {
  try {
    return plainData(readYamlRecord(path));
  } catch {
    // A launch that was killed early has no such file.
    return undefined;
  }
}
