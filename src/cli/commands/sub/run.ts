import { resolve } from 'node:path';
import type { ParsedArgs } from '../../../arguments/index.js';
import { refuseTogether } from '../../../arguments/index.js';
import { inCopy } from '../../../code/index.js';
import type { Source, Span } from '../../../core/span.js';
import { type Header, loadEngine, readHeader } from '../../../engines/index.js';
import { fail } from '../../../failures/index.js';
import {
  codeOf,
  type LaunchCode,
  type LaunchRequest,
  launchCode,
  launchSettings,
  neededFiles,
  type Plan,
  planLaunch,
  planTarget,
  refuseVersionOptions,
  type Target,
  withExported,
} from '../../../launch/index.js';
import { waitingOf } from '../../../runs/index.js';
import { parseShell, type ShellScript } from '../../../script/index.js';
import { isSettingsOverride, type Settings } from '../../../settings/index.js';
import { checkStoreWritable } from '../../../store/index.js';
import { parseOverride } from '../../../sweep/index.js';
import { readTextFile } from '../../../values/index.js';
import type { Io } from '../../grammar/command.js';
import { carryOutOrShow } from '../../launching/carry-out.js';
import { refuseUnknownEngine } from '../../launching/refuse-unknown-engine.js';
import { settingsNotes } from '../../launching/request-notes.js';
import type { SubOptions } from './spec.js';
import { batchCommands } from './sub-commands.js';
import { engineOfScript } from './sub-engine.js';

/**
 * `mlxsub SCRIPT`: reads the header and the commands of a batch script, and submits a job for each point of
 * each command.
 */
export async function run({ positionals, options }: ParsedArgs<SubOptions>, io: Io): Promise<number> {
  refuseTogether(options, 'quiet', 'json');
  refuseTogether(options, 'here', 'scheduler');
  refuseTogether(options, 'noConfig', 'configName');
  refuseUnknownEngine(options.scheduler, positionals, io);
  const [path, ...words] = positionals;
  if (path === undefined) return fail({ reason: 'missing-argument', argument: 'SCRIPT', command: 'sub' });
  const overrides = words.map((word) => parseOverride(word));
  const { settings: found, settingsFile } = await launchSettings(options, io.cwd, overrides);
  const script = parseShell(readScript(path, io.cwd));
  const chosen = await engineOfScript(script, options, found, io);
  // Only an engine reads a header.
  const header =
    chosen.engine === undefined || chosen.engine === 'local'
      ? noHeader
      : readHeader(await loadEngine(chosen.engine), script.source, script.headEnd);
  const waiting = () => waitingOf(options, { store: found.logger.parent_log_dir, cwd: io.cwd });
  const { target, notes: planned } = await planTarget(options, {
    chosen: chosen.engine,
    settings: found,
    waiting,
    header: header.options,
  });
  const settings = withExported(found, options.export);
  if (!settings.use_version_manager) refuseVersionOptions(options);
  const shell = shellOf(script, header, settings);
  const parts = {
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
    // A here-document is data, not directives.
    directives: header.lines.filter(({ offset }) => !script.hereDocuments.some((span) => isIn(offset, span))),
    shebang: shell.line,
    settings,
  };
  const directory = resolve(io.cwd, header.directory ?? '');
  /**
   * Returns the launch from a directory: the one that mlx was called in, or the same one in a copy of the
   * code.
   */
  const launchFrom = async (cwd: string, code: LaunchCode | undefined): Promise<ScriptLaunch> => {
    const { commands, batch, notes } = await batchCommands(script, options, { ...io, cwd }, parts);
    const request = {
      cwd: (code && inCopy(code.version, directory)) ?? resolve(cwd, header.directory ?? ''),
      commands,
      settings: { ...settings, scheduler: { ...settings.scheduler, shell_path: shell.path } },
      script: batch,
      code,
    };
    return { request, plan: planLaunch(request), notes };
  };
  const here = await launchFrom(io.cwd, undefined);
  checkStoreWritable(settings.logger.parent_log_dir);
  const all = [...settingsNotes(settingsFile), ...chosen.notes, ...headerNotes(header), ...planned];
  if (!settings.use_version_manager) {
    return carryOutOrShow(here.plan, { target, notes: [...all, ...here.notes] }, options, io);
  }
  return subVersioned({ script, here, launchFrom, settings, target, notes: all }, options, io);
}

/** A launch of a batch script from one directory. */
interface ScriptLaunch {
  readonly request: LaunchRequest;
  readonly plan: Plan;
  readonly notes: readonly string[];
}

/** A launch of a batch script that was checked with the files as they are. */
interface CheckedScript {
  readonly script: ShellScript;
  readonly here: ScriptLaunch;
  readonly launchFrom: (cwd: string, code: LaunchCode | undefined) => Promise<ScriptLaunch>;
  readonly settings: Settings;
  readonly target: Target;
  readonly notes: readonly string[];
}

/** Fixes the version of the code, after everything else was checked, and launches from there. */
async function subVersioned(
  { script, here, launchFrom, settings, target, notes }: CheckedScript,
  options: SubOptions,
  io: Io,
): Promise<number> {
  const { fixVersion, unfixedNotes } = await import('../../launching/fix-version.js');
  const code = await codeOf(settings, io.cwd);
  refuseLeaving(script, code.repository.root);
  if (options.dryRun) {
    return carryOutOrShow(here.plan, { target, notes: [...unfixedNotes(code), ...notes, ...here.notes] }, options, io);
  }
  if (target.kind === 'engine') (await import('../../launching/follow-submission.js')).requireCommands(target, io);
  const needed = [here.request.cwd, ...neededFiles(here.request, io.cwd)];
  const fixed = await fixVersion(code, { settings, needed, quiet: options.quiet || options.json }, io);
  // The script may load modules that decide which interpreter runs.
  const known = await launchCode(fixed, undefined, settings, io.env);
  const there = await launchFrom(fixed.cwd, known.code);
  return carryOutOrShow(there.plan, { target, notes: [...notes, ...there.notes] }, options, io);
}

/**
 * Refuses a script that names the work tree by an absolute path: it would leave the copy. Throws
 * `script-leaves-copy`.
 */
function refuseLeaving({ source, hereDocuments, headEnd }: ShellScript, root: string): void {
  for (let at = source.text.indexOf(root, headEnd); at !== -1; at = source.text.indexOf(root, at + 1)) {
    const line = source.text.slice(source.text.lastIndexOf('\n', at) + 1, at);
    const goesOn = /[\w.-]/.test(source.text.charAt(at + root.length));
    if (goesOn || line.trimStart().startsWith('#') || hereDocuments.some((span) => isIn(at, span))) continue;
    fail({ reason: 'script-leaves-copy', span: { source, offset: at, length: root.length } });
  }
}

const isIn = (at: number, { offset, length }: Span) => at >= offset && at < offset + length;

const noHeader: Header = { options: [], replaced: [], directory: undefined, shell: undefined, lines: [], unread: [] };

/** Returns the text of a script; `-` is standard input. Throws `unreadable-file` or `script-unreadable`. */
function readScript(path: string, cwd: string): Source {
  const name = path === '-' ? 'standard input' : path;
  const text = readTextFile(path === '-' ? 0 : resolve(cwd, path), name);
  if (/\r(\n|$)/.test(text)) fail({ reason: 'script-unreadable', name, problem: { kind: 'dos-lines' } });
  return { name, text };
}

/**
 * Returns the shell of the jobs' scripts: the one that the header or the script's first line names, else the
 * setting. Throws `script-unreadable` if that is not a shell.
 */
function shellOf(
  { shebang, source }: ShellScript,
  header: Header,
  { scheduler }: Settings,
): { readonly line: string; readonly path: string } {
  const line = header.shell ?? shebang ?? scheduler.shell_path;
  const [word = '', second = ''] = line.split(/\s+/);
  const isEnv = /(^|\/)env$/.test(word);
  if (!/(^|\/)(ba|da|k|z|a)?sh$/.test(isEnv ? second : word)) {
    fail({
      reason: 'script-unreadable',
      name: source.name,
      problem: { kind: 'no-shell', line },
    });
  }
  return { line, path: isEnv ? scheduler.shell_path : word };
}

function headerNotes({ replaced, unread, directory }: Header): string[] {
  const lines = unread.map(({ source, offset, length }) => source.text.slice(offset, offset + length));
  return [
    ...(replaced.length === 0
      ? []
      : [`mlx says for each run what ${replaced.join(', ')} ${replaced.length > 1 ? 'say' : 'says'}`]),
    ...(directory === undefined ? [] : [`the jobs start in ${directory}, as the header says`]),
    ...lines.map((line) => `behind the first command the engine does not read ${line}`),
  ];
}
