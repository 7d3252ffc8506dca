import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { type ConfigBase, recordedConfig, recordOfConfig, singleConfig } from '../../config/index.js';
import { ifPresent } from '../../core/errno.js';
import { ownEnvironment } from '../../core/own-environment.js';
import { fail } from '../../failures/index.js';
import { configValue, formatYamlRecord, readYamlRecord } from '../../values/index.js';
import type { BatchScript } from '../plan/batch-script.js';
import type { CommandRequest, Plan, PlannedCommand } from '../plan/plan.js';
import { pointsEntries, recordedPoints, recordOfPoints } from './points-record.js';

/** What a launch's record has of one command. */
export const commandEntries = {
  command: v.array(v.string()),
  file: v.string(),
  executable: v.string(),
  args: v.picklist(['overrides', 'flags', 'canonical', 'none', 'verbatim']),
  preset: v.nullable(v.picklist(['hydra', 'mlxp'])),
  config: v.nullable(v.string()),
  /** Its offset in the batch script; null without one. */
  at: v.nullish(v.number(), null),
  /** The file that is its standard input; null without one. */
  stdin: v.nullish(v.string(), null),
  /** The commands of one run, in order; empty if it is a single one. */
  steps: v.optional(
    v.array(v.object({ name: v.string(), command: v.array(v.string()), file: v.string(), executable: v.string() })),
    [],
  ),
  ...pointsEntries,
};

/** The record of one command. */
export type CommandRecord = v.InferOutput<v.ObjectSchema<typeof commandEntries, undefined>>;

/** Returns the record of a command. */
export function recordOfCommand(command: PlannedCommand): CommandRecord {
  const { program, args, config, written, points, stdin, steps = [] } = command;
  return {
    command: [...program.argv],
    file: program.file,
    executable: program.executable,
    args: args.style,
    preset: args.preset ?? null,
    config: config.kind === 'composed' ? config.composer.name : null,
    at: written?.command.span.offset ?? null,
    stdin: stdin ?? null,
    steps: steps.map(({ name, program: { argv, file, executable } }) => ({
      name,
      command: [...argv],
      file,
      executable,
    })),
    ...recordOfPoints(points.request),
  };
}

/** Returns the files beside a launch's record that hold the config of each command. */
export function configFiles({ commands }: Pick<Plan, 'commands'>): Record<string, string> {
  const configs = commands.flatMap(({ config }, i) => {
    return config.kind === 'composed' ? [[configFile(i), formatYamlRecord(configValue(recordOfConfig(config)))]] : [];
  });
  return Object.fromEntries(configs);
}

const configFile = (index: number) => (index === 0 ? 'configs.yaml' : `configs-${index + 1}.yaml`);

/** Returns a command of a plan from its record; `directory` is the launch's. */
export function commandOfRecord(
  command: CommandRecord,
  {
    directory,
    index,
    script,
  }: { readonly directory: string; readonly index: number; readonly script: BatchScript | undefined },
): CommandRequest {
  const { command: argv, file, executable, steps } = command;
  return {
    program: { argv, file, executable, directory: undefined },
    points: recordedPoints(command),
    config: command.config === null ? { kind: 'overrides-only' } : configOfRecord(directory, index, command.config),
    args: { style: command.args, preset: command.preset ?? undefined },
    stdin: command.stdin ?? undefined,
    steps:
      steps.length === 0
        ? undefined
        : steps.map(({ name, command: words, file: stepFile, executable: stepExecutable }) => ({
            name,
            program: { argv: words, file: stepFile, executable: stepExecutable, directory: undefined },
          })),
    written: script?.commands.find((one) => one.command.span.offset === command.at),
  };
}

function configOfRecord(directory: string, index: number, name: string): ConfigBase {
  const path = join(directory, configFile(index));
  const single = ifPresent(() => readFileSync(path.replace(/configs(-\d+)?\.yaml$/, 'config$1.yaml'), 'utf8'));
  if (single !== undefined) return singleConfig(single, name, ownEnvironment());
  const config = recordedConfig(readYamlRecord(path), name, ownEnvironment());
  return config ?? fail({ reason: 'broken-record', path, problem: { kind: 'no-config' } });
}
