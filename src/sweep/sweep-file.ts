import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { nearest } from '../core/suggest.js';
import { fail, type ProblemOf } from '../failures/index.js';
import { isMapping, plainData, readYamlFile, type Value, type YamlFile } from '../values/index.js';
import { fileOverride, lineAt, wordText } from './file-words.js';
import type { Override } from './override.js';

/** A sweep file: overrides and options that a user would otherwise write on the command line. */
export interface SweepFile {
  /** Overrides that come before those of the command line. */
  readonly overrides: readonly Override[];
  readonly zip: readonly string[];
  readonly where: readonly string[];
  readonly sample: number | undefined;
  readonly seed: number | undefined;
  readonly repeat: number | undefined;
  readonly skipExisting: boolean | 'complete';
  /**
   * The steps of each run, in order. A command is a list of
   * words, or a text that is split into words as in a shell.
   */
  readonly steps: readonly { readonly name: string; readonly command: string | readonly string[] }[];
  /** The absolute path of a file of points. */
  readonly points: string | undefined;
}

const texts = v.optional(v.union([v.string(), v.array(v.string())], 'text or a list of texts'));
const count = v.optional(v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(1, 'at least 1')));

const schema = v.strictObject({
  params: v.optional(v.unknown()),
  hydra: v.optional(v.strictObject({ sweeper: v.strictObject({ params: v.unknown() }) }, 'sweeper: {params: …}')),
  zip: texts,
  where: texts,
  sample: count,
  sample_seed: v.optional(v.pipe(v.number('a whole number'), v.integer('a whole number'), v.minValue(0, '0 or more'))),
  repeat: count,
  points: v.optional(v.string('the name of a file')),
  steps: v.optional(
    v.record(
      v.string(),
      v.union([v.string(), v.array(v.string())], 'a command, or a list of its words'),
      'names and commands: {prepare: ./prepare.sh, train: python train.py}',
    ),
  ),
  skip_existing: v.optional(v.union([v.boolean(), v.literal('complete')], 'true, false or complete')),
});

/**
 * Reads a sweep file. `params` (or `hydra.sweeper.params`) has keys and values in the override grammar; the
 * other keys mean the same as the options of those names. `name` is the file's name in messages.
 * Throws `unreadable-file`, `yaml-syntax`, `bad-sweep-file`, or what `parseOverride` throws.
 */
export function readSweepFile(path: string, name: string): SweepFile {
  const file = readYamlFile(path, name);
  const bad = (at: readonly (string | number)[], problem: ProblemOf<'bad-sweep-file'>) =>
    fail({ reason: 'bad-sweep-file', span: file.spanAt(at), problem });
  if (!isMapping(file.value)) return bad([], { kind: 'no-params' });
  const result = v.safeParse(schema, plainData(file.value), { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const at = (issue.path ?? []).map(({ key }) => String(key));
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    if (!unknown) return bad(at, { kind: 'bad-value', expected: issue.message });
    return bad(at, { kind: 'unknown-key', near: nearest(at.at(-1) ?? '', Object.keys(schema.entries)) });
  }
  const { zip, where, sample, sample_seed: seed, repeat, points } = result.output;
  return {
    overrides: [...paramsAt(file, ['params']), ...paramsAt(file, ['hydra', 'sweeper', 'params'])],
    zip: zip === undefined ? [] : [zip].flat(),
    where: where === undefined ? [] : [where].flat(),
    sample,
    seed,
    repeat,
    skipExisting: result.output.skip_existing ?? false,
    steps: Object.entries(result.output.steps ?? {}).map(([name, command]) => ({ name, command })),
    points: points === undefined ? undefined : resolve(dirname(path), points),
  };
}

function paramsAt(file: YamlFile, path: readonly string[]): Override[] {
  const params = path.reduce<Value | undefined>((at, key) => (isMapping(at) ? at.get(key) : undefined), file.value);
  if (params === undefined || params === null) return [];
  if (!isMapping(params)) {
    return fail({
      reason: 'bad-sweep-file',
      span: file.spanAt(path),
      problem: { kind: 'not-a-mapping' },
    });
  }
  return [...params].map(([key, value]) => {
    const at = [...path, String(key)];
    const text = typeof value === 'string' ? value : wordText(value, file.spelling(at));
    return fileOverride(key, text, lineAt(file, at));
  });
}
