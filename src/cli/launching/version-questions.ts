import { join } from 'node:path';
import {
  type CodeChoices,
  ignoreDirectories,
  inspectWorkTree,
  type Repository,
  unignoredDirectories,
  type WorkTree,
} from '../../code/index.js';
import { displayPath } from '../../core/paths.js';
import { printableLine } from '../../core/text.js';
import { fail } from '../../failures/index.js';
import { refuseLostAddition } from '../../launch/index.js';
import type { Settings } from '../../settings/index.js';
import type { Io } from '../grammar/command.js';
import { type Dialogue, openDialogue } from '../output/confirm.js';

/** The code that the questions are about. */
interface Subject {
  readonly repository: Repository;
  readonly tree: WorkTree;
  /** The directories that mlx writes to. */
  readonly own: readonly string[];
  readonly version: Settings['version_manager'];
}

/** At most this many paths are named in a question. */
const shown = 20;

/**
 * Asks MLXP's questions that options and settings leave open: about untracked files, uncommitted changes, and
 * the directory to run from. Returns the work tree as it is after the answers. Throws `interrupted` if the
 * dialogue ends, and `code-undecided` if a setting is `fail`; then nothing is left written.
 */
export async function askForCode(subject: Subject, io: Io): Promise<{ tree: WorkTree; choices: CodeChoices }> {
  const dialogue = openDialogue(io);
  const questions = new Questions(subject, io, dialogue);
  try {
    await questions.ignoring();
    const untracked = await questions.untracked();
    const uncommitted = await questions.uncommitted(untracked === 'add');
    const runFrom = await questions.runFrom(uncommitted !== 'ignore' && questions.differs(untracked === 'add'));
    return { tree: questions.tree, choices: { untracked, uncommitted, runFrom } };
  } catch (error) {
    questions.undo();
    throw error;
  } finally {
    dialogue.close();
  }
}

class Questions {
  tree: WorkTree;
  /** Takes back what the answers have written. */
  undo = (): void => {};

  constructor(
    readonly subject: Subject,
    readonly io: Io,
    readonly dialogue: Dialogue,
  ) {
    this.tree = subject.tree;
  }

  /** Returns true if the last commit lacks something that may run. */
  differs(add: boolean): boolean {
    return this.tree.changed.length > 0 || (add && this.tree.untracked.length > 0);
  }

  /** Proposes to ignore mlx's directories in git, once for each repository. */
  async ignoring(): Promise<void> {
    const { repository, own } = this.subject;
    const unignored = await unignoredDirectories(repository, own);
    if (unignored.length === 0) return;
    const names = unignored.map(printableLine).join(' and ');
    const answer = await this.#choose(
      `mlx writes runs and copies of the code to ${names}, which git does not ignore yet.\n\n`,
      `Put ${names} into .gitignore? (y/n): `,
      'yn',
    );
    this.undo = ignoreDirectories(repository, answer === 'y' ? unignored : []);
    await this.#lookAgain();
  }

  async untracked(): Promise<CodeChoices['untracked']> {
    const { untracked } = this.subject.version;
    for (let again = false; ; again = true) {
      if (this.tree.untracked.length === 0) {
        if (again) this.#say('No more untracked files!\n\n');
        return 'ignore';
      }
      if (untracked === 'fail') fail({ reason: 'code-undecided', kind: 'untracked', paths: this.tree.untracked });
      if (untracked !== 'ask') return untracked;
      const answer = await this.#choose(
        `There are untracked files in the repository:

${pathsText(this.tree.untracked)}
How would you like to handle untracked files? (a/b/c)

a: Add them: they become part of the commit or snapshot that runs.
b: Check again for untracked files (assuming you added, ignored or removed them meanwhile).
c: Ignore untracked files: a copy does not have them, their names and sizes are noted with the runs.

`,
        '[Untracked files]: Please enter your choice (a/b/c): ',
        'abc',
        '--untracked',
      );
      if (answer === 'a') return 'add';
      if (answer === 'c') return 'ignore';
      await this.#lookAgain();
    }
  }

  async uncommitted(add: boolean): Promise<CodeChoices['uncommitted']> {
    const { uncommitted } = this.subject.version;
    for (let again = false; ; again = true) {
      if (!this.differs(add)) {
        if (again) this.#say('No more uncommitted changes!\n\n');
        return 'ignore';
      }
      const paths = [...this.tree.changed, ...(add ? this.tree.untracked : [])];
      if (uncommitted === 'fail') fail({ reason: 'code-undecided', kind: 'uncommitted', paths });
      refuseLostAddition(add, uncommitted);
      if (uncommitted !== 'ask') return uncommitted;
      const branch = this.tree.branch ?? 'no branch';
      const answer = await this.#choose(
        `There are uncommitted changes in the repository:

${pathsText(paths)}
How would you like to handle uncommitted changes? (a/b/c/d)

a: Create a new automatic commit on ${printableLine(branch)} before launching jobs.
b: Check again for uncommitted changes (assuming you committed them meanwhile).
c: Ignore uncommitted changes: the last commit runs, and the changes are kept as a patch with the runs.
d: Take a snapshot: the changes run, in a commit of their own beside the branch; your files stay as they are.

`,
        '[Uncommitted changes]: Please enter your choice (a/b/c/d): ',
        'abcd',
        '--uncommitted',
      );
      if (answer === 'a') return 'commit';
      if (answer === 'd') return 'snapshot';
      if (answer === 'c' && !add) return 'ignore';
      if (answer === 'c') this.#say('You chose to add untracked files, which takes a commit or a snapshot.\n\n');
      await this.#lookAgain();
    }
  }

  async runFrom(isNew: boolean): Promise<CodeChoices['runFrom']> {
    const { run_from: runFrom, parent_work_dir: parent } = this.subject.version;
    if (runFrom !== 'ask') return runFrom;
    const copy = displayPath(join(parent, isNew ? '<hash of the new commit>' : this.tree.commit), this.io.cwd);
    const answer = await this.#choose(
      `Where would you like to run your code from? (a/b)

a: Create a copy of the repository at this commit and execute code from there: later edits change nothing.
   The copy will be in ${printableLine(copy)}
b: Execute code from the main repository, as its files are when each run starts.

`,
      'Please enter your answer (a/b): ',
      'ab',
      '--run-from',
    );
    this.#say('\n');
    return answer === 'a' ? 'copy' : 'here';
  }

  async #lookAgain(): Promise<void> {
    this.tree = await inspectWorkTree(this.subject.repository, this.subject.own);
  }

  /** Asks until the answer is one of the letters. Throws `interrupted`. */
  async #choose(text: string, question: string, letters: string, flag?: string): Promise<string> {
    this.#say(`\n${text}`);
    for (;;) {
      const answer = (await this.dialogue.ask(question, flag)).toLowerCase();
      const [letter = ''] = answer;
      if (letters.includes(letter) && /^(.|yes|no)$/.test(answer)) return letter;
      this.#say(`Please enter one of ${[...letters].join(', ')}\n`);
    }
  }

  #say(text: string): void {
    this.io.stderr.write(text);
  }
}

function pathsText(paths: readonly string[]): string {
  const more = paths.length > shown ? `… and ${paths.length - shown} more\n` : '';
  return `${paths
    .slice(0, shown)
    .map((path) => `${printableLine(path)}\n`)
    .join('')}${more}`;
}
