import { optionalAlone } from '../../../arguments/index.js';
import { batchEngines, detectEngines, engineNamed, headerLines } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import { batchEngine } from '../../../launch/index.js';
import type { ShellScript } from '../../../script/index.js';
import type { Settings } from '../../../settings/index.js';
import type { Io } from '../../grammar/command.js';
import type { SubOptions } from './spec.js';

/** The engine of a script's jobs, undefined for this machine, with notes about the choice. */
interface ScriptEngine {
  readonly engine: string | undefined;
  readonly notes: readonly string[];
}

/**
 * Returns the engine of a script: the one that `--scheduler` names, else the one that the script's directives
 * are for. If they are for several, the configured or an installed one. Throws `unknown-engine` or
 * `no-directives`.
 */
export async function engineOfScript(
  script: ShellScript,
  { here, scheduler }: Pick<SubOptions, 'here' | 'scheduler'>,
  settings: Settings,
  io: Pick<Io, 'cwd' | 'env'>,
): Promise<ScriptEngine> {
  const addressed = batchEngines.filter(
    ({ header }) => header && headerLines(header, script.source, script.headEnd).read.length > 0,
  );
  const names = addressed.map(({ names: [name] }) => name);
  const named = scheduler === undefined || scheduler === optionalAlone ? undefined : scheduler;
  const engine = here
    ? undefined
    : named === undefined
      ? await engineOfDirectives(names, script, settings, io)
      : batchEngine(named, io.cwd);
  const own = batchEngines.find(({ names }) => names[0] === engine)?.marker;
  const others = [...new Set(addressed.map(({ marker }) => marker))].filter((marker) => marker !== own);
  const notes = others.map((marker) => `the ${marker} lines stay as comments`);
  return { engine, notes };
}

async function engineOfDirectives(
  addressed: readonly string[],
  script: ShellScript,
  settings: Settings,
  io: Pick<Io, 'cwd' | 'env'>,
): Promise<string | undefined> {
  const configured = engineNamed(settings.scheduler.name) ?? '';
  if (addressed.includes(configured)) return configured;
  const detected = (await detectEngines(io.env['PATH'] ?? '')).map(({ names }) => names[0]);
  const [only, ...others] = addressed;
  if (only !== undefined)
    return others.length === 0 ? only : (addressed.find((name) => detected.includes(name)) ?? only);
  if (configured !== '' && configured !== 'here') return batchEngine(settings.scheduler.name, io.cwd);
  return fail({ reason: 'no-directives', name: script.source.name, detected });
}
