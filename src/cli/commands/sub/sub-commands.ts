import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadConfigBase } from '../../../config/index.js';
import { ifPresent } from '../../../core/errno.js';
import { findCommand } from '../../../core/find-command.js';
import type { Span } from '../../../core/span.js';
import {
  type BatchCommand,
  type BatchScript,
  type CommandRequest,
  configRequestOf,
  type Program,
  pointsOf,
  readBatchCommands,
} from '../../../launch/index.js';
import type { ShellScript } from '../../../script/index.js';
import type { Settings } from '../../../settings/index.js';
import type { Override } from '../../../sweep/index.js';
import type { Io } from '../../grammar/command.js';
import type { ConfigOptions } from '../../options/config.js';

/** The commands of a script, for a launch request. */
interface ScriptCommands {
  readonly commands: readonly CommandRequest[];
  readonly batch: BatchScript;
  readonly notes: readonly string[];
}

/**
 * Returns the commands of a script that become runs, each with its program, config and points. Throws what
 * reading the script and the configs throws.
 */
export async function batchCommands(
  shell: ShellScript,
  options: ConfigOptions,
  io: Pick<Io, 'cwd' | 'env'>,
  {
    settings,
    ...script
  }: {
    readonly overrides: readonly Override[];
    readonly directives: readonly Span[];
    readonly shebang: string;
    readonly settings: Settings;
  },
): Promise<ScriptCommands> {
  const reading = await readBatchCommands(shell, { environment: io.env, cwd: io.cwd });
  const notes = [...reading.notes];
  const commands: CommandRequest[] = [];
  for (const written of reading.commands) {
    const program = programOf(written, io);
    const overrides = [...written.overrides.map(({ override }) => override), ...script.overrides];
    commands.push({
      program,
      points: pointsOf(overrides),
      config: loadConfigBase(configRequestOf(options, io, program, settings)),
      args: { style: 'overrides', preset: undefined },
      written,
    });
  }
  const { directives, shebang } = script;
  const batch = { name: shell.source.name, shell, commands: reading.commands, directives, shebang };
  return { commands, batch, notes: [...new Set(notes)] };
}

/** Returns the program of a command, as far as its words show it. The job's shell finds the real one. */
function programOf({ command, overrides }: BatchCommand, { cwd, env }: Pick<Io, 'cwd' | 'env'>): Program {
  const own = new Set(overrides.map(({ word }) => word));
  const argv = command.words.filter((word) => !own.has(word)).map(({ shown }) => shown);
  const [name = ''] = argv;
  const isFile = (word: string) => ifPresent(() => statSync(resolve(cwd, word)))?.isFile();
  const script = argv.slice(1).find((word) => /\.\w+$/.test(word) && isFile(word)) ?? (isFile(name) ? name : undefined);
  const executable = findCommand(name, cwd, env['PATH'] ?? '') ?? name;
  const file = script === undefined ? executable : resolve(cwd, script);
  return { argv, file, executable, directory: script === undefined ? undefined : dirname(file) };
}
