/** How to run a command whose output is wanted. */
interface Probe {
  readonly cwd?: string;
  /** The whole environment; by default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Seconds after which it is killed; by default 10. */
  readonly seconds?: number;
}

/**
 * Runs a command and returns its stdout, or its stderr if stdout is empty (old tools print their version
 * there). Undefined if the command is missing, fails or takes too long.
 */
export async function probeOutput(
  argv: readonly [string, ...string[]],
  { cwd, env, seconds = 10 }: Probe,
): Promise<string | undefined> {
  // Loaded here, because most commands of mlx do not need it.
  const { execa } = await import('execa');
  const [command, ...args] = argv;
  const { failed, stdout, stderr } = await execa(command, args, {
    ...(cwd !== undefined && { cwd }),
    ...(env && { env, extendEnv: false }),
    reject: false,
    stdin: 'ignore',
    timeout: seconds * 1000,
  });
  return failed ? undefined : stdout || stderr;
}

/** Returns the first line of a command's output, such as its version. Undefined as for `probeOutput`. */
export async function probeCommand(argv: readonly [string, ...string[]], cwd: string): Promise<string | undefined> {
  return (await probeOutput(argv, { cwd }))?.split('\n')[0]?.trim();
}
