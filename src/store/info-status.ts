import { readFileSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { yamlScalar } from '../core/yaml-scalar.js';
import type { Attempt } from './attempts.js';
import { runPaths } from './paths.js';
import { isFinalStatus, type RunStatus } from './statuses.js';

/**
 * Writes the end of a run into the status lines of `info.yaml`, which its supervisor (`run.sh`) normally
 * does. Call it only after the supervisor has died without writing them. Throws the system's error.
 */
export function closeInfo(run: string, { status, reason }: RunStatus, end: Date, exitCode?: number): void {
  const two = (n: number) => String(n).padStart(2, '0');
  const fields: Readonly<Record<string, string>> = {
    status,
    reason: yamlScalar(reason ?? null),
    exit_code: String(exitCode ?? null),
    end_date: `${two(end.getDate())}/${two(end.getMonth() + 1)}/${end.getFullYear()}`,
    end_time: `'${two(end.getHours())}:${two(end.getMinutes())}:${two(end.getSeconds())}'`,
  };
  const text = readFileSync(runPaths.info(run), 'utf8').replace(/^([a-z_]+):.*$/gm, (line, key: string) => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return value === undefined ? line : `${key}: ${value}`;
  });
  writeFileAtomic(runPaths.info(run), text);
}

/**
 * Renames the new `info.yaml` that the supervisor with this process id wrote on this host. The launcher does
 * it because bash would start a process for one rename. If it fails, `info.yaml` stays as it was: the
 * attempts hold the status too.
 */
export function moveInfoIntoPlace(run: string, supervisor: number): void {
  const path = runPaths.info(run);
  try {
    renameSync(`${path}.${hostname()}.${supervisor}.tmp`, path);
  } catch {
    // The run directory is being removed, or the disk fails.
  }
}

/**
 * Returns the status in `info.yaml`, or undefined if missing. It is out of date if the supervisor was killed.
 */
export function infoStatus(run: string): string | undefined {
  return /^status: (\w+)/m.exec(ifPresent(() => readFileSync(runPaths.info(run), 'utf8')) ?? '')?.[1];
}

/** Returns the command line in `info.yaml`, or undefined if missing. */
export const infoCommand = (run: string): string | undefined => infoText(run, 'command');

/** Returns the working directory in `info.yaml`, or undefined if missing. */
export const infoWorkDirectory = (run: string): string | undefined => infoText(run, 'work_dir');

function infoText(run: string, field: string): string | undefined {
  const text = ifPresent(() => readFileSync(runPaths.info(run), 'utf8')) ?? '';
  const [, value] = new RegExp(`^${field}: (.*)$`, 'm').exec(text) ?? [];
  if (!value?.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    // Cut short, or rewritten with escapes that only YAML has.
    return undefined;
  }
}

/**
 * Writes a final status into `info.yaml` if the file is out of date. A status that is not final is never
 * stored.
 */
export function correctInfo(run: string, status: RunStatus, attempt: Attempt | undefined): void {
  if (!isFinalStatus(status.status) || infoStatus(run) === status.status) return;
  const end = attempt?.end;
  closeInfo(run, status, end ? new Date(end.end * 1000) : new Date(), end?.exitCode);
}
