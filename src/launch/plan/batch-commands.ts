import { basename } from 'node:path';
import { probeCommand } from '../../core/probe.js';
import { locate } from '../../core/span.js';
import { fail, MlxError } from '../../failures/index.js';
import type { ShellCommand, ShellScript, ShellWord } from '../../script/index.js';
import { isSweep, type Override, parseOverride, quoted } from '../../sweep/index.js';

/** A command of a batch script that becomes runs. */
export interface BatchCommand {
  readonly command: ShellCommand;
  /** Its overrides, each with the word that it is written in. */
  readonly overrides: readonly WrittenOverride[];
}

export interface WrittenOverride {
  readonly word: ShellWord;
  readonly override: Override;
}

/** The commands that become runs, and notes for the user. */
export interface BatchReading {
  readonly commands: readonly BatchCommand[];
  readonly notes: readonly string[];
}

interface BatchRequest {
  /** The environment that the script would find. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Builtins of the shell: they are no programs that take overrides. */
const builtins = new Set(
  `. : [ alias bg bind break builtin caller cd compgen complete continue declare dirs disown echo enable eval
  exit export false fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly
  return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait module ml`.split(
    /\s+/,
  ),
);

/** Commands that start another program and take the words before it: `env A=1 python …` sets a variable. */
const assigning = new Set(['env']);

const launchers = new Set(
  'srun mpirun mpiexec mpiexec.hydra torchrun accelerate deepspeed horovodrun jsrun aprun Rscript julia node'.split(
    ' ',
  ),
);

const overrideLike = /^(\+\+?|~)?[A-Za-z_$][\w$./@-]*=(?!=)/;

/** Options of interpreters that are followed by code. */
const takesCode = new Set(['-c', '-e']);
const interpreters = /^(python[\d.]*|pypy3?|(ba|da|z|k|fi)?sh|perl|ruby|node|Rscript|julia)$/;
const scriptFile = /\.(py|R|jl|m?js|sh)$/;

/**
 * Finds the commands of a script that become runs: those with a sweep among their arguments, and those that
 * start the same program with plain overrides. In a script without a sweep, each command that starts a user's
 * program with overrides. A comment `# mlx: sweep` or `# mlx: setup` after a command decides for it. Throws
 * `sweep-inside`, `sweeps-together`, `word-expands`, `sweep-in-environment`, `nothing-swept`, or what
 * `parseOverride` throws.
 */
export async function readBatchCommands(script: ShellScript, request: BatchRequest): Promise<BatchReading> {
  const all = script.commands
    .filter(({ mark, words }) => mark !== 'setup' && !builtins.has(words[0]?.value ?? ''))
    .map((command) => ({ command, overrides: writtenOverrides(command) }));
  const taken = takenOf(all, script);
  for (const { command } of taken) refuseInside(command, false);
  const programs = new Set(taken.map(({ command }) => programOf(command)));
  const alike = all.find(
    ({ command, overrides }) =>
      command.inside && overrides.length > 0 && startsProgram(command) && programs.has(programOf(command)),
  );
  if (alike) refuseInside(alike.command, true);
  const shared = taken.find(({ command }, i) => taken[i + 1]?.command.statement.offset === command.statement.offset);
  if (shared) fail({ reason: 'sweeps-together', span: shared.command.statement });
  for (const { overrides } of taken) for (const { word } of overrides) await checkWord(word, request);
  const notes = taken.flatMap(({ overrides }) => overrides.flatMap(({ word }) => globNote(word)));
  return { commands: taken, notes };
}

function takenOf(all: readonly BatchCommand[], script: ShellScript): BatchCommand[] {
  const isSwept = ({ command, overrides }: BatchCommand) =>
    command.mark === 'sweep' || overrides.some(({ override }) => isSweep(override.value));
  const swept = all.filter(isSwept);
  const isPlain = ({ command, overrides }: BatchCommand) => overrides.length > 0 && startsProgram(command);
  if (swept.length > 0) {
    const programs = new Set(swept.map(({ command }) => programOf(command)));
    return all.filter(
      (one) => isSwept(one) || (isPlain(one) && !one.command.inside && programs.has(programOf(one.command))),
    );
  }
  const plain = all.filter(isPlain);
  if (plain.length > 0) return plain;
  const bare = all.filter(({ command }) => startsProgram(command) && !command.inside);
  if (bare.length === 1) return bare;
  return fail({
    reason: 'nothing-swept',
    name: script.source.name,
    candidates: bare.map(({ command }) => command.span),
  });
}

function refuseInside({ inside, span }: ShellCommand, alike: boolean): void {
  if (inside) fail({ reason: 'sweep-inside', span, inside: inside.kind, alike });
}

/**
 * Whether a command starts the user's own program: through an interpreter, a launcher of parallel programs,
 * or a path.
 */
function startsProgram({ words }: ShellCommand): boolean {
  const [name, ...args] = words.map(({ shown }) => shown);
  if (name === undefined) return false;
  const isScript = (word: string) => /(^|\/)(python|pypy)[\d.]*$/.test(word) || scriptFile.test(word);
  return isPath(name) || launchers.has(basename(name)) || [name, ...args].some(isScript);
}

/** Whether a name is that of a file that is not part of the system. */
const isPath = (name: string) => name.includes('/') && !/^\/(usr|s?bin)\//.test(name);

/**
 * Returns the index of the user's program among the words, after its interpreter; the number of words if
 * there is none.
 */
function programPlace({ words }: ShellCommand): number {
  const place = words.findIndex(
    ({ shown: word }) =>
      word === '-m' ||
      scriptFile.test(word) ||
      (/^[^-]/.test(word) && isPath(word) && !interpreters.test(basename(word))),
  );
  return place === -1 ? words.length : place;
}

/** Returns what identifies a program: the script that is run, else the module, else the command's name. */
function programOf({ words }: ShellCommand): string {
  const shown = words.map((word) => word.shown);
  const module = shown.indexOf('-m');
  return (
    shown.find((word) => scriptFile.test(word) && !word.includes('=')) ??
    (module === -1 ? undefined : shown[module + 1]) ??
    shown[0] ??
    ''
  );
}

/**
 * Returns the words of a command that are overrides. Throws what `parseOverride` throws, and `word-expands`
 * for braces.
 */
export function writtenOverrides(command: ShellCommand): WrittenOverride[] {
  const args = command.words.slice(1);
  const isProgram = startsProgram(command) || command.mark === 'sweep';
  const settings = leadingSettings(command);
  const program = programPlace(command);
  const found: WrittenOverride[] = [];
  const failures: MlxError[] = [];
  args.forEach((word, i) => {
    const before = command.words[i]?.shown ?? '';
    if (i < settings || (takesCode.has(before) && i <= program) || !overrideLike.test(word.shown)) return;
    try {
      found.push({ word, override: overrideIn(word) });
    } catch (error) {
      if (!(error instanceof MlxError)) throw error;
      // The value of an option can be anything.
      if (!before.startsWith('-')) failures.push(error);
    }
  });
  // Words of other commands can be anything; a word in the position of an override has to be one.
  const [first] = failures;
  if (first && (isProgram || found.some(({ override }) => isSweep(override.value)))) throw first;
  return found;
}

/** Returns how many of the first arguments set variables for the program that follows. */
function leadingSettings({ words }: ShellCommand): number {
  const [name, ...args] = words;
  if (!assigning.has(basename(name?.value ?? ''))) return 0;
  const first = args.findIndex(({ shown }) => !shown.startsWith('-') && !overrideLike.test(shown));
  return first === -1 ? args.length : first;
}

function overrideIn(word: ShellWord): Override {
  const name = `override in ${word.span.source.name}:${locate(word.span).line}`;
  if (word.expands === 'braces') fail({ reason: 'word-expands', span: word.span, by: 'braces', into: undefined });
  if (word.value !== undefined) return parseOverride(word.value, { name });
  // Its value is known only when the job runs.
  const key = keyOf(word);
  return parseOverride(`${key}${quoted(word.shown.slice(key.length), "'")}`, { name });
}

const keyOf = ({ shown }: ShellWord) => /^[^=]*=/.exec(shown)?.[0] ?? '';

/** Refuses a word that the shell would expand to something else, now or when the job runs. */
async function checkWord(word: ShellWord, { environment, cwd }: BatchRequest): Promise<void> {
  const into = word.expands === 'glob' ? await fileOf(word, cwd) : undefined;
  if (into !== undefined) fail({ reason: 'word-expands', span: word.span, by: 'glob', into });
  const variable = word.unknown.find(
    (one) => environment[one] !== undefined && isSweepText(keyOf(word), environment[one]),
  );
  if (variable === undefined) return;
  fail({ reason: 'sweep-in-environment', span: word.span, variable, value: environment[variable] ?? '' });
}

function isSweepText(key: string, text: string | undefined): boolean {
  try {
    return isSweep(parseOverride(`${key}${text}`).value);
  } catch {
    return false;
  }
}

/** Returns the first of the file names that the shell would replace a word with. */
function fileOf(word: ShellWord, cwd: string): Promise<string | undefined> {
  return probeCommand(['bash', '-c', 'compgen -G "$1"', 'bash', word.shown], cwd);
}

function globNote({ expands, text }: ShellWord): string[] {
  if (expands !== 'glob') return [];
  return [`the shell takes ${text} for a pattern of file names; none fits, so it stays as it is: put it in quotes`];
}
