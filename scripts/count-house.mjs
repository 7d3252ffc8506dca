// Counts what the source of mlx looks like, in the working tree that it is run in.
//
//   node scripts/count-house.mjs           the counts
//   node scripts/count-house.mjs --list    with the files and places that they count
//   node scripts/count-house.mjs --json    everything, for programs
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cyclesOf, deepImportsOf, exportsOf, unusedExportsOf } from './house/imports.mjs';
import { readOtherSource, readSource } from './house/read-source.mjs';

const maxLines = 400;
const maxParameters = 4;
const maxWidth = 110;
const countedOptions = ['signal-to', 'continue-on-timeout', 'mem', 'exclude', 'requeue', 'skip-existing', 'walltime'];

/** Where users of the package and its commands come in. */
const entryPoints = ['index.ts', 'client/index.ts'];

const root = process.cwd();
const files = readSource(root);
const others = readOtherSource(root);
const all = [...files, ...others];
const byPath = new Map(files.map((file) => [file.path, file]));

const house = {
  files: all.length,
  medianLines: median(all.map(({ lines }) => lines)),
  longFiles: all
    .filter(({ lines }) => lines > maxLines)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines }) => ({ path, lines })),
  cycles: cyclesOf(all),
  cyclesWithoutTypes: cyclesOf(
    files.map(({ path, imports }) => ({ path, imports: imports.filter(({ type }) => !type) })),
  ),
  deepImports: deepImportsOf(files),
  options: Object.fromEntries(countedOptions.map((name) => [name, filesMentioning(name)])),
  unusedExports: unusedExportsOf(files, [...entryPoints, ...loadedByName()]),
  publicNames: exportsOf('index.ts', byPath).sort(),
  optionReads: placesOf(files, readsOf(files)),
  commandHelpers: commandHelpers(),
  parsedArgs: filesNaming('ParsedArgs'),
  io: filesNaming('io', 'Io'),
  problemTexts: placesOf(files, ({ problemTexts }) => problemTexts),
  environment: placesOf(files, ({ environment }) => environment),
  wideLines: all.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => ([...line].length > maxWidth ? [`${path}:${index + 1}`] : [])),
  ),
  manyParameters: files.flatMap(({ path, functions }) =>
    functions
      .filter(({ parameters }) => parameters > maxParameters)
      .map(({ name, parameters }) => ({ path, name, parameters })),
  ),
};

if (process.argv.includes('--json')) console.log(JSON.stringify(house, null, 2));
else print(process.argv.includes('--list'));

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Files that mention an option as `signal-to`, `signalTo`, `signal_to` or `SIGNAL_TO`. */
function filesMentioning(option) {
  const words = option.split('-');
  const camel = words.map((word, index) => (index === 0 ? word : word[0].toUpperCase() + word.slice(1))).join('');
  const upper = words.join('_').toUpperCase();
  const pattern = new RegExp(`(?<![\\w-])(?:MLX_)?(?:${words.join('[-_]')}|${camel}|${upper})(?![\\w])`);
  const dashed = new RegExp(`--${option}(?![\\w-])`);
  return all.filter(({ text }) => pattern.test(text) || dashed.test(text)).map(({ path }) => path);
}

function filesNaming(...names) {
  return files.filter(({ identifiers }) => names.some((name) => identifiers.has(name))).map(({ path }) => path);
}

/** Calls such as `parsed.text('mem')`, by the methods of the interface `ParsedArgs` as it was at first and as it is. */
function readsOf(sources) {
  const declaration = sources.map(({ text }) => /interface ParsedArgs \{([\s\S]*?)\n\}/.exec(text)?.[1]).find(Boolean);
  const declared = [...(declaration ?? '').matchAll(/^ {2}(?:readonly )?(\w+)[(:].*=>/gm)].map(([, name]) => name);
  const methods = new Set(['has', 'text', 'number', 'list', ...declared]);
  return ({ textCalls }) =>
    textCalls
      .filter(({ receiver, method }) => /^(parsed|args)$/.test(receiver) && methods.has(method))
      .map(({ line }) => line);
}

function placesOf(sources, linesOf) {
  return sources.flatMap((file) => linesOf(file).map((line) => `${file.path}:${line}`));
}

/** Files that no import names: commands, workers and pages, which are loaded lazily or by themselves. */
function loadedByName() {
  const build = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'build.mjs'), 'utf8');
  return [...build.matchAll(/'src\/([^']+\.tsx?)'/g)].map(([, path]) => path);
}

/** Files in cli/commands that are no command: neither loaded by the table nor a command's own spec.ts or run.ts. */
function commandHelpers() {
  const loaded = files.flatMap(({ imports }) => imports.filter(({ command }) => command).map(({ target }) => target));
  return files
    .map(({ path }) => path)
    .filter((path) => path.startsWith('cli/commands/') && !loaded.includes(path))
    .filter((path) => !/\/(index|spec|run)\.ts$/.test(path));
}

function print(list) {
  const below = (places) => places.filter((place) => !place.startsWith('cli/')).length;
  const rows = [
    ['source files', house.files, []],
    ['median lines', house.medianLines, []],
    [
      `files over ${maxLines} lines`,
      house.longFiles.length,
      house.longFiles.map((one) => `${one.lines} ${one.path}`),
      true,
    ],
    ['import cycles', house.cycles.length, house.cycles.map((cycle) => `${cycle.length}: ${cycle.join(' ')}`), true],
    ['  of them without types', house.cyclesWithoutTypes.length, []],
    [
      "imports past a folder's index.ts",
      house.deepImports.length,
      house.deepImports.map((one) => `${one.from}:${one.line} ${one.to}`),
    ],
    ...Object.entries(house.options).map(([name, paths]) => [`files naming ${name}`, paths.length, paths]),
    ['exports that no other file uses', house.unusedExports.length, house.unusedExports],
    ['names exported from src/index.ts', house.publicNames.length, house.publicNames],
    ["options read by string (parsed.text('…'))", house.optionReads.length, house.optionReads],
    ['helpers in cli/commands', house.commandHelpers.length, house.commandHelpers],
    ['files naming ParsedArgs', house.parsedArgs.length, house.parsedArgs],
    ['files naming io', house.io.length, house.io],
    ['literal `problem:` texts', house.problemTexts.length, house.problemTexts],
    ['  of them below cli', below(house.problemTexts), []],
    ['reads of process.env', house.environment.length, house.environment],
    [`lines beyond ${maxWidth} columns`, house.wideLines.length, house.wideLines],
    [
      `functions of more than ${maxParameters} parameters`,
      house.manyParameters.length,
      house.manyParameters.map((one) => `${one.parameters} ${one.path} ${one.name}`),
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  for (const [name, count, places, always] of rows) {
    console.log(`${name.padEnd(width)}${String(count).padStart(6)}`);
    if (list || always) for (const place of places) console.log(`    ${place}`);
  }
}
