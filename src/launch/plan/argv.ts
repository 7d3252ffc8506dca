import { fail } from '../../failures/index.js';
import {
  canonicalToken,
  type PlainOverride,
  quoted,
  type Sweep,
  sourceToken,
  sweptOverrides,
  unquotedText,
} from '../../sweep/index.js';
import type { Mapping } from '../../values/index.js';
import { isMapping, leafNames, type Scalar, scalarText, valueAt } from '../../values/index.js';

/**
 * How a point's overrides become words of the program's argv: as typed, as `--key=value`, in Hydra's
 * spelling, or not at all. With `verbatim`, placeholders are not replaced either.
 */
export type ArgsStyle = 'overrides' | 'flags' | 'canonical' | 'none' | 'verbatim';

/** Programs that keep records of their own, which mlx makes them keep in the run's directory. */
export type Preset = 'hydra' | 'mlxp';

/** The argv of a command, for any point. */
export interface ArgvTemplate {
  readonly argv: readonly string[];
  readonly style: ArgsStyle;
  readonly preset: Preset | undefined;
  /** The placeholders in `argv` that are replaced; if there is one, nothing is appended. */
  readonly placeholders: ReadonlySet<string>;
}

/** A word by itself that is replaced by all that would be appended. */
const overridesWord = '{overrides}';
const runPlaceholders = ['log_dir', 'log_id', 'overrides'];
const placeholder = /\{([^{}\s]+)\}/g;

/**
 * Returns the template of a command's argv. Throws `swept-key-unused` if the command has placeholders but
 * none for a swept key, and `override-not-expressible` if the style has no word for an override.
 */
export function argvTemplateOf(
  input: { readonly argv: readonly string[]; readonly style: ArgsStyle; readonly preset: Preset | undefined },
  sweep: Sweep,
  config: Mapping,
): ArgvTemplate {
  const known = new Set([...runPlaceholders, ...sweep.overrides.map(({ key }) => key), ...leafNames(config)]);
  const found = input.argv.flatMap((word) => [...word.matchAll(placeholder)].map(([, key]) => key ?? ''));
  const isMeant = (key: string) => known.has(key) && (key !== 'overrides' || input.argv.includes(overridesWord));
  const placeholders = new Set(input.style === 'verbatim' ? [] : found.filter(isMeant));
  if (placeholders.size > 0) checkAllUsed(placeholders, sweep);
  else if (input.style === 'flags') {
    const deletion = sweep.overrides.find(({ kind }) => kind === 'delete');
    if (deletion) fail({ reason: 'override-not-expressible', span: deletion.span, style: '--args flags' });
  }
  return { ...input, placeholders };
}

/** Throws `swept-key-unused` for a swept key that is not among the placeholders. */
function checkAllUsed(placeholders: ReadonlySet<string>, sweep: Sweep): void {
  if (placeholders.has('overrides')) return;
  const unused = sweptOverrides(sweep).find(({ key }) => !placeholders.has(key));
  if (unused) fail({ reason: 'swept-key-unused', key: unused.key, span: unused.keySpan });
}

/**
 * Returns the templates of the steps of a run. If no step has a placeholder, the overrides are appended to
 * the last step; otherwise they go where the placeholders are (`{key}`, `{overrides}`), and nowhere else.
 * Throws what `argvTemplateOf` throws.
 */
export function stepTemplatesOf(
  argvs: readonly (readonly string[])[],
  args: Pick<ArgvTemplate, 'style' | 'preset'>,
  sweep: Sweep,
  config: Mapping,
): ArgvTemplate[] {
  const last = argvs.length - 1;
  const all = [...argvs.flat()];
  if (argvs.length === 0) return [];
  const { placeholders } = argvTemplateOf({ argv: all, ...args }, sweep, config);
  return argvs.map((argv, i): ArgvTemplate => {
    if (placeholders.size > 0) return { argv, ...args, preset: i === last ? args.preset : undefined, placeholders };
    return i === last ? { argv, ...args, placeholders } : { argv, style: 'none', preset: undefined, placeholders };
  });
}

/** The run of a point: its id and where it is. */
export interface RunDirectory {
  readonly id: number;
  readonly directory: string;
  readonly store: string;
}

/**
 * Returns the argv of one run. Throws `unreadable-argument` for a word that can't be an argument: with NUL,
 * or not Unicode.
 */
export function argvOf(
  template: ArgvTemplate,
  overrides: readonly PlainOverride[],
  config: Mapping,
  place: RunDirectory,
): string[] {
  const words = wordsFor(template, overrides, config, place);
  words.forEach((word, index) => {
    const problem = word.includes('\0') ? 'nul' : /\p{Surrogate}/u.test(word) ? 'not-utf8' : undefined;
    if (problem) fail({ reason: 'unreadable-argument', position: index + 1, problem });
  });
  return words;
}

function wordsFor(
  template: ArgvTemplate,
  overrides: readonly PlainOverride[],
  config: Mapping,
  place: RunDirectory,
): string[] {
  const { argv, placeholders } = template;
  if (placeholders.size > 0) {
    const fill = (word: string) =>
      word.replace(placeholder, (whole, key: string) =>
        placeholders.has(key) && key !== 'overrides' ? placeholderText(key, overrides, config, place) : whole,
      );
    const appended = () => overrides.flatMap((plain) => wordsOf(plain, template.style));
    const words = argv.flatMap((word) => (word === overridesWord ? appended() : fill(word)));
    return [...words, ...presetWords(template.preset, place)];
  }
  return [
    ...argv,
    ...overrides.flatMap((plain) => wordsOf(plain, template.style)),
    ...presetWords(template.preset, place),
  ];
}

function wordsOf(plain: PlainOverride, style: ArgsStyle): string[] {
  switch (style) {
    case 'overrides':
      return [sourceToken(plain)];
    case 'canonical':
      return [canonicalToken(plain)];
    case 'flags':
      return [`--${plain.override.key}=${plain.element ? unquotedText(plain.element) : ''}`];
    case 'none':
    case 'verbatim':
      return [];
  }
}

function placeholderText(
  key: string,
  overrides: readonly PlainOverride[],
  config: Mapping,
  { id, directory }: RunDirectory,
): string {
  const plain = overrides.find(({ override }) => override.key === key);
  if (plain?.element) return unquotedText(plain.element);
  if (key === 'log_dir') return directory;
  if (key === 'log_id') return String(id);
  const value = valueAt(config, key);
  return value === undefined || isMapping(value) || Array.isArray(value) ? '' : scalarText(value as Scalar);
}

function presetWords(preset: Preset | undefined, { id, directory, store }: RunDirectory): string[] {
  switch (preset) {
    case undefined:
      return [];
    case 'hydra':
      return [`hydra.run.dir=${overrideText(directory)}`];
    case 'mlxp':
      return [
        `+mlxp.logger.forced_log_id=${id}`,
        `+mlxp.logger.parent_log_dir=${overrideText(store)}`,
        '+mlxp.use_scheduler=False',
        '+mlxp.use_version_manager=False',
      ];
  }
}

/** A path as the value of an override in Hydra's grammar. */
function overrideText(path: string): string {
  if (/^[A-Za-z0-9_/.-]+$/.test(path)) return path;
  return quoted(path, "'");
}
