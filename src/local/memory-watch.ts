import { readFileSync } from 'node:fs';

/**
 * Returns the memory of all processes that `pid` has started, in bytes: the sum of what they use now, or the
 * peak of the largest one if that is more. Undefined without /proc. From proc(5): `children` of its tasks,
 * VmRSS and VmHWM of status.
 */
export function memoryOf(pid: number): number | undefined {
  let together = 0;
  let most = 0;
  const open = [pid];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const status = readProcess(`/proc/${one}/status`);
    const children = readProcess(`/proc/${one}/task/${one}/children`);
    if (children !== undefined) open.push(...children.trim().split(' ').filter(Boolean).map(Number));
    if (status === undefined || one === pid) continue;
    together += kibibytes(status, 'VmRSS');
    most = Math.max(most, kibibytes(status, 'VmHWM'));
  }
  const bytes = Math.max(together, most) * 1024;
  return bytes > 0 ? bytes : undefined;
}

/** Returns a file of /proc, or undefined if the process has ended. */
function readProcess(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
}
