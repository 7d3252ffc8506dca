import { readFileSync } from 'node:fs';

/**
 * Bytes of memory that a process and all that it has started use now, and the most that one of them has used so far, whichever is more
 * (proc(5): `children` of its tasks, VmRSS and VmHWM of status); undefined where the kernel does not tell.
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

/** Undefined where the process has ended meanwhile. */
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
