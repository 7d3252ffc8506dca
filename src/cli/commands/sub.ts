import { resolve } from 'node:path';
import { isSettingsOverride, type Settings } from '../../config/index.js';
import { fail } from '../../core/failure.js';
import type { Source, Span } from '../../core/span.js';
import { readTextFile } from '../../core/text-file.js';
import { planLaunch } from '../../launcher/index.js';
import { checkStoreWritable } from '../../logger/store.js';
import { type Header, loadEngine, readHeader } from '../../scheduler/index.js';
import { parseShell, type ShellScript } from '../../script/index.js';
import { parseOverride } from '../../sweep/index.js';
import type { Io, ParsedArgs } from '../command.js';
import { refuseTogether } from '../parse-args.js';
import { carryOutOrShow, launchSettings, refuseJobOptions, settingsNotes } from './launch-options.js';
import { planJobs } from './plan-jobs.js';
import { batchCommands } from './sub-commands.js';
import { engineOfScript } from './sub-engine.js';

/** `mlxsub SCRIPT`: reads the header and the commands of a batch script, and submits a job for each point of each command. */
export async function run(parsed: ParsedArgs, io: Io): Promise<number> {
  refuseTogether(parsed, 'quiet', 'json');
  refuseTogether(parsed, 'here', 'scheduler');
  refuseTogether(parsed, 'no-config', 'config-name');
  const [path, ...words] = parsed.positionals;
  if (path === undefined) return fail({ reason: 'missing-argument', argument: 'SCRIPT', command: 'sub' });
  const overrides = words.map((word) => parseOverride(word));
  const { settings, settingsFile } = await launchSettings(parsed, io, overrides);
  const script = parseShell(readScript(path, io.cwd));
  const chosen = await engineOfScript(script, parsed, settings, io);
  const header =
    chosen.engine === undefined ? noHeader : readHeader(await loadEngine(chosen.engine), script.source, script.headEnd);
  const jobs =
    chosen.engine === undefined ? undefined : await planJobs(parsed, settings, chosen.engine, header.options);
  if (!jobs) refuseJobOptions(parsed);
  const shell = shellOf(script, header, settings);
  const { commands, batch, notes } = await batchCommands(script, parsed, io, {
    overrides: overrides.filter((override) => !isSettingsOverride(override)),
    // What stands in a here-document is data as well.
    directives: header.lines.filter(({ offset }) => !script.hereDocuments.some((span) => isIn(offset, span))),
    shebang: shell.line,
  });
  const plan = planLaunch({
    cwd: resolve(io.cwd, header.directory ?? ''),
    commands,
    settings: { ...settings, scheduler: { ...settings.scheduler, shell_path: shell.path } },
    script: batch,
    code: undefined,
  });
  checkStoreWritable(settings.logger.parent_log_dir);
  const all = [
    ...settingsNotes(settingsFile),
    ...chosen.notes,
    ...headerNotes(header),
    ...(jobs?.notes ?? []),
    ...notes,
  ];
  return carryOutOrShow(plan, { jobs, notes: all }, parsed, io);
}

const isIn = (at: number, { offset, length }: Span) => at >= offset && at < offset + length;

const noHeader: Header = { options: [], replaced: [], directory: undefined, shell: undefined, lines: [], unread: [] };

/** The text of a script, `-` for standard input. Throws `unreadable-file` or `script-unreadable`. */
function readScript(path: string, cwd: string): Source {
  const name = path === '-' ? 'standard input' : path;
  const text = readTextFile(path === '-' ? 0 : resolve(cwd, path), name);
  if (/\r(\n|$)/.test(text)) {
    const problem = "its lines end as those of DOS do, which bash takes for words: sed -i 's/\\r$//' mends it";
    fail({ reason: 'script-unreadable', name, problem });
  }
  return { name, text };
}

/** What runs the jobs' scripts: as the script's first line, or its header, has it. Throws `script-unreadable` for what is no shell. */
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
      problem: `its first line names ${line}, which is no shell`,
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
