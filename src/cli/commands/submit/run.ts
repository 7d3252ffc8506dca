import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { split } from 'shlex';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { printableLine } from '../../../core/text.js';
import { queueOf } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import {
  activatesEnvironment,
  checkJobs,
  type LaunchEvent,
  type LaunchRequest,
  launchSettings,
  limitsArrays,
  type Plan,
  type PlannedTarget,
  planLaunch,
  planTarget,
  pointsOf,
  programOfWords,
  type RequestDirectory,
  refuseVersionOptions,
  requestHere,
  withExported,
} from '../../../launch/index.js';
import { waitingOf } from '../../../runs/index.js';
import { checkStoreWritable } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import type { Io } from '../../grammar/command.js';
import type { CheckedTarget } from '../../launching/carry-out.js';
import { engineChooser } from '../../launching/choose-engine.js';
import { queuePlan } from '../../launching/follow-queueing.js';
import { refuseUnknownEngine } from '../../launching/refuse-unknown-engine.js';
import { settingsNotes } from '../../launching/request-notes.js';
import { parseTaskIds, type TaskIds } from '../../launching/task-ids.js';
import { submittedText } from '../../output/submitted-text.js';
import type { SubmitOptions } from './spec.js';

/** `mlx submit PROGRAM ARGS…`: submits one command, its arguments as they are, once or as several tasks. */
export async function run({ rest: words = [], options }: ParsedArgs<SubmitOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'quiet', 'json');
  refuseTogether(options, 'local', 'scheduler');
  refuseTogether(options, 'taskIds', 'repeat');
  if (words.length === 0) fail({ reason: 'missing-argument', argument: 'PROGRAM', command: 'submit' });
  refuseUnknownEngine(options.scheduler, words.slice(0, 1), io);
  const text = options.taskIds;
  const tasks = text === undefined ? undefined : parseTaskIds(text);
  const environment = environmentOf(options.env, io.env);
  const found = await launchSettings(options, io.cwd, []);
  const withEnv = {
    ...found.settings,
    environment: [...found.settings.environment, ...Object.keys(environment)],
  };
  const inside = { ...io, env: { ...io.env, ...environment } };
  const chooser = engineChooser(io);
  const chosen = options.local ? 'local' : await chooser.choose(options.scheduler, found, { always: true });
  if (chosen === undefined) fail({ reason: 'submit-here' });
  const repeat = options.repeat;
  const { parent_log_dir: store } = withEnv.logger;
  const waiting = () => waitingOf(options, { store, cwd: io.cwd, chain: repeat !== undefined });
  const planned = withTasks(
    await planTarget(options, { chosen, settings: withEnv, waiting }),
    tasks,
    options.array !== undefined,
  );
  const settings = withExported(withEnv, options.export);
  if (!settings.use_version_manager) refuseVersionOptions(options);
  const points = { ...pointsOf(tasks ? [parseOverride(`task=${tasks.ids.join(',')}`)] : []), repeat };
  const stdin = stdinOf(options.stdin, io.cwd);
  const interpreter = options.interpreter === undefined ? [] : split(options.interpreter);
  const requestFrom = async (at: RequestDirectory): Promise<LaunchRequest> => ({
    cwd: at.cwd,
    commands: [
      {
        program: programOfWords(
          words.map((word, i) => at.word(word, i === 0)),
          {
            cwd: at.cwd,
            interpreter: interpreter.map((word, i) => at.word(word, i === 0)),
            path: inside.env['PATH'] ?? '',
            activated: planned.target.kind === 'engine' && activatesEnvironment(settings),
          },
        ),
        points,
        config: { kind: 'overrides-only' },
        args: { style: 'verbatim', preset: undefined },
        written: undefined,
        stdin,
      },
    ],
    settings,
    script: undefined,
    code: undefined,
  });
  const request = await requestFrom(requestHere(io.cwd));
  const made = planLaunch(request);
  checkStoreWritable(settings.logger.parent_log_dir);
  const notes = [...settingsNotes(found.settingsFile), ...planned.notes];
  const carryOut = (plan: Plan, all: readonly string[]) =>
    submit(plan, { ...planned, notes: all, onChecked: chooser.keep }, options, inside);
  if (!settings.use_version_manager) return carryOut(made, notes);
  const { launchVersioned } = await import('../../launching/launch-versioned.js');
  const planOf = async (again: LaunchRequest) => planLaunch(again);
  return launchVersioned(
    { made, request, requestFrom, planOf, target: planned.target, notes },
    options,
    inside,
    carryOut,
  );
}

async function submit(
  plan: Plan,
  { target, notes, onChecked }: CheckedTarget,
  options: SubmitOptions,
  io: Io,
): Promise<number> {
  const shape = { plan, parallel: 1, notes, onChecked };
  if (options.dryRun) {
    const { showDryRun } = await import('../../launching/dry-run.js');
    return showDryRun({ ...shape, target }, io, options.json);
  }
  for (const note of notes) io.stderr.write(`note     ${printableLine(note)}\n`);
  const lineIn = (queueName: string | undefined) => (event: Submitted) =>
    submittedText('Submitted', event, queueName, io.cwd);
  if (target.kind === 'queue') return queuePlan({ ...shape, target }, options, io, lineIn(undefined));
  if (target.kind === 'here') return fail({ reason: 'submit-here' });
  const { submitPlan } = await import('../../launching/follow-submission.js');
  return submitPlan({ ...shape, target }, options, io, (limits) => lineIn(queueOf(target, limits)));
}

type Submitted = Extract<LaunchEvent, { type: 'submitted' }>;

/**
 * Returns the target for the tasks of `-t`: one array, with a limit on the tasks that run at once; without an
 * array where the engine's have no such limit. Throws what `checkJobs` throws.
 */
function withTasks(planned: PlannedTarget, tasks: TaskIds | undefined, asksForArray: boolean): PlannedTarget {
  const { target } = planned;
  if (!tasks) return planned;
  if (target.kind === 'queue' && tasks.atOnce !== undefined)
    fail({ reason: 'needs-engine', option: `-t …%${tasks.atOnce}` });
  if (target.kind !== 'engine') return planned;
  const maxRunning = tasks.atOnce ?? target.maxRunning;
  const limited = { ...target, maxRunning };
  const array = asksForArray || (maxRunning !== undefined && !limitsArrays(target)) ? target.array : 'always';
  checkJobs({ ...limited, array });
  return { ...planned, target: { ...limited, array } };
}

/** Reads `--env NAME=VALUE`; `--env NAME` takes the variable's value from the environment. */
function environmentOf(assignments: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    assignments.map((text) => {
      const [, name, value = env[name ?? '']] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        return badValue('--env', text, 'NAME=VALUE, or the NAME of a variable that is set');
      return [name, value];
    }),
  );
}

/** Returns the absolute path of `--stdin`. Throws `bad-option-value` if the file can't be read. */
function stdinOf(path: string | undefined, cwd: string): string | undefined {
  if (path === undefined) return undefined;
  const absolute = resolve(cwd, path);
  try {
    accessSync(absolute, constants.R_OK);
  } catch {
    return badValue('--stdin', path, 'a file that can be read');
  }
  return absolute;
}

function badValue(option: string, value: string, expected: string): never {
  return fail({ reason: 'bad-option-value', option, value, expected, near: undefined });
}
