import { attempt } from '../failures/index.js';
import { isSweep, type Override, parseOverride, plainOverride, valueText } from '../sweep/index.js';
import { isMapping, scalarText, valueAt } from '../values/index.js';
import type { ConfigBase } from './config-base.js';

/** What a config of Hydra adds to the overrides of a launch. */
export interface SweeperParams {
  /** `hydra.sweeper.params`, which go before those of the command line. */
  readonly before: readonly Override[];
  /** What keeps each run from sweeping itself. */
  readonly after: readonly Override[];
  readonly notes: readonly string[];
}

const none: SweeperParams = { before: [], after: [], notes: [] };

/**
 * The sweep that a config of Hydra asks for: with `hydra.mode: MULTIRUN` that of `hydra.sweeper.params`. Without that mode Hydra
 * leaves the params alone, and so does mlx, with a note.
 */
export function sweeperParams(base: ConfigBase, overrides: readonly Override[]): SweeperParams {
  if (base.kind === 'overrides-only') return none;
  const single = overrides.filter(({ value }) => !isSweep(value)).map(plainOverride);
  // What can't be composed is told of when the points are.
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
