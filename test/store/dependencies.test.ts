import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dependencyFields, readDependencies } from '../../src/store/dependencies.js';
import { type Dependencies, readiness, type Status } from '../../src/store/index.js';

const wait = (after: Partial<Dependencies>): Dependencies => ({ ok: [], any: [], fail: [], ...after });

test.for<[Partial<Dependencies>, Record<number, Status | 'deleted'>, object]>([
  [{}, {}, { kind: 'ready' }],
  [{ ok: [1] }, { 1: 'COMPLETE' }, { kind: 'ready' }],
  [{ ok: [1] }, { 1: 'RUNNING' }, { kind: 'waiting', on: [1] }],
  [{ ok: [1] }, { 1: 'LOST' }, { kind: 'waiting', on: [1] }],
  [{ ok: [1] }, { 1: 'FAILED' }, { kind: 'unmet', reason: 'dependency 1 failed' }],
  [{ ok: [1] }, { 1: 'TIMEOUT' }, { kind: 'unmet', reason: 'dependency 1 ended as TIMEOUT' }],
  [{ ok: [1] }, { 1: 'deleted' }, { kind: 'unmet', reason: 'dependency 1 was deleted' }],
  [{ ok: [1, 2] }, { 1: 'QUEUED', 2: 'STOPPED' }, { kind: 'unmet', reason: 'dependency 2 ended as STOPPED' }],
  [{ any: [1, 2] }, { 1: 'FAILED', 2: 'deleted' }, { kind: 'ready' }],
  [{ any: [1] }, { 1: 'HELD' }, { kind: 'waiting', on: [1] }],
  [{ fail: [1] }, { 1: 'TIMEOUT' }, { kind: 'ready' }],
  [{ fail: [1] }, { 1: 'COMPLETE' }, { kind: 'unmet', reason: 'dependency 1 did not fail' }],
])('%o with %o', ([after, statuses, expected]) => {
  expect(readiness(wait(after), (id) => statuses[id] ?? 'QUEUED')).toEqual(expected);
});

test('what a run waits for is read back from its record as it was', () => {
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 10 ** 9 }), { maxLength: 30 });
  fc.assert(
    fc.property(ids, ids, ids, (ok, any, fail) => {
      const sorted = (list: number[]) => [...list].sort((a, b) => a - b);
      const back = readDependencies(new Map(Object.entries(dependencyFields({ ok, any, fail }))));
      const none = ok.length + any.length + fail.length === 0;
      expect(back).toEqual(none ? undefined : { ok: sorted(ok), any: sorted(any), fail: sorted(fail) });
    }),
  );
});
