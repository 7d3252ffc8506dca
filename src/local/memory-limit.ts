import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ifPresent } from '../core/errno.js';

/** A memory limit of a run on this machine. */
export interface MemoryLimit {
  /** What the supervisor gets: see `mlx_limit_memory` in `run.sh`. */
  readonly word: string;
  /** Removes the control group, if there is one. */
  release(): void;
}

/**
 * Limits the memory of one run to `bytes`, by the best means that this process may use. The first choice is a
 * control group for all processes of the run: cgroups(7), version 2 if this process may make groups next to
 * its own, or version 1. The second is RLIMIT_DATA for each process: setrlimit(2); in most programs an
 * allocation then fails. `name` must be unique on this machine.
 */
export function limitMemory(bytes: number, name: string): MemoryLimit {
  for (const { directory, limits } of groupsFor(`mlx-${name}`)) {
    if (!makeGroup(directory, limits(bytes))) continue;
    return { word: `cgroup ${directory}`, release: () => removeGroup(directory) };
  }
  return { word: `data ${Math.floor(bytes / 1024)}`, release() {} };
}

interface Group {
  readonly directory: string;
  /** The files to write. The kernel must accept the first one. */
  readonly limits: (bytes: number) => readonly (readonly [file: string, value: string])[];
}

const root = '/sys/fs/cgroup';

function groupsFor(name: string): Group[] {
  const own = ifPresent(() => readFileSync('/proc/self/cgroup', 'utf8')) ?? '';
  const [, unified] = /^0::(\/.*)$/m.exec(own) ?? [];
  const [, memory] = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(own) ?? [];
  return [
    // A group with processes can't have groups with limits below it, so the run's group is made next to it.
    ...(unified === undefined
      ? []
      : [
          {
            directory: join(root, dirname(unified), name),
            limits: (bytes: number) =>
              [
                ['memory.max', String(bytes)],
                ['memory.swap.max', '0'],
                ['memory.oom.group', '1'],
              ] as const,
          },
        ]),
    ...(memory === undefined
      ? []
      : [
          {
            directory: join(root, 'memory', memory, name),
            limits: (bytes: number) =>
              [
                ['memory.limit_in_bytes', String(bytes)],
                ['memory.memsw.limit_in_bytes', String(bytes)],
              ] as const,
          },
        ]),
  ];
}

function makeGroup(directory: string, limits: ReturnType<Group['limits']>): boolean {
  try {
    mkdirSync(directory);
  } catch {
    return false;
  }
  const [first, ...others] = limits;
  const isLimited = first !== undefined && existsSync(join(directory, first[0])) && tryWrite(directory, first);
  if (!isLimited) {
    removeGroup(directory);
    return false;
  }
  for (const other of others) tryWrite(directory, other);
  return true;
}

function tryWrite(directory: string, [file, value]: readonly [string, string]): boolean {
  try {
    writeFileSync(join(directory, file), value, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

function removeGroup(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // A process of the run still lives in it; the group disappears when the machine restarts.
  }
}
