import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ifPresent } from '../core/errno.js';

/** How the memory of a run on this machine is limited: what its supervisor is told, see `mlx_limit_memory` in `run.sh`. */
export interface MemoryLimit {
  readonly word: string;
  /** Lets go of what the kernel kept for it. */
  release(): void;
}

/**
 * Limits the memory of one run to so many bytes by what the kernel allows this process: a control group of its own for all that the run
 * starts (cgroups(7): version 2 where groups beside this one can be made, or version 1), else RLIMIT_DATA for each of its processes
 * (setrlimit(2)), which most programs meet as an allocation that fails.
 */
export function limitMemory(bytes: number, name: string): MemoryLimit {
  for (const { directory, limits } of groupsFor(`mlx-${name}`)) {
    if (!makeGroup(directory, limits(bytes))) continue;
    return { word: `cgroup ${directory}`, release: () => removeGroup(directory) };
  }
  return { word: `data ${Math.floor(bytes / 1024)}`, release() {} };
}

/** How `limitMemory` does it here, for people. */
export function memoryLimitText(): string {
  const limit = limitMemory(2 ** 30, `probe-${process.pid}`);
  limit.release();
  return limit.word.startsWith('cgroup')
    ? 'by a control group for all of a run'
    : 'by RLIMIT_DATA for each process of a run';
}

interface Group {
  readonly directory: string;
  /** Files and what is written to them; the first one must be taken. */
  readonly limits: (bytes: number) => readonly (readonly [file: string, value: string])[];
}

const root = '/sys/fs/cgroup';

function groupsFor(name: string): Group[] {
  const own = ifPresent(() => readFileSync('/proc/self/cgroup', 'utf8')) ?? '';
  const [, unified] = /^0::(\/.*)$/m.exec(own) ?? [];
  const [, memory] = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(own) ?? [];
  return [
    // A group that holds processes can't have groups with limits below it: the run's is made beside it.
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
    // Something of the run lives on in it; the group goes with the machine's next start.
  }
}
