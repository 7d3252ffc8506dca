import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { processStart } from '../../src/core/process.js';
import { readJob, readLastAttempt, runStatus, type Verdict } from '../../src/store/index.js';
import { askSupervisor, assignments, caseRuns, pathsOf } from './supervisor.js';

/** What the supervisor saw of an attempt, and the status that it has then. */
interface Ending {
  readonly name: string;
  readonly code: number;
  readonly signals?: string;
  readonly byHand?: boolean;
  readonly attempt?: number;
  readonly verdict?: Verdict;
  readonly overTime?: boolean;
  readonly unmet?: string;
  readonly outOfMemory?: boolean;
  readonly steps?: readonly string[];
  readonly status: string;
  readonly reason: string | null;
}

/** The files that an attempt left, its status, and what run.sh does about the next one: start it, or exit so. */
interface Left {
  readonly name: string;
  readonly claim: string | null;
  readonly end: string | null;
  readonly signals?: readonly string[];
  readonly byHand?: boolean;
  readonly packed?: boolean;
  readonly job?: string;
  readonly newIds?: boolean;
  readonly firstAttempt?: number;
  readonly verdict?: Verdict;
  readonly status: string;
  readonly reason: string | null;
  readonly start: 'starts' | number;
}

interface Cases {
  readonly endings: readonly Ending[];
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly ends: Readonly<Record<string, readonly string[]>>;
  readonly left: readonly Left[];
}

const { endings, claims, ends, left }: Cases = JSON.parse(
  readFileSync(new URL('../fixtures/status-cases.json', import.meta.url), 'utf8'),
);
const runs = caseRuns();
afterAll(runs.remove);

/** Texts of the cases with this process in place of `{host}`, `{pid}` and `{start}`. */
function filled(lines: readonly string[]): string[] {
  const own: Record<string, string> = {
    host: hostname(),
    pid: String(process.pid),
    start: processStart(process.pid) ?? 'unknown',
  };
  return lines.map((line) => line.replace(/\{(host|pid|start)\}/g, (_, name: string) => own[name] ?? ''));
}

function linesOf(table: Readonly<Record<string, readonly string[]>>, name: string | null): string[] | undefined {
  if (name === null) return undefined;
  const lines = table[name];
  if (!lines) throw new Error(`no such file among the cases: ${name}`);
  return filled(lines);
}

const readStatus = (run: string) => runStatus(readJob(run)!, readLastAttempt(run));
const statusOf = ({ status, reason }: Ending | Left) => ({ status, reason: reason ?? undefined });

const ended = endings.map((one) => {
  const number = one.attempt ?? 1;
  const files = {
    [`${number}.yaml`]: filled(claims['gone']!).map((line) =>
      one.byHand ? line.replace('by_hand: false', 'by_hand: true') : line,
    ),
    [`${number}.steps`]: one.steps?.map((step) => `- ${step}`),
  };
  const run = runs.make({ verdict: one.verdict }, files);
  // A control group in which the kernel has killed something, 64 MiB large.
  const group = join(run, 'group');
  mkdirSync(group);
  writeFileSync(join(group, 'memory.peak'), '67108864\n');
  writeFileSync(join(group, 'memory.max'), '67108864\n');
  writeFileSync(join(group, 'memory.events'), `oom 1\noom_kill ${one.outOfMemory ? 1 : 0}\n`);
  const seen = {
    ...pathsOf(run),
    attempt: number,
    code: one.code,
    signals: one.signals ?? '',
    by_hand: one.byHand ? 'true' : '',
    over_time: one.overTime ? 1 : '',
    unmet: one.unmet ?? '',
    memory: one.outOfMemory === undefined ? '' : `cgroup ${group}`,
    served: 1,
  };
  const piece = `${assignments(seen)}
mlx_find_ending; mlx_record_end; mlx_judge
printf '%s\\n' "$mlx_info_status" "$mlx_info_reason"`;
  return { one, run, piece };
});
const endedReplies = askSupervisor(ended.map(({ piece }) => piece));

/** A reason as info.yaml has it. */
const reasonIn = (scalar: string) =>
  scalar === 'null' ? undefined : scalar.startsWith('"') ? JSON.parse(scalar) : scalar;

describe('how an attempt ended, by what the supervisor saw', () => {
  test.for(ended.map(({ one, run }, i) => [one.name, one, run, endedReplies[i]!] as const))(
    '%s',
    ([, one, run, reply]) => {
      const [status, reason = ''] = reply.stdout.split('\n');
      expect({ where: 'run.sh', status, reason: reasonIn(reason) }).toEqual({ where: 'run.sh', ...statusOf(one) });
      expect({ where: 'TypeScript', ...readStatus(run) }).toEqual({ where: 'TypeScript', ...statusOf(one) });
    },
  );
});

const leftRuns = left.map((one) => {
  const job = { verdict: one.verdict, restartsGetNewIds: one.newIds ?? false, firstAttempt: one.firstAttempt ?? 1 };
  const run = runs.make(job, {
    '1.yaml': linesOf(claims, one.claim),
    '1.end.yaml': linesOf(ends, one.end),
    '1.signals': one.signals,
  });
  const asked = {
    ...pathsOf(run),
    by_hand: one.byHand ? 'true' : '',
    packed: one.packed ? 1 : '',
    job: one.job ?? '',
  };
  const piece = `${assignments(asked)}\nmlx_read_job; mlx_find_last; mlx_check_last 2> /dev/null; printf starts`;
  return { one, run, piece };
});
const leftReplies = askSupervisor(leftRuns.map(({ piece }) => piece));

describe('how an attempt ended, by the files that it left', () => {
  test.for(leftRuns.map(({ one, run }, i) => [one.name, one, run, leftReplies[i]!] as const))(
    '%s',
    ([, one, run, reply]) => {
      const start = reply.stdout === 'starts' ? 'starts' : reply.code;
      expect({ where: 'run.sh', start }).toEqual({ where: 'run.sh', start: one.start });
      expect({ where: 'TypeScript', ...readStatus(run) }).toEqual({ where: 'TypeScript', ...statusOf(one) });
      // What ended well by one is complete by the other.
      if (reply.stdout !== 'starts' && reply.code === 0 && !one.packed) expect(one.status).toBe('COMPLETE');
    },
  );
});
