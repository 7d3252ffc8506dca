import { simpleGit } from 'simple-git';
import { ownEnvironment } from '../core/own-environment.js';
import { fail, MlxError } from '../failures/index.js';

/** The oldest git that mlx is tested with. */
const oldestGit = [2, 25] as const;

/** A git command failed: `git-failed`, with its output as `words`. */
export class GitFailure extends MlxError {
  readonly words: string;

  constructor(command: string, words: string) {
    super({ reason: 'git-failed', command, words });
    this.words = words;
  }
}

/**
 * Runs git with these words and returns its output. Throws `GitFailure`, or `no-git` if git is not installed.
 */
export type Git = (...words: string[]) => Promise<string>;

/** How a git command differs from a plain one in its directory. */
interface GitSetup {
  readonly gitDirectory?: string;
  readonly workTree?: string;
  readonly index?: string;
  /** True if the repository is a copy made by mlx, so that git may refresh its index. */
  readonly isOurs?: boolean;
  /** More environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * False to keep the user's language; by default git speaks English, so that its messages can be recognised.
   */
  readonly untranslated?: boolean;
}

/** Variables that would redirect git to another repository. A launch from inside a git hook has them. */
const redirecting = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY'];

/**
 * simple-git disables settings that could make git start programs, because its words may come from strangers.
 * Here they are the user's own settings, which git itself would use; no word of a sweep reaches git.
 */
const allowUserSettings = Object.fromEntries(
  `Alias AskPass CommandBinaries ConfigPaths ConfigEnvCount CredentialHelper Editor MergeDriver Pager ProtocolOverride Pack
  SshCommand GitProxy Exec HooksPath DiffExternal DiffTextConv Filter FsMonitor GpgProgram TemplateDir Include Submodule
  UrlRewrite`
    .split(/\s+/)
    .map((name) => [`allowUnsafe${name}`, true]),
);

/**
 * Returns a function that runs git in a directory. Git never asks for a password, and takes no optional lock
 * in a user's repository.
 */
export function gitIn(directory: string, setup: GitSetup = {}): Git {
  const inherited = Object.entries(ownEnvironment()).filter(([name]) => !redirecting.includes(name));
  const environment: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited),
    ...(setup.gitDirectory !== undefined && { GIT_DIR: setup.gitDirectory }),
    ...(setup.workTree !== undefined && { GIT_WORK_TREE: setup.workTree }),
    ...(setup.index !== undefined && { GIT_INDEX_FILE: setup.index }),
    ...((setup.untranslated ?? true) && { LC_ALL: 'C' }),
    ...setup.environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: setup.isOurs ? '1' : '0',
  };
  const git = simpleGit({
    baseDir: directory,
    maxConcurrentProcesses: 8,
    unsafe: allowUserSettings,
    allowEnvironment: Object.keys(environment),
    // A file system monitor may be late.
    config: ['core.fsmonitor=false', 'core.quotePath=false'],
    errors: (error, { exitCode, stdErr, stdOut }) => {
      // An existing error means that git could not start.
      if (exitCode === 0 || error instanceof Error) return error;
      return Buffer.concat([...stdErr, ...stdOut]);
    },
  }).env(environment);
  // simple-git waits 50 ms longer for a command that has printed nothing. An empty chunk of output avoids
  // that.
  git.outputHandler((_command, stdout) => void setImmediate(() => stdout.emit('data', Buffer.alloc(0))));
  return async (...words) => {
    try {
      return await git.raw(words);
    } catch (error) {
      throw causeOf(words, (error as Error).message);
    }
  };
}

function causeOf(command: readonly string[], words: string): Error {
  const name = command.find((word, at) => !word.startsWith('-') && command[at - 1] !== '-c') ?? '';
  return /\bspawn\b.*\bENOENT\b/.test(words)
    ? new MlxError({ reason: 'no-git', found: undefined, oldest: oldestGit.join('.') })
    : new GitFailure(name, words.trim());
}

/** Throws `no-git` if git is too old. */
export async function requireGit(git: Git): Promise<void> {
  const text = await git('version');
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isNew = Number(major) > oldestGit[0] || (Number(major) === oldestGit[0] && Number(minor) >= oldestGit[1]);
  if (!isNew) fail({ reason: 'no-git', found: text.trim(), oldest: oldestGit.join('.') });
}
