import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { split } from 'shlex';
import { queueOf } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import { type LaunchEvent, type LaunchRequest, type Plan, planLaunch, pointsOf } from '../../../launch/index.js';
import { checkStoreWritable } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import type { Io, ParsedArgs } from '../../grammar/command.js';
import { refuseTogether } from '../../grammar/parse-args.js';
import { chooseEngine } from '../../launching/choose-engine.js';
import { queuePlan } from '../../launching/follow-queueing.js';
import { activatesEnvironment, placeHere, type RequestPlace } from '../../launching/run-request.js';
import { programOfWords } from '../../launching/run-steps.js';
import { parseTaskIds, type TaskIds } from '../../launching/task-ids.js';
import { type PlannedTarget, planTarget } from '../../options/engine-options.js';
import { withExported } from '../../options/job-options.js';
import { launchSettings, refuseVersionOptions, settingsNotes } from '../../options/launch-options.js';
import { submittedText } from '../../output/submitted-text.js';

/** `mlx submit PROGRAM ARGS…`: submits one command with its arguments as they are, once or as tasks. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'quiet', 'json');
  refuseTogether(parsed, 'local', 'scheduler');
  refuseTogether(parsed, 'task-ids', 'repeat');
  const words = parsed.rest ?? [];
  if (words.length === 0) fail({ reason: 'missing-argument', argument: 'PROGRAM', command: 'submit' });
  const text = parsed.text('task-ids');
  const tasks = text === undefined ? undefined : parseTaskIds(text);
  const environment = environmentOf(parsed, io);
  const { settings: found, settingsFile } = await launchSettings(parsed, io, []);
  const settings = { ...found, environment: [...found.environment, ...Object.keys(environment)] };
  const inside = { ...io, env: { ...io.env, ...environment } };
  const chosen = parsed.has('local')
    ? 'local'
    : await chooseEngine(parsed, settings, settingsFile, io, { always: true });
  if (chosen === undefined) fail({ reason: 'submit-here' });
  const repeat = parsed.number('repeat');
  const engine = withTasks(
    await planTarget(chosen, settings, parsed, io, { chain: repeat !== undefined }),
    tasks,
    parsed,
  );
  if (!settings.use_version_manager) refuseVersionOptions(parsed);
  const points = { ...pointsOf(tasks ? [parseOverride(`task=${tasks.ids.join(',')}`)] : []), repeat };
  const stdin = stdinOf(parsed, io);
  const requestFrom = async (place: RequestPlace): Promise<LaunchRequest> => ({
    cwd: place.cwd,
    commands: [
      {
        program: programOf(
          words,
          place,
          parsed,
          inside,
          engine.target.kind === 'engine' && activatesEnvironment(settings),
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
  const request = await requestFrom(placeHere(io.cwd));
  const made = planLaunch(request);
  checkStoreWritable(settings.logger.parent_log_dir);
  const notes = [...settingsNotes(settingsFile), ...engine.notes];
  const carryOut = (plan: Plan, all: readonly string[]) => submit(plan, { ...engine, notes: all }, parsed, inside);
  if (!settings.use_version_manager) return carryOut(made, notes);
  const { launchVersioned } = await import('../../launching/launch-versioned.js');
  const planOf = async (again: LaunchRequest) => planLaunch(again);
  return launchVersioned(
    { made, request, requestFrom, planOf, target: engine.target, notes },
    parsed,
    inside,
    carryOut,
  );
}

async function submit(plan: Plan, { target, notes }: PlannedTarget, parsed: ParsedArgs, io: Io): Promise<number> {
  const shape = { plan: withExported(plan, parsed), parallel: 1, notes };
  if (parsed.has('dry-run')) {
    const { showDryRun } = await import('../../launching/dry-run.js');
    return showDryRun({ ...shape, target }, io, parsed.has('json'));
  }
  for (const note of notes) io.stderr.write(`note     ${note}\n`);
  const lineIn = (place: string | undefined) => (event: Submitted) => submittedText('Submitted', event, place, io.cwd);
  if (target.kind === 'queue') return queuePlan({ ...shape, target }, parsed, io, lineIn(undefined));
  if (target.kind === 'here') return fail({ reason: 'submit-here' });
  const { submitPlan } = await import('../../launching/follow-submission.js');
  return submitPlan({ ...shape, target }, parsed, io, (limits) => lineIn(queueOf(target, limits)));
}

type Submitted = Extract<LaunchEvent, { type: 'submitted' }>;

function programOf(
  words: readonly string[],
  place: RequestPlace,
  parsed: ParsedArgs,
  io: Io,
  activated: boolean,
): LaunchRequest['commands'][number]['program'] {
  const interpreter = parsed.text('interpreter');
  return programOfWords(
    words.map((word, at) => place.word(word, at === 0)),
    {
      cwd: place.cwd,
      interpreter: interpreter === undefined ? [] : split(interpreter).map((word, at) => place.word(word, at === 0)),
      path: io.env['PATH'] ?? '',
      activated,
    },
  );
}

/** `-t` asks for an array of its own, of which so many tasks run at once. */
function withTasks(engine: PlannedTarget, tasks: TaskIds | undefined, parsed: ParsedArgs): PlannedTarget {
  const { target } = engine;
  if (!tasks) return engine;
  if (target.kind === 'queue' && tasks.atOnce !== undefined)
    fail({ reason: 'needs-engine', option: `-t …%${tasks.atOnce}` });
  if (target.kind !== 'engine') return engine;
  const maxRunning = tasks.atOnce ?? target.maxRunning;
  return { ...engine, target: { ...target, array: parsed.has('array') ? target.array : 'always', maxRunning } };
}

/** `--env NAME=VALUE`; `--env NAME` as it is now. */
function environmentOf(parsed: ParsedArgs, io: Io): Record<string, string> {
  return Object.fromEntries(
    parsed.list('env').map((text) => {
      const [, name, value = io.env[name ?? '']] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        return badValue('--env', text, 'NAME=VALUE, or the NAME of a variable that is set');
      return [name, value];
    }),
  );
}

function stdinOf(parsed: ParsedArgs, io: Io): string | undefined {
  const path = parsed.text('stdin');
  if (path === undefined) return undefined;
  const absolute = resolve(io.cwd, path);
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
