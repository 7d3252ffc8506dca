import { hostname } from 'node:os';
import { basename } from 'node:path';
import { configValue, formatYamlRecord } from '../config/yaml.js';
import { type ProcessIdentity, type RunContents, storePaths } from '../logger/index.js';
import { quoteCommand, renderScript } from '../script/index.js';
import { sourceToken } from '../sweep/index.js';
import type { Plan, RunSpec } from './plan.js';
import { argvOf } from './reach.js';
import { supervisorIn } from './runtime.js';

/** What all runs of a launch have in common. */
export interface LaunchContext {
  readonly plan: Plan;
  readonly launch: string;
  readonly store: string;
  /** The directory in the store with `run.sh` and the clients. */
  readonly runtime: string;
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** `mlx.yaml`, the same text for every run. */
  readonly settingsText: string;
  readonly launcher: ProcessIdentity;
}

/** The contents of one run's directory; pure. */
export function runContents(
  context: LaunchContext,
  spec: RunSpec,
  { id, token, firstAttempt }: { readonly id: number; readonly token: string; readonly firstAttempt: number },
): RunContents {
  const { plan, launch, store } = context;
  const directory = storePaths.run(store, id);
  const argv = argvOf(plan.reach, spec.point.overrides, spec.config, { id, directory, store });
  return {
    job: {
      token,
      firstAttempt,
      launch,
      point: spec.point.index,
      engine: 'here',
      jobId: undefined,
      idVariable: undefined,
      launcher: context.launcher,
      verdict: undefined,
    },
    info: {
      runDirectory: directory,
      id,
      launch,
      currentFilePath: plan.program.file,
      executable: plan.program.executable,
      host: hostname(),
      workDirectory: plan.cwd,
      command: quoteCommand(argv),
      engine: 'here',
    },
    overrides: spec.point.overrides.map(sourceToken),
    config: formatYamlRecord(spec.config),
    settings: context.settingsText,
    script: renderScript({
      shell: plan.settings.scheduler.shell_path,
      runDirectory: directory,
      supervisor: supervisorIn(context.runtime),
      environment: context.environment,
      workDirectory: plan.cwd,
      argv,
    }),
  };
}

/** The text of `mlx.yaml`. */
export function settingsText(plan: Plan): string {
  return formatYamlRecord(configValue(plan.settings));
}

/**
 * The variables that scripts set: those that the settings name, as they are now; PYTHONPATH with the store's runtime behind
 * all else, so that `import mlxrun` works and shadows nothing; for Python, output that is not held back, so that logs can be
 * followed and hold what a killed program had printed.
 */
export function launchEnvironment(
  { settings: { environment: names }, program }: Pick<Plan, 'settings' | 'program'>,
  environment: Readonly<Record<string, string | undefined>>,
  runtime: string,
): [name: string, value: string][] {
  const wanted = (name: string) =>
    names.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
  const taken = Object.entries(environment).filter(
    (entry): entry is [string, string] => wanted(entry[0]) && /^[A-Za-z_]\w*$/.test(entry[0]) && entry[1] !== undefined,
  );
  const python = taken.find(([name]) => name === 'PYTHONPATH')?.[1];
  return [
    ...taken.filter(([name]) => name !== 'PYTHONPATH').sort(([a], [b]) => (a < b ? -1 : 1)),
    ['PYTHONPATH', pythonPath(python, runtime)],
    ...(isPython(program)
      ? [['PYTHONUNBUFFERED', environment['PYTHONUNBUFFERED'] ?? '1'] satisfies [string, string]]
      : []),
  ];
}

function pythonPath(path: string | undefined, runtime: string): string {
  if (!path) return runtime;
  return path.split(':').includes(runtime) ? path : `${path}:${runtime}`;
}

function isPython({ argv }: Plan['program']): boolean {
  return /^python[\d.]*$/.test(basename(argv[0] ?? ''));
}
