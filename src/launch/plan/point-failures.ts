import { type Failure, fail, type MlxError } from '../../failures/index.js';
import { type Point, sourceToken } from '../../sweep/index.js';

/** So many different things that are wrong are told of. */
const shown = 20;

/** What is wrong with the points of a launch, each thing once however many points have it. */
export interface PointFailures {
  readonly add: (point: Point, error: MlxError) => void;
  /** Throws `points-failed`, or where all points have one and the same failure that, if there is any; `good` points have none. */
  readonly refuse: (good: number) => void;
}

export function pointFailures(): PointFailures {
  const groups = new Map<string, { failure: Failure; count: number; example: string }>();
  let count = 0;
  return {
    add({ overrides }, { failure }) {
      count++;
      const key = JSON.stringify(failure, (name, value) => (name === 'span' ? value?.offset : value));
      const group = groups.get(key);
      if (group) group.count++;
      else if (groups.size < shown)
        groups.set(key, { failure, count: 1, example: overrides.map(sourceToken).join(' ') });
    },
    refuse(good) {
      const [first, ...others] = groups.values();
      if (!first) return;
      if (good === 0 && others.length === 0) fail(first.failure);
      fail({ reason: 'points-failed', points: good + count, failed: count, groups: [first, ...others] });
    },
  };
}
