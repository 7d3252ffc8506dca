/** How a tool is asked. */
export interface Probe {
  readonly cwd?: string;
  /** All of the environment; this process's own where not given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** After so many it is taken to hang. */
  readonly seconds?: number;
}

/** What a command prints, on stderr where stdout is empty, as old tools do with their version; undefined where it is missing, fails or hangs. */
export async function probeOutput(
  argv: readonly [string, ...string[]],
  { cwd, env, seconds = 10 }: Probe,
): Promise<string | undefined> {
  // Loaded when it is needed: no launch is.
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

/** The first line that a command prints, such as its version; undefined where it is missing, fails or hangs. */
export async function probeCommand(argv: readonly [string, ...string[]], cwd: string): Promise<string | undefined> {
  return (await probeOutput(argv, { cwd }))?.split('\n')[0]?.trim();
}
