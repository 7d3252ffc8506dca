const timeoutMilliseconds = 10_000;

/** The first line that a command prints, such as its version; undefined where it is missing, fails or hangs. */
export async function probeCommand(argv: readonly [string, ...string[]], cwd: string): Promise<string | undefined> {
  // Loaded when it is needed: no launch is.
  const { execa } = await import('execa');
  const [command, ...args] = argv;
  const { failed, stdout, stderr } = await execa(command, args, {
    cwd,
    reject: false,
    stdin: 'ignore',
    timeout: timeoutMilliseconds,
  });
  return failed ? undefined : (stdout || stderr).split('\n')[0]?.trim();
}
