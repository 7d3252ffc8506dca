import { errnoCode, errnoPath } from '../core/errno.js';
import { nearest } from '../core/suggest.js';
import { type Failure, fail, MlxError, renderFailure } from '../failures/index.js';
import { commands } from './commands.js';
import type { CommandSpec, Io } from './grammar/command.js';
import { parseArgs, splitAtDashes, splitAtProgram } from './grammar/parse-args.js';
import { version } from './process/version.js';

type Process = Pick<NodeJS.Process, 'cwd' | 'env' | 'stdout' | 'stderr'>;

/**
 * Runs one command line; gives the exit code: 0 well, 1 some run did not end well, 2 wrong input and nothing written,
 * 3 the engine refused, 130 interrupted. Failures are rendered here and nowhere else.
 */
export async function main(argv: readonly string[], { cwd, env, stdout, stderr }: Process): Promise<number> {
  // A reader that has seen enough (`mlx list | head`) is no failure of ours.
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe);
  try {
    return await dispatch(argv, { argv, cwd: cwd(), env, stdout, stderr, version });
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const { text, exitCode } = renderFailure(failure);
    stderr.write(text);
    return exitCode;
  }
}

/** What is told of an error; nothing of one that is a bug, whose stack is worth more. */
function failureOf(error: unknown): Failure | undefined {
  if (error instanceof MlxError) return error.failure;
  const code = errnoCode(error);
  // Node's own codes (`ERR_…`) are for programmers; the system's are for users.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  return { reason: 'system-error', path: errnoPath(error), code };
}

/** EPIPE: the reader of a pipe has gone; EIO: the terminal has. Runs that are under way matter more than their report. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [word, ...words] = behindCommand(argv);
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    const topic = word === 'help' ? words[0] : undefined;
    const { renderCommandHelp, renderHelp } = await import('./grammar/help.js');
    const command = commands.find(({ name, aliases }) => name === topic || (topic && aliases.includes(topic)));
    const { listTopics, renderTopic, topicTitle } = await import('./grammar/topics.js');
    const page = topic === undefined || command ? undefined : listTopics().find(({ name }) => name === topic);
    if (page) {
      const { painter } = await import('./output/style.js');
      io.stdout.write(renderTopic(page, painter(io.stdout, io.env)));
    } else if (topic !== undefined) io.stdout.write(renderCommandHelp(command ?? topicNamed(topic, listTopics())));
    else
      io.stdout.write(
        renderHelp(commands, io.version, word === 'help' ? listTopics().map((one) => [one.name, topicTitle(one)]) : []),
      );
    return 0;
  }
  const command = commandNamed(word);
  if (wantsHelp(words, command)) {
    const { renderCommandHelp } = await import('./grammar/help.js');
    io.stdout.write(renderCommandHelp(command));
    return 0;
  }
  const parsed = parseArgs(words, command);
  const { run } = await command.load();
  return run(parsed, io);
}

/**
 * `--local` before the command, as jman has it, means the same behind it; so does `--execute` as a command, as its manual writes it
 * once.
 */
function behindCommand(argv: readonly string[]): readonly string[] {
  const [first, second, ...rest] = argv;
  if ((first !== '--local' && first !== '-l') || second === undefined) return argv;
  return [second === '--execute' ? 'execute' : second, '--local', ...rest];
}

function wantsHelp(words: readonly string[], command: CommandSpec): boolean {
  const { options } = command;
  const split = command.programAfter === undefined ? splitAtDashes(words) : splitAtProgram(words, command);
  const lists = options.filter(({ type }) => type === 'list').map(({ name }) => `--${name}`);
  // The value of `--option` may be a `-h` of an engine.
  const own = split.own.filter((_, i) => !lists.includes(words[i - 1] ?? ''));
  return own.includes('--help') || own.includes('-h');
}

function topicNamed(word: string, topics: readonly { readonly name: string }[]): never {
  const names = [...commands.map(({ name }) => name), ...topics.map(({ name }) => name)];
  return fail({ reason: 'unknown-topic', word, near: nearest(word, names) });
}

function commandNamed(word: string): CommandSpec {
  const command = commands.find(({ name, aliases }) => name === word || aliases.includes(word));
  if (command) return command;
  if (word.startsWith('-')) {
    return fail({ reason: 'unknown-option', option: word, command: '', near: nearest(word, ['--help', '--version']) });
  }
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
  return fail({ reason: 'unknown-command', word, near: nearest(word, names) });
}
