import { join } from 'node:path';
import { type ProcessIdentity, thisProcess } from '../../core/process.js';
import { patchFile, storePaths } from '../../store/index.js';
import { configValue, formatYamlRecord } from '../../values/index.js';
import { codeText } from '../code/launch-code.js';
import type { Plan } from '../plan/plan.js';
import type { Target } from '../target.js';
import { type FileModes, fileModes } from './environment.js';

/** What all runs of a launch have in common. */
export interface LaunchContext {
  readonly plan: Plan;
  readonly target: Target;
  readonly launch: string;
  readonly store: string;
  /** The directory in the store with `run.sh` and the clients. */
  readonly runtime: string;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly modes: FileModes;
  /** `mlx.yaml`, the same text for every run. */
  readonly settingsText: string;
  /** The entry `version_manager` of `info.yaml`. */
  readonly codeText: string;
  /** The patch of changes that no commit has, which is linked into each run. */
  readonly patch: string | undefined;
  readonly launcher: ProcessIdentity;
}

/** Returns what all runs of a launch have in common; made once per launch. */
export function launchContext(
  plan: Plan,
  facts: Pick<LaunchContext, 'target' | 'launch' | 'store' | 'runtime' | 'environment'>,
): LaunchContext {
  const { code } = plan;
  return {
    ...facts,
    plan,
    modes: fileModes(plan, facts.store),
    settingsText: settingsText(plan),
    codeText: codeText(code),
    patch: code?.patch ? join(storePaths.launch(facts.store, facts.launch), patchFile) : undefined,
    launcher: thisProcess(),
  };
}

/** Returns the text of `mlx.yaml`. */
export function settingsText(plan: Plan): string {
  return formatYamlRecord(configValue(plan.settings));
}
