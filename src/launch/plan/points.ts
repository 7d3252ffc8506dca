import { type ConfigBase, configAt } from '../../config/index.js';
import { nearest } from '../../core/suggest.js';
import { type Expression, holds, namesIn, parseExpression } from '../../expression/index.js';
import { fail, MlxError } from '../../failures/index.js';
import {
  exactSize,
  type Override,
  type Point,
  type Selection,
  type Sweep,
  selectPoints,
  sweepOf,
} from '../../sweep/index.js';
import type { Mapping } from '../../values/index.js';
import { expressionValue, leafNames, valueAt } from '../../values/index.js';

/** Which points a launch is to have; all that its record needs to give the same ones again. */
export interface PointsRequest extends Selection {
  readonly overrides: readonly Override[];
  /** Keys that move together. */
  readonly zip: readonly (readonly string[])[];
  /** Points given one by one. */
  readonly rows: readonly (readonly Override[])[] | undefined;
  /** Expressions of which all must hold. */
  readonly where: readonly string[];
  readonly seed: number;
}

/** The points of just these overrides. */
export function pointsOf(overrides: readonly Override[]): PointsRequest {
  return { overrides, zip: [], rows: undefined, where: [], seed: 0 };
}

/** The points of a launch, checked but not walked. */
export interface LaunchPoints {
  readonly request: PointsRequest;
  readonly sweep: Sweep;
  readonly where: readonly Expression[];
}

/** A point and the config it comes to. */
export interface ConfiguredPoint {
  readonly point: Point;
  readonly config: Mapping;
}

/** Throws what `sweepOf` and `parseExpression` throw. */
export function launchPoints(request: PointsRequest): LaunchPoints {
  return { request, sweep: sweepOf(request), where: request.where.map(parseExpression) };
}

/**
 * The points of a launch in order with their configs, made one at a time. A point whose config can't be composed
 * is told to `failed` and left out. Throws what `selectPoints` and, without `failed`, `configAt` throw, and `unknown-name` where an expression names what no point has.
 */
export function* configuredPoints(
  { request, sweep, where }: LaunchPoints,
  base: ConfigBase,
  failed?: (point: Point, error: MlxError) => void,
): Generator<ConfiguredPoint> {
  const configOf = (point: Point) => {
    try {
      return configAt(base, point.overrides);
    } catch (error) {
      if (!failed || !(error instanceof MlxError)) throw error;
      failed(point, error);
      return undefined;
    }
  };
  // Of the point that was looked at last, which is the one that is given next where it is kept.
  let looked: Mapping | undefined;
  const keeps = (point: Point) => {
    const config = configOf(point);
    if (!config) return false;
    if (!looked) for (const expression of where) checkNames(expression, config, sweep);
    looked = config;
    return where.every((expression) => holds(expression, (name) => expressionValue(valueAt(config, name))));
  };
  for (const point of selectPoints(sweep, request, where.length === 0 ? undefined : keeps)) {
    const config = looked ?? configOf(point);
    if (config) yield { point, config };
  }
}

/** A comparison with what is not there would be false for every point, and leave all of them out. */
function checkNames(expression: Expression, config: Mapping, { overrides }: Sweep): void {
  const keys = overrides.map(({ key }) => key);
  for (const { name, span } of namesIn(expression)) {
    const value = valueAt(config, name);
    const unresolved = typeof value === 'string' && value.includes('${');
    if (unresolved || (value === undefined && !keys.includes(name))) {
      const near = nearest(name, [...leafNames(config), ...keys]);
      fail({ reason: 'unknown-name', name, span, near: unresolved ? undefined : near, unresolved });
    }
  }
}

/** How many points a launch would have; they are walked where an expression decides. */
export function countPoints({ points: request, config }: { points: PointsRequest; config: ConfigBase }): bigint {
  const points = launchPoints(request);
  const known = knownCount(points);
  if (known !== undefined) return known;
  let count = 0n;
  for (const _ of configuredPoints(points, config)) count++;
  return count;
}

/** How many points there are, where that can be told without walking them. */
export function knownCount({ request, sweep, where }: LaunchPoints): bigint | undefined {
  const { sample, repeat = 1, only, skipped } = request;
  if (where.length > 0 || skipped !== undefined) return undefined;
  const size = exactSize(sweep);
  const wanted = sample === undefined ? size : BigInt(sample);
  // Drawn from intervals, values may come to be fewer than are wanted: those of ints.
  if (
    wanted === undefined ||
    (size === undefined && sweep.drawn.some(({ interval }) => typeof interval.start !== 'number'))
  ) {
    return undefined;
  }
  const points = (size !== undefined && size < wanted ? size : wanted) * BigInt(repeat);
  if (only === undefined) return points;
  return BigInt(only) < points ? 1n : undefined;
}
