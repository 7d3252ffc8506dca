import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import sortBy from 'lodash/sortBy.js';
import { parse as parseToml } from 'smol-toml';
import * as v from 'valibot';
import { probeOutput } from '../core/probe.js';
import { pythonProbe } from './python.js';

/** The interpreter of a program and the packages that it needs, as far as known. */
export interface Interpreter {
  readonly path: string;
  readonly version: string | null;
  /** `name==version` of the installed packages, or of those in its lock file; null if neither is known. */
  readonly requirements: readonly string[] | null;
  readonly lockFile: LockFile | null;
  /** Directories of the work tree that it imports from, whatever directory it starts in. */
  readonly live: readonly string[];
}

interface LockFile {
  /** Relative to the top of the work tree. */
  readonly path: string;
  readonly sha256: string;
}

/** Seconds that an interpreter may take to answer. */
const patience = 30;

/**
 * Asks a program's interpreter for its version and its installed packages. For Node, R and Julia it reads the
 * nearest lock file instead. Returns null for a program that is no interpreter and has arguments of its own.
 *
 * @param executable the interpreter, or the program itself if it has none.
 */
export async function describeInterpreter(
  { executable, file, argv }: { executable: string; file: string; argv: readonly string[] },
  { root, environment }: { root: string; environment: Readonly<Record<string, string | undefined>> },
): Promise<Interpreter | null> {
  const probe = { env: environment, seconds: patience };
  if (/^(python|pypy)[\d.]*$/.test(basename(executable))) {
    // Without the interpreter's own options, such as -E, which change what it imports.
    const answer = await probeOutput([executable, '-c', pythonProbe, root], probe);
    const answered = v.safeParse(pythonAnswer, parsed(answer));
    const { version = null, requirements = null, live = [] } = answered.success ? answered.output : {};
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
    // These are recorded by their hash only.
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

/**
 * Returns the lock file nearest to a program, up to the top of the work tree, or undefined. Its versions are
 * null if unreadable.
 */
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
    // A lock file of another form is still recorded by its hash.
    return null;
  }
}

/** Reads `packages` of npm's lock file, versions 2 and 3: a path in `node_modules` and a version for each. */
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

/**
 * Reads `[[deps.Name]]` of a manifest: documentation of Pkg. Packages that come with Julia have no version.
 */
function juliaVersions(text: string): string[] {
  const schema = v.object({ deps: v.record(v.string(), v.array(v.object({ version: v.optional(v.string()) }))) });
  const { deps } = v.parse(schema, parseToml(text));
  return Object.entries(deps).flatMap(([name, found]) =>
    found.flatMap(({ version }) => (version === undefined ? [] : `${name}==${version}`)),
  );
}
