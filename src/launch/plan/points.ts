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

/** Which points a launch has; enough for its record to produce the same ones again. */
export interface PointsRequest extends Selection {
  readonly overrides: readonly Override[];
  /** Keys that are swept in step. */
  readonly zip: readonly (readonly string[])[];
  /** Points that are listed one by one. */
  readonly rows: readonly (readonly Override[])[] | undefined;
  /** Expressions that must all hold. */
  readonly where: readonly string[];
  readonly seed: number;
}

/** Returns a request for the points of these overrides and nothing else. */
export function pointsOf(overrides: readonly Override[]): PointsRequest {
  return { overrides, zip: [], rows: undefined, where: [], seed: 0 };
}

/** The points of a launch, checked but not generated yet. */
export interface LaunchPoints {
  readonly request: PointsRequest;
  readonly sweep: Sweep;
  readonly where: readonly Expression[];
}

/** A point and its config. */
export interface ConfiguredPoint {
  readonly point: Point;
  readonly config: Mapping;
}

/** Checks the points of a launch. Throws what `sweepOf` and `parseExpression` throw. */
export function launchPoints(request: PointsRequest): LaunchPoints {
  return { request, sweep: sweepOf(request), where: request.where.map(parseExpression) };
}

/**
 * Generates the points of a launch in order, with their configs, one at a time. A point whose config can't be
 * composed is passed to `failed` and left out. Throws what `selectPoints` throws, what `configAt` throws if
 * there is no `failed`, and `unknown-name` if an expression has a name that no point has.
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
  // The config of the last point that was checked. If the point is kept, it is the next one to be yielded.
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

/**
 * Refuses unknown names: a comparison with a missing value is false for every point, and would leave all of
 * them out.
 */
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

/** Counts the points that a launch would have. If an expression decides, all points are generated. */
export function countPoints({ points: request, config }: { points: PointsRequest; config: ConfigBase }): bigint {
  const points = launchPoints(request);
  const known = knownCount(points);
  if (known !== undefined) return known;
  let count = 0n;
  for (const _ of configuredPoints(points, config)) count++;
  return count;
}

/** Returns how many points there are; undefined if that is known only after generating them. */
export function knownCount({ request, sweep, where }: LaunchPoints): bigint | undefined {
  const { sample, repeat = 1, only, skipped } = request;
  if (where.length > 0 || skipped !== undefined) return undefined;
  const size = exactSize(sweep);
  const wanted = sample === undefined ? size : BigInt(sample);
  // An interval of ints may have fewer values than are wanted.
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
