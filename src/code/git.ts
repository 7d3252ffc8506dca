import { simpleGit } from 'simple-git';
import { fail, MlxError } from '../failures/index.js';

/** The oldest git that mlx is tried with; `git status --porcelain=v2` alone needs 2.11. */
const oldestGit = [2, 25] as const;

/** Git said no: `git-failed`, with what it printed as the words. */
export class GitFailure extends MlxError {
  readonly words: string;

  constructor(command: string, words: string) {
    super({ reason: 'git-failed', command, words });
    this.words = words;
  }
}

/** Runs git with these words, and gives what it printed. Throws `GitFailure`, or `no-git` where there is none. */
export type Git = (...words: string[]) => Promise<string>;

/** Where git works, where that is not what it finds from the directory itself. */
export interface GitSetup {
  readonly gitDirectory?: string;
  readonly workTree?: string;
  readonly index?: string;
  /** Whether the repository is one of mlx, whose index git may bring up to date by the way. */
  readonly isOurs?: boolean;
  /** Further variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether git is to speak its own language, so that its words can be told apart; hooks of users see their own. */
  readonly untranslated?: boolean;
}

/** What would make git work elsewhere than where mlx was called from; a launch from within a hook has them. */
const ofCaller = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY'];

/**
 * simple-git takes away what could make git start programs, since it may be given words of strangers. These are the user's own
 * variables and settings, as git itself would take them; no word of a sweep ever gets here.
 */
const asTheUserHasIt = Object.fromEntries(
  `Alias AskPass CommandBinaries ConfigPaths ConfigEnvCount CredentialHelper Editor MergeDriver Pager ProtocolOverride Pack
  SshCommand GitProxy Exec HooksPath DiffExternal DiffTextConv Filter FsMonitor GpgProgram TemplateDir Include Submodule
  UrlRewrite`
    .split(/\s+/)
    .map((name) => [`allowUnsafe${name}`, true]),
);

/**
 * Git as it works from a directory. Nothing of it asks for a password, and in a user's repository it takes no lock that it can do
 * without.
 */
export function gitIn(directory: string, place: GitSetup = {}): Git {
  const inherited = Object.entries(process.env).filter(([name]) => !ofCaller.includes(name));
  const environment: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited),
    ...(place.gitDirectory !== undefined && { GIT_DIR: place.gitDirectory }),
    ...(place.workTree !== undefined && { GIT_WORK_TREE: place.workTree }),
    ...(place.index !== undefined && { GIT_INDEX_FILE: place.index }),
    ...((place.untranslated ?? true) && { LC_ALL: 'C' }),
    ...place.environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: place.isOurs ? '1' : '0',
  };
  const git = simpleGit({
    baseDir: directory,
    maxConcurrentProcesses: 8,
    unsafe: asTheUserHasIt,
    allowEnvironment: Object.keys(environment),
    // What is asked is short; a monitor of the file system may be behind what is there.
    config: ['core.fsmonitor=false', 'core.quotePath=false'],
    errors: (error, { exitCode, stdErr, stdOut }) => {
      // An error that is there already: git could not be started.
      if (exitCode === 0 || error instanceof Error) return error;
      return Buffer.concat([...stdErr, ...stdOut]);
    },
  }).env(environment);
  // simple-git waits 50 ms more for a command that has printed nothing; nothing at all, said once, is as good as output.
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

/** Throws `no-git` where git is older than what is asked of it. */
export async function requireGit(git: Git): Promise<void> {
  const text = await git('version');
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isNew = Number(major) > oldestGit[0] || (Number(major) === oldestGit[0] && Number(minor) >= oldestGit[1]);
  if (!isNew) fail({ reason: 'no-git', found: text.trim(), oldest: oldestGit.join('.') });
}
