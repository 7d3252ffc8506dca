import type { ParsedArgs } from '../../../arguments/index.js';
import { displayPath } from '../../../core/paths.js';
import { jsonText, printableLine } from '../../../core/text.js';
import { plural, sizeText } from '../../../core/words.js';
import { fail } from '../../../failures/index.js';
import {
  type CodeGarbage,
  type CodeSurvey,
  findCodeGarbage,
  findGarbage,
  type Garbage,
  type KeptCode,
  removeCodeGarbage,
  removeGarbage,
} from '../../../runs/index.js';
import { listRunIds } from '../../../store/index.js';
import type { Io } from '../../grammar/command.js';
import { confirm } from '../../output/confirm.js';
import { settingsOf } from '../../selecting/store.js';
import type { GcOptions } from './spec.js';

const shown = 20;

const kinds: Readonly<Record<Garbage['kind'], string>> = {
  incomplete: 'never completed, its launcher died',
  temporary: 'left behind by a killed process',
  launch: 'of a launch that was ended before anything of it ran',
  deleted: 'of a run that was not deleted to the end',
  runtime: 'of another version, used by no script',
};

/** `mlx gc`: asks, then removes unused files. */
export async function run({ positionals, options }: ParsedArgs<GcOptions>, io: Io): Promise<number> {
  const settings = await settingsOf(options, io.cwd);
  const store = settings.logger.parent_log_dir;
  const [extra] = positionals;
  if (extra !== undefined) fail({ reason: 'unexpected-argument', argument: extra, command: 'gc' });
  if (!listRunIds(store)) fail({ reason: 'no-store', path: displayPath(store, io.cwd) });
  const garbage = findGarbage(store);
  const parent = settings.version_manager.parent_work_dir;
  const code = await findCodeGarbage(store, { parent, cwd: io.cwd, force: options.force });
  const count = garbage.length + code.garbage.length;
  if (options.json) {
    const removed = options.yes
      ? [...removeGarbage(store, garbage), ...(await removeCodeGarbage(code.garbage)).map(codeData)]
      : [];
    io.stdout.write(`${jsonText({ found: [...garbage, ...code.garbage.map(codeData)], kept: code.kept, removed })}\n`);
    return 0;
  }
  io.stdout.write(listing(garbage, code, io));
  if (count === 0) {
    io.stdout.write(`nothing to remove from ${printableLine(displayPath(store, io.cwd))}\n`);
    return 0;
  }
  if (options.dryRun) return 0;
  if (!(await confirm(`remove ${plural(count, 'thing')}?`, io))) {
    io.stderr.write('nothing was removed\n');
    return 1;
  }
  const removed = removeGarbage(store, garbage).length + (await removeCodeGarbage(code.garbage)).length;
  io.stdout.write(`removed ${plural(removed, 'thing')}\n`);
  return 0;
}

function listing(garbage: readonly Garbage[], { garbage: code, kept }: CodeSurvey, io: Io): string {
  const rows = [
    ...garbage.map(({ path, kind }): [string, string] => [displayPath(path, io.cwd), kinds[kind]]),
    ...code.map((one) => codeRow(one, io)),
  ];
  const more = rows.length > shown ? `… and ${rows.length - shown} more\n` : '';
  const lines = rows.slice(0, shown).map(([path, what]) => `${printableLine(path)}  ${what}\n`);
  return `${lines.join('')}${more}${kept.map((one) => `${keptText(one, io)}\n`).join('')}`;
}

function codeRow(one: CodeGarbage, io: Io): [string, string] {
  switch (one.kind) {
    case 'copy':
      return [displayPath(one.path, io.cwd), `a copy of code that no unfinished run uses, ${sizeText(one.bytes)}`];
    case 'unfinished-copy':
      return [displayPath(one.path, io.cwd), `a copy of code that was never finished, ${sizeText(one.bytes)}`];
    case 'commit':
      return [
        `refs/mlx/${one.commit.slice(0, 10)}`,
        `a commit that no run names, in ${displayPath(one.repository.root, io.cwd)}`,
      ];
  }
}

function keptText(one: KeptCode, io: Io): string {
  if (one.kind === 'store-missing') {
    return `kept: code of runs in ${printableLine(one.store)}, which is not there (--force takes it for gone)`;
  }
  const [first = ''] = one.files;
  const more = one.files.length > 1 ? ` and ${plural(one.files.length - 1, 'other file')}` : '';
  return `kept: ${printableLine(displayPath(one.path, io.cwd))}, in which runs wrote ${printableLine(first)}${more} (--force removes them too)`;
}

function codeData(one: CodeGarbage): object {
  return one.kind === 'commit'
    ? { kind: one.kind, commit: one.commit, repository: one.repository.root }
    : { kind: one.kind, path: one.path, bytes: one.bytes };
}
