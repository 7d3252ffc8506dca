import type { ExpressionValue } from '../../expression/index.js';
import { numberText } from '../axis/scale.js';

// Stops of the colour map viridis (CC0): brighter means more, also in black and white.
const stops = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

/** The colour (red, green and blue) of a heat between 0, the lowest, and 1, the highest. */
export function heatColour(heat: number): readonly [number, number, number] {
  const at = heat * (stops.length - 1);
  const low = stops[Math.floor(at)] ?? stops[0];
  const high = stops[Math.ceil(at)] ?? low;
  const mix = (i: 0 | 1 | 2) => Math.round(low[i] + (high[i] - low[i]) * (at - Math.floor(at)));
  return [mix(0), mix(1), mix(2)];
}

/** A colour bar for a range as SVG, labelled with both ends. */
export function heatScale([low, high]: readonly [number, number], x: number, y: number): string {
  const parts = Array.from(
    { length: 50 },
    (_, i) => `<rect x="${x + i * 4}" y="${y}" width="4.5" height="10" fill="rgb(${heatColour(i / 49).join(',')})"/>`,
  );
  const end = (at: number, anchor: string, value: number) =>
    `<text x="${at}" y="${y + 26}" text-anchor="${anchor}">${numberText(value)}</text>`;
  return [...parts, end(x, 'start', low), end(x + 200, 'end', high)].join('\n');
}

/** A config value as a short text. */
export const shownValue = (value: ExpressionValue) => {
  const text = value === undefined ? 'none' : typeof value === 'number' ? String(value) : String(value ?? 'null');
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
};
