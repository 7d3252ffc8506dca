import { basename } from 'node:path';
import { defaultSettings } from '../../settings/index.js';
import { secretMode } from '../../store/index.js';
import { environmentInCopy } from '../code/launch-code.js';
import { type Plan, programsOf } from '../plan/plan.js';
import type { Program } from '../plan/program.js';

/**
 * Returns the variables that scripts set: those that the settings name, as they are now; PYTHONPATH with the
 * store's runtime after everything else, so that `import mlxrun` works and shadows nothing; and for Python
 * unbuffered output, so that logs can be followed and a killed program's last lines are kept.
 */
export function launchEnvironment(
  { settings: { environment: names }, commands, code }: Pick<Plan, 'settings' | 'commands' | 'code'>,
  environment: Readonly<Record<string, string | undefined>>,
  runtime: string,
): [name: string, value: string][] {
  const wanted = (name: string) =>
    names.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
  const found = Object.entries(environment).filter(
    (entry): entry is [string, string] => wanted(entry[0]) && /^[A-Za-z_]\w*$/.test(entry[0]) && entry[1] !== undefined,
  );
  const taken = code ? environmentInCopy(found, code) : found;
  const python = taken.find(([name]) => name === 'PYTHONPATH')?.[1];
  return [
    ...taken.filter(([name]) => name !== 'PYTHONPATH').sort(([a], [b]) => (a < b ? -1 : 1)),
    ['PYTHONPATH', pythonPath(python, runtime)],
    ...(commands.some((command) => programsOf(command).some(isPython))
      ? [['PYTHONUNBUFFERED', environment['PYTHONUNBUFFERED'] ?? '1'] satisfies [string, string]]
      : []),
  ];
}

/** The permissions of the files of a launch, which the umask lowers further. */
export interface FileModes {
  /** Of scripts. */
  readonly script: number;
  /** Of the launch's record. */
  readonly record: number;
}

/**
 * Returns the permissions of what holds the values of a launch's variables: if more are exported than mlx
 * does by itself (`--export`, setting `environment`), nobody but the user, or the group of the store, may
 * read them.
 */
export function fileModes({ settings: { environment } }: Pick<Plan, 'settings'>, store: string): FileModes {
  const isPrivate = environment.some((name) => !defaultSettings.environment.includes(name));
  if (!isPrivate) return { script: 0o777, record: 0o666 };
  return { script: secretMode(store, 0o700), record: secretMode(store, 0o600) };
}

function pythonPath(path: string | undefined, runtime: string): string {
  if (!path) return runtime;
  return path.split(':').includes(runtime) ? path : `${path}:${runtime}`;
}

function isPython({ argv }: Program): boolean {
  return argv.some((word) => /^python[\d.]*$/.test(basename(word)));
}
