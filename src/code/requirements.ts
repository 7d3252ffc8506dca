import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import sortBy from 'lodash/sortBy.js';
import { parse as parseToml } from 'smol-toml';
import * as v from 'valibot';
import { probeOutput } from '../core/probe.js';
import { pythonProbe } from './python.js';

/** The language of a program, and what it needs to run, as far as that can be told. */
export interface Interpreter {
  readonly path: string;
  readonly version: string | null;
  /** `name==version` of what is installed for it, or of what its lock file asks for; null where neither is known. */
  readonly requirements: readonly string[] | null;
  readonly lockFile: LockFile | null;
  /** Directories of the work tree that it imports from by itself, wherever it is started. */
  readonly live: readonly string[];
}

export interface LockFile {
  /** Relative to the top of the work tree. */
  readonly path: string;
  readonly sha256: string;
}

/** Seconds that a program may take to say what it is. */
const patience = 30;

/**
 * Asks what runs a program for its version, and for what is installed for it; for Node, R and Julia reads the lock file that is nearest
 * to the program.
 *
 * @param executable what runs the program; the program itself where nothing does.
 */
export async function describeInterpreter(
  { executable, file, argv }: { executable: string; file: string; argv: readonly string[] },
  { root, environment }: { root: string; environment: Readonly<Record<string, string | undefined>> },
): Promise<Interpreter | null> {
  const probe = { env: environment, seconds: patience };
  if (/^(python|pypy)[\d.]*$/.test(basename(executable))) {
    // The interpreter's own options, such as -E, change what it imports.
    const answer = await probeOutput([executable, '-c', pythonProbe, root], probe);
    const told = v.safeParse(pythonAnswer, parsed(answer));
    const { version = null, requirements = null, live = [] } = told.success ? told.output : {};
    return { path: executable, version, requirements, lockFile: null, live };
  }
  if (executable === file && argv.length > 0 && !isInterpreter(executable)) return null;
  const [version = null] = ((await probeOutput([executable, '--version'], probe)) ?? '').trim().split('\n');
  const locked = lockedVersions(file, root);
  return {
    path: executable,
    version: version === '' ? null : version,
    requirements: locked?.versions ?? null,
    lockFile: locked?.lockFile ?? null,
    live: [],
  };
}

const isInterpreter = (path: string) => /^(node|Rscript|R|julia|bash|sh|perl|ruby)$/.test(basename(path));

const pythonAnswer = v.object({
  version: v.string(),
  requirements: v.array(v.string()),
  live: v.array(v.string()),
});

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}

const lockFiles: Readonly<Record<string, readonly (readonly [name: string, read: (text: string) => string[]])[]>> = {
  node: [
    ['package-lock.json', npmVersions],
    // What these hold is told by their hash.
    ['pnpm-lock.yaml', () => []],
    ['yarn.lock', () => []],
    ['bun.lock', () => []],
  ],
  R: [['renv.lock', renvVersions]],
  julia: [['Manifest.toml', juliaVersions]],
};

const languages: Readonly<Record<string, string>> = {
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.ts': 'node',
  '.R': 'R',
  '.r': 'R',
  '.jl': 'julia',
};

/** The lock file that is nearest to a program, up to the top of the work tree. */
export function lockedVersions(
  file: string,
  root: string,
): { lockFile: LockFile; versions: string[] | null } | undefined {
  const known = lockFiles[languages[extname(file)] ?? ''];
  if (!known) return undefined;
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    for (const [name, read] of known) {
      const path = join(directory, name);
      if (!existsSync(path)) continue;
      const text = readFileSync(path);
      const versions = readVersions(read, text.toString());
      const sha256 = createHash('sha256').update(text).digest('hex');
      return { lockFile: { path: relative(root, path), sha256 }, versions };
    }
    if (directory === root || dirname(directory) === directory) return undefined;
  }
}

function readVersions(read: (text: string) => string[], text: string): string[] | null {
  try {
    const versions = sortBy(read(text));
    return versions.length === 0 ? null : versions;
  } catch {
    // A lock file of another form is told by its hash all the same.
    return null;
  }
}

/** `packages` of npm's lock file, version 2 and 3: a path in `node_modules` and a version each. */
function npmVersions(text: string): string[] {
  const schema = v.object({ packages: v.record(v.string(), v.object({ version: v.optional(v.string()) })) });
  const { packages } = v.parse(schema, JSON.parse(text));
  return Object.entries(packages).flatMap(([path, { version }]) => {
    const name = path.split('node_modules/').at(-1);
    return path.includes('node_modules/') && version !== undefined ? `${name}==${version}` : [];
  });
}

function renvVersions(text: string): string[] {
  const schema = v.object({ Packages: v.record(v.string(), v.object({ Version: v.string() })) });
  return Object.entries(v.parse(schema, JSON.parse(text)).Packages).map(([name, one]) => `${name}==${one.Version}`);
}

/** `[[deps.Name]]` of a manifest, see the documentation of Pkg; packages that come with Julia have no version. */
function juliaVersions(text: string): string[] {
  const schema = v.object({ deps: v.record(v.string(), v.array(v.object({ version: v.optional(v.string()) }))) });
  const { deps } = v.parse(schema, parseToml(text));
  return Object.entries(deps).flatMap(([name, found]) =>
    found.flatMap(({ version }) => (version === undefined ? [] : `${name}==${version}`)),
  );
}
