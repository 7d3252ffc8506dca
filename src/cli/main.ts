import { splitWords } from '../arguments/index.js';
import { errnoCode, errnoPath } from '../core/errno.js';
import { nearest } from '../core/suggest.js';
import { version } from '../core/version.js';
import { type Failure, fail, MlxError } from '../failures/index.js';
import { commands } from './commands/index.js';
import type { Command, Io } from './grammar/command.js';
import { keepIgnored } from './launching/signals.js';
import { surviveLostOutput } from './output/lost-output.js';

type Process = Pick<NodeJS.Process, 'cwd' | 'env' | 'stdout' | 'stderr'>;

/**
 * Runs one command line. Resolves to the exit code: 0 success, 1 some run failed or output could not be
 * written, 2 wrong input and nothing written, 3 the engine refused, 130 interrupted. Failures are rendered
 * only here.
 */
export async function main(argv: readonly string[], { cwd, env, stdout, stderr }: Process): Promise<number> {
  keepIgnored(env);
  const hasLostOutput = surviveLostOutput({ stdout, stderr });
  try {
    const code = await dispatch(argv, { argv, cwd: cwd(), env, stdout, stderr, version });
    return code === 0 && hasLostOutput() ? 1 : code;
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const { renderFailure } = await import('../failures/index.js');
    const { text, exitCode } = renderFailure(failure);
    stderr.write(text);
    return exitCode;
  }
}

/** Returns the failure to print for an error; undefined for a bug, whose stack helps more. */
function failureOf(error: unknown): Failure | undefined {
  if (error instanceof MlxError) return error.failure;
  const code = errnoCode(error);
  // Node's own codes (`ERR_…`) are for programmers; the system's are for users.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  return { reason: 'system-error', path: errnoPath(error), code };
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [word, ...words] = withCommandFirst(argv);
  if (word === undefined || word === '--help' || word === '-h') return showHelp(undefined, false, io);
  if (word === 'help') return showHelp(words[0], true, io);
  const command = commandNamed(word);
  if (!wantsHelp(words, command)) return command.run(words, io, commands);
  const { renderCommandHelp } = await import('./grammar/help.js');
  io.stdout.write(renderCommandHelp(command));
  return 0;
}

/**
 * Prints the help of a command, a page of the documentation, or the list of commands, with or without the
 * pages.
 */
async function showHelp(topic: string | undefined, withPages: boolean, io: Io): Promise<number> {
  const { renderCommandHelp, renderHelp } = await import('./grammar/help.js');
  const { listTopics, renderTopic, topicTitle } = await import('./output/topics.js');
  if (topic === undefined) {
    const pages = withPages ? listTopics().map((one): [string, string] => [one.name, topicTitle(one)]) : [];
    io.stdout.write(renderHelp(commands, io.version, pages));
    return 0;
  }
  const command = commands.find(({ name, aliases }) => name === topic || aliases.includes(topic));
  const page = command ? undefined : listTopics().find(({ name }) => name === topic);
  if (page) {
    const { painter } = await import('./output/style.js');
    io.stdout.write(renderTopic(page, painter(io.stdout, io.env)));
  } else io.stdout.write(renderCommandHelp(command ?? topicNamed(topic, listTopics())));
  return 0;
}

/**
 * Moves jman's `--local` from before the command to after it. Its manual once writes `--execute` for the
 * command `execute`.
 */
function withCommandFirst(argv: readonly string[]): readonly string[] {
  const [first, second, ...rest] = argv;
  if ((first !== '--local' && first !== '-l') || second === undefined) return argv;
  // An option of the command that stands before it: `mlx --local --log-dir logs2 execute`.
  if (second !== '--execute' && second.startsWith('--')) {
    const at = rest.findIndex((word) => commands.some(({ name, aliases }) => name === word || aliases.includes(word)));
    const command = rest[at];
    if (command !== undefined) return [command, '--local', second, ...rest.slice(0, at), ...rest.slice(at + 1)];
  }
  return [second === '--execute' ? 'execute' : second, '--local', ...rest];
}

function wantsHelp(words: readonly string[], command: Command): boolean {
  const lists = command.options.filter(({ type }) => type === 'list').map(({ name }) => `--${name}`);
  // The value of `--option` may be a `-h` of an engine.
  const own = splitWords(words, command).own.filter((_, i) => !lists.includes(words[i - 1] ?? ''));
  return own.includes('--help') || own.includes('-h');
}

function topicNamed(word: string, topics: readonly { readonly name: string }[]): never {
  const names = [...commands.map(({ name }) => name), ...topics.map(({ name }) => name)];
  return fail({ reason: 'unknown-topic', word, near: nearest(word, names) });
}

function commandNamed(word: string): Command {
  const command = commands.find(({ name, aliases }) => name === word || aliases.includes(word));
  if (command) return command;
  if (word.startsWith('-')) {
    return fail({ reason: 'unknown-option', option: word, command: '', near: nearest(word, ['--help', '--version']) });
  }
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
  return fail({ reason: 'unknown-command', word, near: nearest(word, names) });
}
