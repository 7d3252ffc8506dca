import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import {
  type ComposedConfig,
  type ConfigBase,
  type ConfigRequest,
  configAt,
  configParts,
  loadConfigBase,
  originsOf,
  type TreeNode,
} from '../../../config/index.js';
import { displayPath, namesIn } from '../../../core/paths.js';
import { locate, type Span } from '../../../core/span.js';
import { nearest } from '../../../core/suggest.js';
import { jsonText, printable, printableLine } from '../../../core/text.js';
import { fail } from '../../../failures/index.js';
import { configRequestOf, launchSettings } from '../../../launch/index.js';
import { isSettingsOverride } from '../../../settings/index.js';
import { isSweep, type PlainOverride, parseOverride, plainOverride } from '../../../sweep/index.js';
import {
  formatYaml,
  isList,
  isMapping,
  leafNames,
  plainData,
  pythonText,
  type Value,
  valueAt,
} from '../../../values/index.js';
import type { Io } from '../../grammar/command.js';
import { splitPositionals } from '../../launching/split-positionals.js';
import { type Paint, painter } from '../../output/style.js';
import { renderTable } from '../../output/table.js';
import type { ConfigOptions } from './spec.js';

/** `mlx config`: prints the config that a run with these overrides would get, or its sources. */
export async function run({ positionals, rest = [], options }: ParsedArgs<ConfigOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'noConfig', 'configName');
  const { program, overrideWords } = splitPositionals({ positionals, rest }, io.cwd, false);
  const given = overrideWords.map((word) => parseOverride(word));
  const overrides = given.filter((override) => !isSettingsOverride(override));
  const swept = overrides.find(({ value }) => isSweep(value));
  if (swept) fail({ reason: 'sweep-not-allowed', span: swept.span, where: 'mlx config' });
  const { settings } = await launchSettings({}, io.cwd, given);
  const file = resolve(io.cwd, program ?? '');
  if (program !== undefined && !existsSync(file)) {
    const near = nearest(basename(file), namesIn(dirname(file)));
    fail({ reason: 'program-missing', path: program, near: near && join(dirname(program), near) });
  }
  const directory = program === undefined ? undefined : dirname(file);
  const request = configRequestOf(options, io, { argv: rest, file, directory }, settings);
  const base = loadConfigBase({ ...request, resolve: false }, overrides);
  const plain = overrides.map(plainOverride);
  const composed = base.kind === 'composed' ? base.composer.compose(plain) : undefined;
  const view = views[options.show ?? 'config'] ?? showConfig;
  const { text, data } = view({ options, io, request, base, plain, composed, paint: painter(io.stdout, io.env) });
  io.stdout.write(options.json ? `${jsonText(data)}\n` : text);
  return 0;
}

interface Asked {
  readonly options: ConfigOptions;
  readonly io: Io;
  readonly request: ConfigRequest;
  readonly base: ConfigBase;
  readonly plain: readonly PlainOverride[];
  /** Undefined if the overrides are the whole config. */
  readonly composed: ComposedConfig | undefined;
  readonly paint: Paint;
}

interface View {
  readonly text: string;
  readonly data: unknown;
}

const views: Readonly<Record<string, (asked: Asked) => View>> = {
  config: showConfig,
  defaults: showDefaults,
  tree: showTree,
  searchpath: showSearchPath,
  origin: showOrigins,
};

/** Returns the config, or the part under `--package`. Throws `no-such-key`. */
function partOf({ options, base, plain, composed }: Asked): Value {
  const resolver = options.resolve ? composed?.resolver() : undefined;
  const whole = configAt(base, plain);
  const key = options.package;
  if (key === undefined) return resolver?.all() ?? whole;
  return (
    resolver?.at(key) ?? valueAt(whole, key) ?? fail({ reason: 'no-such-key', key, near: nearest(key, keysOf(whole)) })
  );
}

/** Returns the dotted keys of a config, including those of mappings. */
function keysOf(config: Value): string[] {
  return [
    ...new Set(
      leafNames(config).flatMap((name) => name.split('.').map((_, i, parts) => parts.slice(0, i + 1).join('.'))),
    ),
  ];
}

function showConfig(asked: Asked): View {
  const part = partOf(asked);
  const key = asked.options.package;
  if (!isMapping(part) && !isList(part)) return { text: `${printable(pythonText(part))}\n`, data: plainData(part) };
  return {
    text: `${key === undefined ? '' : `# @package ${printableLine(key)}\n`}${formatYaml(part)}`,
    data: plainData(part),
  };
}

/** Returns the configs in the order in which they are merged, with the options of groups. */
function showDefaults({ composed, paint }: Asked): View {
  const placed = composed ? configParts(composed.tree).filter(({ file }) => !isHydras(file.path)) : [];
  const rows = placed.map(({ file, package: pkg, parent }) => ({
    config: file.path,
    package: pkg === '' ? '_global_' : pkg,
    parent: parent ?? null,
    file: file.yaml.source.name,
  }));
  const cells = rows.map((row) => [row.config, row.package, row.parent ?? '', row.file].map((text) => ({ text })));
  return { text: renderTable(['config', 'package', 'named in', 'file'], cells, paint), data: rows };
}

const isHydras = (path: string) => path.startsWith('hydra/');

function showTree({ composed, paint }: Asked): View {
  const root = composed?.tree.roots.find(({ path }) => !isHydras(path));
  if (!root) return { text: '', data: null };
  const lines: string[] = [];
  const draw = (node: TreeNode, indent: string) => {
    lines.push(`${indent}${printableLine(node.path)}${node.file ? '' : paint('dim', ' (left out)')}`);
    for (const child of node.children ?? []) {
      if (child === 'self') lines.push(`${indent}  ${paint('dim', '_self_')}`);
      else if (!isHydras(child.path)) draw(child, `${indent}  `);
    }
  };
  draw(root, '');
  return { text: `${lines.join('\n')}\n`, data: treeData(root) };
}

function treeData(node: TreeNode): object {
  const children = node.children?.map((child) => (child === 'self' ? '_self_' : treeData(child)));
  return { config: node.path, package: node.package, used: node.file !== undefined, ...(children && { children }) };
}

function showSearchPath({ base, io, paint }: Asked): View {
  const directories = base.kind === 'composed' ? base.composer.files.searchPath : [];
  const rows = directories.map(({ provider, directory }) => ({ from: provider, directory }));
  const cells = rows.map((row) => [{ text: row.from }, { text: displayPath(row.directory, io.cwd) }]);
  return { text: renderTable(['from', 'directory'], cells, paint), data: rows };
}

/** Returns each value with its origin: a file and line, or an override. */
function showOrigins(asked: Asked): View {
  const { base, plain, composed, options, paint } = asked;
  const placed = composed ? configParts(composed.tree) : [];
  const key = options.package;
  const inside = (name: string) => key === undefined || name === key || name.startsWith(`${key}.`);
  const origins = [...originsOf(configAt(base, plain), placed, plain)].filter((origin) => inside(origin.key));
  const rows = origins.map(({ key: name, value, span }) => ({ key: name, value, origin: originText(span) }));
  const cells = rows.map((row) => [
    { text: row.key },
    { text: formatYaml(row.value).trimEnd() },
    { text: row.origin, style: 'dim' as const },
  ]);
  return {
    text: renderTable(['key', 'value', 'from'], cells, paint),
    data: rows.map((row) => ({ ...row, value: plainData(row.value) })),
  };
}

/** Returns a file and line, or a word of the command line. */
function originText(span: Span): string {
  const { source } = span;
  return source.text.includes('\n') || source.name.endsWith('.yaml')
    ? `${source.name}:${locate(span).line}`
    : `override ${source.text}`;
}
