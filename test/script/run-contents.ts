import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobRecord, RunContents } from '../../src/store/index.js';

/** The built supervisor. */
export const runSh = fileURLToPath(new URL('../../dist/runtime/run.sh', import.meta.url));

/** The contents of a run's directory, with a job record and other parts as a test needs them. */
export function contentsOf(
  run: string,
  job: Partial<JobRecord>,
  { info, ...parts }: Omit<Partial<RunContents>, 'info' | 'job'> & { readonly info?: Partial<RunContents['info']> },
): RunContents {
  const { launch = 'launch1', engine = 'some' } = job;
  return {
    job: {
      token: 'token1',
      firstAttempt: 1,
      launch,
      point: 0,
      engine,
      jobId: undefined,
      idVariable: undefined,
      task: undefined,
      restartsGetNewIds: false,
      launcher: undefined,
      verdict: undefined,
      ...job,
    },
    info: {
      runDirectory: run,
      id: Number(basename(run)),
      launch,
      currentFilePath: '/bin/bash',
      executable: '/bin/bash',
      host: 'n1',
      workDirectory: '/',
      command: 'bash',
      engine,
      versionManager: 'version_manager: null\n',
      ...info,
    },
    overrides: [],
    patch: undefined,
    scriptMode: 0o777,
    config: '...\n',
    settings: '...\n',
    script: '',
    ...parts,
  };
}

/** A `script.sh` that has the supervisor start its body. */
export function supervisedScript(run: string, body: string): string {
  const quoted = `'${run.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/bash\n\n[ "$MLX_SUPERVISOR" = "$PPID "${quoted} ] || exec bash ${runSh} ${quoted}\n\n${body}\n`;
}
