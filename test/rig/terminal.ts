import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { mlxBin, type Rig, waitUntil } from './rig.js';

/** Keys of a terminal. */
export const keys = { ctrlC: '\x03', ctrlD: '\x04', enter: '\r' };

/** What stood on a terminal, and how the program ended. */
export interface Screen {
  readonly text: string;
  readonly exitCode: number | undefined;
}

/**
 * Runs mlx in a terminal. Each step waits until a text stands there, behind that of the step before, and then presses keys. Resolves when
 * mlx has ended.
 */
export async function inTerminal(
  rig: Pick<Rig, 'directory'>,
  args: readonly string[],
  steps: readonly (readonly [awaited: string, pressed: string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<Screen> {
  // `script` itself may not be on the PATH that mlx gets.
  const { PATH: path, ...rest } = env;
  const inside = path === undefined ? [] : ['env', `PATH=${path}`];
  const line = [...inside, process.execPath, mlxBin, ...args]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(' ');
  // Without a size, the terminal has no rows.
  const child = execa('script', ['-qec', `stty rows 40 cols 150; ${line}`, '/dev/null'], {
    cwd: rig.directory,
    env: { CI: undefined, NO_COLOR: '1', FORCE_COLOR: undefined, TERM: 'xterm', ...rest },
    reject: false,
    buffer: false,
    stdin: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString().replaceAll('\r', '');
  });
  let from = 0;
  let over = false;
  const ended = child.finally(() => {
    over = true;
  });
  for (const [awaited, pressed] of steps) {
    await waitUntil(() => over || text.indexOf(awaited, from) !== -1, `'${awaited}' on the terminal:\n${text}`);
    from = Math.max(from, text.indexOf(awaited, from) + awaited.length);
    if (!over) child.stdin.write(pressed);
  }
  const { exitCode } = await ended;
  return { text, exitCode };
}
