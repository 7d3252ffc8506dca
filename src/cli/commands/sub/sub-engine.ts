import { optionalAlone } from '../../../arguments/index.js';
import { batchEngines, detectEngines, engineNamed, headerLines } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import type { ShellScript } from '../../../script/index.js';
import type { Settings } from '../../../settings/index.js';
import type { Io } from '../../grammar/command.js';
import { batchEngine } from '../../launching/choose-engine.js';
import type { SubOptions } from './spec.js';

/** The engine that a script's jobs go to, undefined for this machine, and what to know of the choice. */
export interface ScriptEngine {
  readonly engine: string | undefined;
  readonly notes: readonly string[];
}

/**
 * The engine of a script: the one that is named, else one that its directives are for, of several the configured or an
 * installed one. Throws `unknown-engine` or `no-directives`.
 */
export async function engineOfScript(
  script: ShellScript,
  options: SubOptions,
  settings: Settings,
  io: Io,
): Promise<ScriptEngine> {
  const addressed = batchEngines.filter(
    ({ header }) => header && headerLines(header, script.source, script.headEnd).read.length > 0,
  );
  const engine = options.here
    ? undefined
    : await chosenEngine(
        addressed.map(({ names }) => names[0]),
        script,
        options,
        settings,
        io,
      );
  const own = batchEngines.find(({ names }) => names[0] === engine)?.marker;
  const others = [...new Set(addressed.map(({ marker }) => marker))].filter((marker) => marker !== own);
  const notes = others.map((marker) => `the ${marker} lines stay as comments`);
  return { engine, notes };
}

async function chosenEngine(
  addressed: readonly string[],
  script: ShellScript,
  options: SubOptions,
  settings: Settings,
  io: Io,
): Promise<string | undefined> {
  const asked = options.scheduler;
  const configured = engineNamed(settings.scheduler.name) ?? '';
  if (asked !== undefined && asked !== optionalAlone) return batchEngine(asked, io.cwd);
  if (addressed.includes(configured)) return configured;
  const detected = (await detectEngines(io.env['PATH'] ?? '')).map(({ names }) => names[0]);
  const [only, ...others] = addressed;
  if (only !== undefined)
    return others.length === 0 ? only : (addressed.find((name) => detected.includes(name)) ?? only);
  if (configured !== '' && configured !== 'here') return batchEngine(settings.scheduler.name, io.cwd);
  return fail({ reason: 'no-directives', name: script.source.name, detected });
}
