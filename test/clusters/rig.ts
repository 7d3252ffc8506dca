import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import { inject, type TestContext } from 'vitest';
import { type MlxResult, removeAfterTest } from '../rig/rig.js';
import type { ClusterName } from './start.js';

/** A project on a machine that has this engine. */
export interface ClusterRig {
  readonly directory: string;
  mlx(...args: string[]): Promise<MlxResult>;
  /** A command of the engine, as the user that submits. */
  command(...argv: [string, ...string[]]): Promise<MlxResult>;
  write(path: string, text: string): string;
  read(path: string): string;
  /** What `mlx list --json` tells, by run. */
  list(...words: string[]): Promise<Map<number, ListedRun>>;
  /** Waits until these runs all have one of these statuses. */
  until(ids: readonly number[], statuses: string, seconds?: number): Promise<Map<number, ListedRun>>;
}

interface ListedRun {
  readonly run: number;
  readonly status: string;
  readonly reason: string | null;
  readonly job_id: string | null;
  readonly attempt: number;
  readonly exit_code: number | null;
}

/** A program that prints its arguments, and does as `do=` says. */
export const program = `#!/bin/bash
printf '%s\\n' "$@"
for word; do
  case $word in
    do=fail) echo broken >&2; exit 3 ;;
    do=kill) kill -9 $$ ;;
    do=wait) touch "$MLX_LOG_DIR/waits"; while [ ! -e "$MLX_LOG_DIR/../../go" ]; do sleep 0.2; done ;;
    do=sleep) sleep 300 ;;
  esac
done
`;

/** A project for tests with an engine; skips the test where the engine can't be started here, saying why. */
export function clusterRig(
  name: ClusterName,
  context: TestContext,
  project = "it's a; project",
  more: Readonly<Record<string, string>> = {},
): ClusterRig {
  const cluster = inject('clusters')[name];
  if ('missing' in cluster) context.skip(cluster.missing);
  const { env, user } = 'missing' in cluster ? { env: {}, user: undefined } : cluster;
  const parent = mkdtempSync(join(tmpdir(), 'mlx-cluster-'));
  const directory = join(parent, project);
  mkdirSync(directory);
  chmodSync(parent, 0o755);
  const own = (path: string) => {
    if (user === undefined) return;
    const id = (flag: string) => Number(execaSync('id', [flag, user]).stdout);
    chownSync(path, id('-u'), id('-g'));
  };
  own(directory);
  removeAfterTest(parent, context.onTestFinished);
  const command = async (...argv: [string, ...string[]]): Promise<MlxResult> => {
    const [file, ...words] = user === undefined ? argv : ['runuser', '-u', user, '--', ...argv];
    const { stdout, stderr, exitCode } = await execa(file, words, {
      cwd: directory,
      env: { CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined, ...env, ...more },
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
    });
    return { stdout, stderr, exitCode };
  };
  const mlx = (...args: string[]) => command(process.execPath, inject('publicMlx'), ...args);
  const list = async (...words: string[]) => {
    const { stdout, stderr } = await mlx('list', '--json', ...words);
    if (stdout === '') throw new Error(stderr);
    return new Map((JSON.parse(stdout) as ListedRun[]).map((run) => [run.run, run]));
  };
  return {
    directory,
    command,
    mlx,
    list,
    write(path, text) {
      const file = join(directory, path);
      if (!existsSync(dirname(file))) {
        mkdirSync(dirname(file), { recursive: true });
        own(dirname(file));
      }
      writeFileSync(file, text);
      chmodSync(file, text.startsWith('#!') ? 0o755 : 0o644);
      own(file);
      return file;
    },
    read: (path) => readFileSync(join(directory, path), 'utf8'),
    async until(ids, statuses, seconds = 60) {
      const wanted = new Set(statuses.split(' '));
      for (const end = Date.now() + seconds * 1000; ; await sleep(300)) {
        const runs = await list();
        if (ids.every((id) => wanted.has(runs.get(id)?.status ?? ''))) return runs;
        const now = ids.map((id) => `${id} ${runs.get(id)?.status} ${runs.get(id)?.reason ?? ''}`);
        if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${statuses}: ${now.join(', ')}`);
      }
    },
  };
}

/** `1, 2, …, count`. */
export const ids = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i);
