import { attempt } from '../failures/index.js';
import { isSweep, type Override, parseOverride, plainOverride, valueText } from '../sweep/index.js';
import { isMapping, scalarText, valueAt } from '../values/index.js';
import type { ConfigBase } from './config-base.js';

/** The overrides that a config of Hydra adds to a launch. */
interface SweeperParams {
  /** `hydra.sweeper.params`, which come before the overrides of the command line. */
  readonly before: readonly Override[];
  /** `hydra.mode=RUN`, so that a run does not sweep again. */
  readonly after: readonly Override[];
  readonly notes: readonly string[];
}

const none: SweeperParams = { before: [], after: [], notes: [] };

/**
 * Returns the overrides of the sweep that a config of Hydra describes: `hydra.sweeper.params` with
 * `hydra.mode: MULTIRUN`. In another mode Hydra ignores the params, and mlx too, with a note.
 * Throws what `parseOverride` throws.
 */
export function sweeperParams(base: ConfigBase, overrides: readonly Override[]): SweeperParams {
  if (base.kind === 'overrides-only') return none;
  const single = overrides.filter(({ value }) => !isSweep(value)).map(plainOverride);
  // Planning the points reports a config that can't be composed.
  const whole = attempt(() => base.composer.compose(single).whole);
  const params = whole && valueAt(whole, 'hydra.sweeper.params');
  const isMultirun = String((whole && valueAt(whole, 'hydra.mode')) ?? '').toUpperCase() === 'MULTIRUN';
  const words = isMapping(params)
    ? [...params].map(([key, value]) => `${scalarText(key)}=${typeof value === 'string' ? value : valueText(value)}`)
    : [];
  if (!isMultirun) {
    const note = `hydra.sweeper.params of ${base.composer.name} are not swept; hydra.mode=MULTIRUN makes them`;
    return words.length === 0 ? none : { ...none, notes: [note] };
  }
  const name = `hydra.sweeper.params of ${base.composer.name}`;
  return {
    before: words.map((word) => parseOverride(word, { name })),
    after: [parseOverride('hydra.mode=RUN')],
    notes: [],
  };
}
