import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import { simpleGit } from 'simple-git';
import { signalMarked } from '../core/marked-processes.js';
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
 * Runs git with these words and returns its output. Throws `GitFailure`, `no-git` if git is not installed, or
 * `git-slow` if it took too long.
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
   * True for what the user would do: with their hooks, in their language. By default no hook runs, and git
   * speaks English, so that its messages can be recognised.
   */
  readonly asUser?: boolean;
  /** Seconds after which git is ended; by default `questionSeconds`. */
  readonly seconds?: number;
}

/** The most seconds that git may take to answer a question. */
const questionSeconds = 60;
/** The most seconds for work whose time depends on files, filters (LFS downloads) and hooks. */
export const workSeconds = 600;
/** Milliseconds that git has to remove its locks before it is killed. */
const graceMs = 2000;

/**
 * Variables that would redirect git to another repository (a launch from inside a git hook has them; `git
 * rev-parse --local-env-vars`), make it start a program, or change what it prints: git(1).
 */
const dropped = new Set(
  `GIT_DIR GIT_WORK_TREE GIT_IMPLICIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY GIT_COMMON_DIR
  GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_SHALLOW_FILE GIT_GRAFT_FILE GIT_NAMESPACE GIT_ATTR_SOURCE
  GIT_EXTERNAL_DIFF GIT_DIFF_OPTS GIT_PAGER GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS
  GIT_ICASE_PATHSPECS`.split(/\s+/),
);

/** Settings that hold for every call, whatever the user's are: git's defaults, see git-config(1). */
const fixedSettings = [
  // A file system monitor may be late.
  'core.fsmonitor=false',
  'core.quotePath=false',
  'core.abbrev=auto',
  'color.ui=false',
  'color.diff=false',
  'color.status=false',
  'log.showSignature=false',
  'i18n.logOutputEncoding=UTF-8',
  'status.showStash=false',
  // A missing file would make every `git status` fail.
  'diff.orderFile=/dev/null',
  'diff.autoRefreshIndex=true',
  'diff.relative=false',
  'diff.context=3',
  'diff.interHunkContext=0',
  'diff.indentHeuristic=true',
  'diff.suppressBlankEmpty=false',
  'diff.renameLimit=1000',
  'diff.colorMoved=no',
  'diff.wsErrorHighlight=none',
  'apply.ignoreWhitespace=no',
  // `read-tree` would look for submodules where the copy has none yet.
  'submodule.recurse=false',
];

/** Settings for all but what is done as the user. */
const ownSettings = ['core.hooksPath=/dev/null', 'i18n.commitEncoding=UTF-8'];

/**
 * Runs a diff of git. No program of the user runs, and its text is that of git's defaults, whatever the
 * user's settings are.
 */
export async function gitDiff(git: Git, command: 'diff' | 'diff-tree', ...words: string[]): Promise<string> {
  const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];
  // An algorithm from the command line wins over those of drivers.
  return git(...(await plainDrivers(git)), command, ...plain, '--diff-algorithm=myers', ...words);
}

/**
 * Returns settings under which the user's diff drivers show files as git does without them: gitattributes(5),
 * "Defining a custom hunk-header".
 */
async function plainDrivers(git: Git): Promise<string[]> {
  try {
    const names = await git('config', '-z', '--name-only', '--get-regexp', '^diff\\..+\\.(binary|x?funcname)$');
    return names.split('\0').flatMap((name) => {
      if (name === '') return [];
      return [
        '-c',
        name.endsWith('.binary') ? `${name}=auto` : `${name.replace(/x?funcname$/, 'xfuncname')}=^[[:alpha:]_$].*$`,
      ];
    });
  } catch (error) {
    // Exit code 1: there is none.
    if (error instanceof GitFailure) return [];
    throw error;
  }
}

/** Returns the output of `git diff`, as of `gitDiff`, byte for byte. */
export async function diffBytes(git: Git, ...words: string[]): Promise<Uint8Array> {
  // Git writes the file itself, because sources and names may be in any encoding.
  const file = join(tmpdir(), `mlx-${nanoid()}.diff`);
  try {
    await gitDiff(git, 'diff', `--output=${file}`, ...words);
    return readFileSync(file);
  } finally {
    rmSync(file, { force: true });
  }
}

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

/** The variable by which the processes of one call are found. */
const markName = 'MLX_GIT_CALL';

/**
 * Returns a function that runs git in a directory. All of mlx's calls of git are made here. Git never asks
 * for a password, reads no input, starts no pager, and takes no optional lock in a user's repository. A git
 * that takes too long is ended with all that it started: `git-slow`.
 */
export function gitIn(directory: string, setup: GitSetup = {}): Git {
  const inherited = Object.entries(ownEnvironment()).filter(([name]) => !dropped.has(name));
  const { seconds = questionSeconds, asUser = false } = setup;
  const environment: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited),
    ...(setup.gitDirectory !== undefined && { GIT_DIR: setup.gitDirectory }),
    ...(setup.workTree !== undefined && { GIT_WORK_TREE: setup.workTree }),
    ...(setup.index !== undefined && { GIT_INDEX_FILE: setup.index }),
    ...(!asUser && { LC_ALL: 'C' }),
    ...setup.environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: setup.isOurs ? '1' : '0',
  };
  return async (...words) => {
    const mark = nanoid();
    const all = { ...environment, [markName]: mark };
    const limit = new AbortController();
    const outputs: NodeJS.ReadableStream[] = [];
    const git = simpleGit({
      baseDir: directory,
      unsafe: allowUserSettings,
      allowEnvironment: Object.keys(all),
      config: asUser ? fixedSettings : [...fixedSettings, ...ownSettings],
      abort: limit.signal,
      // Nothing to read: a driver, hook or filter that asks gets the end of its input.
      input: () => Buffer.alloc(0),
      errors: (error, { exitCode, stdErr, stdOut }) => {
        // An existing error means that git could not start.
        if (exitCode === 0 || error instanceof Error) return error;
        return Buffer.concat([...stdErr, ...stdOut]);
      },
    }).env(all);
    git.outputHandler((_command, stdout, stderr) => {
      outputs.push(stdout, stderr);
      // simple-git waits 50 ms longer for a command that has printed nothing. An empty chunk of output avoids
      // that.
      setImmediate(() => stdout.emit('data', Buffer.alloc(0)));
    });
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(async () => {
        limit.abort();
        signalMarked(`${markName}=${mark}`, 'SIGTERM');
        await sleep(graceMs);
        signalMarked(`${markName}=${mark}`, 'SIGKILL');
        // A process that can't be killed must not keep this one from ending.
        for (const output of outputs) if (output instanceof Readable) output.destroy();
        reject(new Error('overdue'));
      }, seconds * 1000);
    });
    try {
      return await Promise.race([git.raw(['--no-pager', ...words]), overdue]);
    } catch (error) {
      if (limit.signal.aborted) throw new MlxError({ reason: 'git-slow', command: nameIn(words), seconds });
      throw causeOf(words, (error as Error).message);
    } finally {
      clearTimeout(timer);
    }
  };
}

function causeOf(command: readonly string[], words: string): Error {
  return /\bspawn\b.*\bENOENT\b/.test(words)
    ? new MlxError({ reason: 'no-git', found: undefined, oldest: oldestGit.join('.') })
    : new GitFailure(nameIn(command), words.trim());
}

/** Returns the name of the git command in these words. */
const nameIn = (words: readonly string[]): string =>
  words.find((word, at) => !word.startsWith('-') && words[at - 1] !== '-c') ?? '';

/** Throws `no-git` if git is too old. */
export async function requireGit(git: Git): Promise<void> {
  const text = await git('version');
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isNew = Number(major) > oldestGit[0] || (Number(major) === oldestGit[0] && Number(minor) >= oldestGit[1]);
  if (!isNew) fail({ reason: 'no-git', found: text.trim(), oldest: oldestGit.join('.') });
}
