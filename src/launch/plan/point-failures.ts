import { type Failure, fail, type MlxError } from '../../failures/index.js';
import { type Point, sourceToken } from '../../sweep/index.js';

/** The most failures that are reported. */
const shown = 20;

/** Collects the failures of a launch's points, each once however many points have it. */
export interface PointFailures {
  readonly add: (point: Point, error: MlxError) => void;
  /**
   * Throws `points-failed` if there is a failure, or the failure itself if all points have the same one.
   * `good` is the number of points without a failure.
   */
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
