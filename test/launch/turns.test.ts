import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTurn, type OpenJob } from '../../src/launch/engine/turns.js';

/** A job in an engine that starts whatever may start, as soon as it may. */
interface Job extends OpenJob {
  readonly awaited: readonly string[];
  /** Its tasks: how many wait, and how many run. */
  waiting: number;
  running: number;
}

/** An engine with the jobs of one launch, of which no more than `most` may run at once. */
class Engine {
  readonly jobs: Job[] = [];
  highest = 0;

  constructor(readonly most: number) {}

  get open(): Job[] {
    return this.jobs.filter(({ waiting, running }) => waiting + running > 0);
  }

  submit(tasks: number): void {
    const open = this.open.map((job) => ({ ...job, tasks: job.waiting + job.running }));
    const { turn, jobIds } = nextTurn(open, this.most, tasks);
    const jobId = String(this.jobs.length);
    const { lane, order } = turn;
    this.jobs.push({ jobId, runs: [], tasks, lane, order, awaited: jobIds, waiting: tasks, running: 0 });
    this.schedule();
  }

  /** Ends a running task, or cancels a waiting one. */
  end(which: number, what: 'waiting' | 'running'): void {
    const some = this.jobs.filter((job) => job[what] > 0);
    const job = some[which % some.length];
    if (job) job[what]--;
    this.schedule();
  }

  schedule(): void {
    for (const job of this.open) {
      if (this.open.some(({ jobId }) => job.awaited.includes(jobId))) continue;
      const starts = Math.min(job.waiting, this.most - job.running);
      job.waiting -= starts;
      job.running += starts;
    }
    this.highest = Math.max(
      this.highest,
      this.jobs.map(({ running }) => running).reduce((a, b) => a + b, 0),
    );
  }
}

const open = (jobId: string, more: Partial<OpenJob> = {}): OpenJob => ({
  jobId,
  runs: [Number(jobId)],
  tasks: 1,
  lane: undefined,
  order: 0,
  ...more,
});

describe('the turn of a job', () => {
  test('comes at once in a lane that is free', () => {
    expect(nextTurn([], 2, 1)).toEqual({ turn: { lane: 0, order: 1, behind: '' }, jobIds: [] });
    expect(nextTurn([open('1', { lane: 0, order: 1 })], 2, 1)).toEqual({
      turn: { lane: 1, order: 2, behind: '' },
      jobIds: [],
    });
  });

  test('comes behind the open jobs of the shortest lane', () => {
    const jobs = [
      open('3', { lane: 0, order: 3 }),
      open('1', { lane: 0, order: 1 }),
      open('2', { lane: 1, order: 2, runs: [2, 7] }),
    ];
    expect(nextTurn(jobs, 2, 1)).toEqual({ turn: { lane: 1, order: 4, behind: '2,7' }, jobIds: ['2'] });
  });

  test('of an array comes behind everything, and everything behind an array', () => {
    const single = open('1', { lane: 1, order: 1 });
    expect(nextTurn([single], 2, 5)).toEqual({ turn: { lane: undefined, order: 2, behind: '1' }, jobIds: ['1'] });
    const arrays = [open('1', { tasks: 5, runs: [1, 2, 3, 4, 5], order: 1 }), open('6', { tasks: 5, order: 2 })];
    expect(nextTurn(arrays, 2, 5).jobIds).toEqual(['1', '6']);
    expect(nextTurn(arrays, 2, 1)).toMatchObject({ turn: { lane: 0, behind: '1-6' }, jobIds: ['1', '6'] });
  });

  test('comes at once beside jobs that leave room for it', () => {
    expect(nextTurn([open('1', { tasks: 2 })], 4, 2).jobIds).toEqual([]);
    expect(nextTurn([open('1', { tasks: 2 })], 4, 3).jobIds).toEqual(['1']);
    expect(nextTurn([open('1', { tasks: 5 })], 4, 1).jobIds).toEqual(['1']);
  });

  test('never lets more run at once, whatever is submitted, ends and is cancelled when', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('single' as const), n: fc.nat(9) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('array' as const), n: fc.nat(9) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), n: fc.nat(99) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), n: fc.nat(99) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
        const engine = new Engine(most);
        // A lane looks back over as many cancelled jobs, see `lookBack`.
        let cancels = 7;
        for (const { kind, n } of steps) {
          if (kind === 'single') engine.submit(1);
          else if (kind === 'array') engine.submit(2 + n);
          else if (kind === 'end') engine.end(n, 'running');
          else if (cancels-- > 0) engine.end(n, 'waiting');
        }
        expect(engine.highest).toBeLessThanOrEqual(most);
        for (let left = 1000; left > 0 && engine.open.length > 0; left--) engine.end(left, 'running');
        // Nothing waits for ever.
        expect([engine.highest <= most, engine.open.length]).toEqual([true, 0]);
      }),
      { numRuns: 500 },
    );
  });

  test('comes one after the other in as many lanes as may run at once', () => {
    const engine = new Engine(3);
    for (let i = 0; i < 15; i++) engine.submit(1);
    expect(engine.jobs.map(({ lane }) => lane)).toEqual(Array.from({ length: 15 }, (_, i) => i % 3));
    expect(engine.jobs.map(({ running }) => running).filter(Boolean)).toHaveLength(3);
  });
});
