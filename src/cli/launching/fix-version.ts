import type { CodeStep, CodeToFix, FixedCode } from '../../code/index.js';
import { displayPath } from '../../core/paths.js';
import { printable, printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { choicesWithoutAsking, fixChosen, ownDirectories } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import type { Io } from '../grammar/command.js';
import { canAsk } from '../output/confirm.js';
import { copyingText } from './restore-copy.js';

/**
 * Fixes the version of the code as options, settings, or answers on a terminal have it. Throws
 * `code-undecided` if nobody can be asked and changes would be lost, and what `fixCode` throws.
 */
export async function fixVersion(
  code: CodeToFix,
  launch: {
    readonly settings: Settings;
    /** Files that the runs need. */
    readonly needed: readonly string[];
    readonly quiet: boolean;
  },
  io: Io,
): Promise<FixedCode> {
  const { settings, needed, quiet } = launch;
  const { version_manager: version, interactive_mode } = settings;
  const own = ownDirectories(settings);
  const { tree, choices } =
    interactive_mode && canAsk(io)
      ? await import('./version-questions.js').then(({ askForCode }) =>
          askForCode({ repository: code.repository, tree: code.tree, own, version }, io),
        )
      : { tree: code.tree, choices: choicesWithoutAsking(code.tree, version) };
  const report = (step: CodeStep) => {
    if (!quiet) io.stderr.write(stepText(step, settings, io.cwd));
  };
  const fixed = await fixChosen(code, { settings, choices, tree, needed, report });
  for (const { path, changed } of fixed.copy?.passedOver ?? []) {
    const files = `${changed.slice(0, 3).map(printableLine).join(', ')}${changed.length > 3 ? ', …' : ''}`;
    io.stderr.write(
      `note: ${printableLine(displayPath(path, io.cwd))} is not used, since ${files} in it was changed\n`,
    );
  }
  return fixed;
}

/** Returns a dry run's notes about the code: it asks nothing and fixes nothing. */
export function unfixedNotes({ tree }: CodeToFix): string[] {
  const open = [
    ...(tree.untracked.length > 0 ? [`${plural(tree.untracked.length, 'untracked path')} (--untracked)`] : []),
    ...(tree.changed.length > 0 ? [`${plural(tree.changed.length, 'uncommitted path')} (--uncommitted)`] : []),
  ];
  const head = `the code would be that of commit ${tree.commit.slice(0, 10)}${tree.branch === null ? '' : ` on ${tree.branch}`}`;
  return [open.length === 0 ? head : `${head}; still to be decided: ${open.join(', ')}`];
}

function stepText(step: CodeStep, { version_manager }: Settings, cwd: string): string {
  if (step.type === 'committed')
    return `Committing changes...\n\n${printable(step.words)}\n\nNo more uncommitted changes!\n\n`;
  return copyingText(step.commit, version_manager.parent_work_dir, cwd);
}
