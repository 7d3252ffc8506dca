import {
  type CodeChoices,
  type CodeStep,
  type CodeToFix,
  type FixedCode,
  fixCode,
  lookAtCode,
  type WorkTree,
} from '../../code/index.js';
import { displayPath } from '../../core/paths.js';
import { printable, printableLine } from '../../core/text.js';
import { plural } from '../../core/words.js';
import { fail } from '../../failures/index.js';
import type { Settings } from '../../settings/index.js';
import type { Io } from '../grammar/command.js';
import { canAsk } from '../output/confirm.js';
import { copyingText } from './restore-copy.js';

type VersionSettings = Settings['version_manager'];

/** Looks at the code of the working directory. Throws what `lookAtCode` of the version manager throws. */
export function codeOf(settings: Settings, io: Io): Promise<CodeToFix> {
  return lookAtCode(io.cwd, ownPlaces(settings), settings.version_manager.parent_work_dir);
}

/** What mlx writes to. */
const ownPlaces = ({ logger, version_manager }: Settings): string[] => [
  logger.parent_log_dir,
  version_manager.parent_work_dir,
];

/**
 * Fixes the version of the code as options, settings, or answers on a terminal say. Throws `code-undecided` where nobody can be
 * asked and something would be lost, or what `fixCode` throws.
 */
export async function fixVersion(
  code: CodeToFix,
  launch: {
    readonly settings: Settings;
    /** Files that the runs can't do without. */
    readonly needed: readonly string[];
    readonly quiet: boolean;
  },
  io: Io,
): Promise<FixedCode> {
  const { settings, needed, quiet } = launch;
  const { version_manager: version, logger, interactive_mode } = settings;
  const own = ownPlaces(settings);
  const { tree, choices } =
    interactive_mode && canAsk(io)
      ? await import('./version-questions.js').then(({ askForCode }) =>
          askForCode({ repository: code.repository, tree: code.tree, own, version }, io),
        )
      : { tree: code.tree, choices: chooseAlone(code.tree, version) };
  const places = {
    own,
    store: logger.parent_log_dir,
    parent: version.parent_work_dir,
    readOnly: version.read_only,
    links: version.link,
    needed,
  };
  const tell = (step: CodeStep) => {
    if (!quiet) io.stderr.write(stepText(step, settings, io));
  };
  const fixed = await fixCode({ ...code, tree }, choices, places, tell);
  for (const { path, changed } of fixed.copy?.passedOver ?? []) {
    const files = `${changed.slice(0, 3).map(printableLine).join(', ')}${changed.length > 3 ? ', …' : ''}`;
    io.stderr.write(`note: ${displayPath(path, io.cwd)} is not used, since ${files} in it was changed\n`);
  }
  return fixed;
}

/** The choices where nobody is asked: what would be lost in silence ends the launch. Throws `code-undecided`. */
function chooseAlone(tree: WorkTree, { untracked, uncommitted, run_from }: VersionSettings): CodeChoices {
  const add = untracked === 'add' && tree.untracked.length > 0;
  if (tree.untracked.length > 0 && (untracked === 'ask' || untracked === 'fail')) {
    fail({ reason: 'code-undecided', kind: 'untracked', paths: tree.untracked });
  }
  if ((add || tree.changed.length > 0) && (uncommitted === 'ask' || uncommitted === 'fail')) {
    const paths = [...tree.changed, ...(add ? tree.untracked : [])];
    fail({ reason: 'code-undecided', kind: 'uncommitted', paths });
  }
  refuseLostAddition(add, uncommitted);
  return {
    untracked: add ? 'add' : 'ignore',
    uncommitted: uncommitted === 'commit' || uncommitted === 'snapshot' ? uncommitted : 'ignore',
    runFrom: run_from === 'here' ? 'here' : 'copy',
  };
}

/** Added files run only with a commit that holds them. */
export function refuseLostAddition(add: boolean, uncommitted: VersionSettings['uncommitted']): void {
  if (add && uncommitted === 'ignore') {
    fail({ reason: 'options-exclude', options: ['--untracked add', '--uncommitted ignore'] });
  }
}

/** What a dry run tells of the code: nothing was asked, and nothing is fixed. */
export function unfixedNotes({ tree }: CodeToFix): string[] {
  const open = [
    ...(tree.untracked.length > 0 ? [`${plural(tree.untracked.length, 'untracked path')} (--untracked)`] : []),
    ...(tree.changed.length > 0 ? [`${plural(tree.changed.length, 'uncommitted path')} (--uncommitted)`] : []),
  ];
  const head = `the code would be that of commit ${tree.commit.slice(0, 10)}${tree.branch === null ? '' : ` on ${tree.branch}`}`;
  return [open.length === 0 ? head : `${head}; still to be decided: ${open.join(', ')}`];
}

function stepText(step: CodeStep, { version_manager }: Settings, io: Io): string {
  if (step.type === 'committed')
    return `Committing changes...\n\n${printable(step.words)}\n\nNo more uncommitted changes!\n\n`;
  return copyingText(step.commit, version_manager.parent_work_dir, io);
}
