import { readFileSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { writeFileAtomic } from '../core/atomic-file.js';
import { ifPresent } from '../core/errno.js';
import { yamlScalar } from '../core/yaml-scalar.js';
import type { Attempt } from './attempts.js';
import { runPaths } from './paths.js';
import { isFinalStatus, type RunStatus } from './status.js';

/**
 * Writes how a run ended into the status lines of `info.yaml` in place of its supervisor. Only for a launcher that saw
 * the supervisor die without doing so itself: at any other time these lines are `run.sh`'s.
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
 * Moves a new `info.yaml` into place that the supervisor with this process id wrote on this host: one rename, which from
 * bash would take a process. Where it fails, `info.yaml` stays as it was; the attempts tell the status all the same.
 */
export function placeInfo(run: string, supervisor: number): void {
  const path = runPaths.info(run);
  try {
    renameSync(`${path}.${hostname()}.${supervisor}.tmp`, path);
  } catch {
    // The run directory is being removed, or the disk fails.
  }
}

/** The status that `info.yaml` tells, which is behind where a supervisor was killed before it could write it. */
export function infoStatus(run: string): string | undefined {
  return /^status: (\w+)/m.exec(ifPresent(() => readFileSync(runPaths.info(run), 'utf8')) ?? '')?.[1];
}

/** The command line in `info.yaml`. */
export const infoCommand = (run: string): string | undefined => infoText(run, 'command');

/** The working directory in `info.yaml`. */
export const infoWorkDirectory = (run: string): string | undefined => infoText(run, 'work_dir');

function infoText(run: string, field: string): string | undefined {
  const text = ifPresent(() => readFileSync(runPaths.info(run), 'utf8')) ?? '';
  const [, value] = new RegExp(`^${field}: (.*)$`, 'm').exec(text) ?? [];
  if (!value?.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    // Cut short, or rewritten with YAML's own escapes.
    return undefined;
  }
}

/** Brings `info.yaml` to what the attempts tell, where it is behind. What is not final is shown, never stored. */
export function mendInfo(run: string, status: RunStatus, attempt: Attempt | undefined): void {
  if (!isFinalStatus(status.status) || infoStatus(run) === status.status) return;
  const end = attempt?.end;
  closeInfo(run, status, end ? new Date(end.end * 1000) : new Date(), end?.exitCode);
}
