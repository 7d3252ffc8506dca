// What the imports of src/ say: cycles, deep imports, exports that no other file uses.
import { posix } from 'node:path';

/** Groups of files that import one another, the largest first. Files are `{ path, imports: { target }[] }`. */
export function cyclesOf(files) {
  const targets = new Map(files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
  const state = { targets, numbers: new Map(), low: new Map(), stack: [], groups: [] };
  for (const path of targets.keys()) if (!state.numbers.has(path)) connect(path, state);
  const cycles = state.groups.filter((group) => group.length > 1 || targets.get(group[0])?.includes(group[0]));
  return cycles.map((group) => group.sort()).sort((a, b) => b.length - a.length || (a[0] < b[0] ? -1 : 1));
}

/** Tarjan's algorithm for strongly connected components. */
function connect(path, state) {
  const { targets, numbers, low, stack, groups } = state;
  numbers.set(path, numbers.size);
  low.set(path, numbers.get(path));
  stack.push(path);
  for (const target of targets.get(path) ?? []) {
    if (!numbers.has(target)) {
      connect(target, state);
      low.set(path, Math.min(low.get(path), low.get(target)));
    } else if (stack.includes(target)) {
      low.set(path, Math.min(low.get(path), numbers.get(target)));
    }
  }
  if (low.get(path) === numbers.get(path)) groups.push(stack.splice(stack.indexOf(path)));
}

/**
 * Imports that go past the fronts of a folder in which the importing file does not lie: `index.ts`, and beside it
 * `page.ts`, the part for browsers.
 */
export function deepImportsOf(files) {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(({ target, line }) => {
      const index = outermostIndex(path, target, paths);
      const fronts = index === undefined ? [target] : [index, index.replace(/index\.ts$/, 'page.ts')];
      return fronts.includes(target) ? [] : [{ from: path, line, to: target }];
    }),
  );
}

function outermostIndex(from, target, paths) {
  const folders = posix.dirname(target).split('/');
  const indexes = folders.map((_, depth) => `${folders.slice(0, depth + 1).join('/')}/index.ts`);
  return indexes.find((index) => paths.has(index) && !from.startsWith(`${posix.dirname(index)}/`));
}

/**
 * The exported names that no other file of src uses, as `path: name`. The names of entry points are used by the
 * package's users; a re-export counts as a use if somebody uses it.
 */
export function unusedExportsOf(files, entryPoints) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const used = new Set();
  const use = (path, name) => {
    const key = `${path}: ${name}`;
    const file = byPath.get(path);
    if (file === undefined || used.has(key)) return;
    used.add(key);
    for (const one of file.reExports) {
      if (one.name === name) use(one.target, one.from);
      if (one.name === '*' && !file.declared.includes(name)) use(one.target, name);
    }
  };
  const useAll = (path) => {
    for (const name of exportsOf(path, byPath)) use(path, name);
  };
  for (const path of entryPoints) if (byPath.has(path)) useAll(path);
  for (const { imports } of files) {
    for (const { target, names } of imports) {
      if (names === '*') useAll(target);
      else for (const name of names) use(target, name);
    }
  }
  return files.flatMap(({ path, declared, reExports }) =>
    [...declared, ...reExports.map(({ name }) => name).filter((name) => name !== '*')]
      .map((name) => `${path}: ${name}`)
      .filter((key) => !used.has(key)),
  );
}

/** All names that a file exports, through `export *` too. */
export function exportsOf(path, byPath, seen = new Set()) {
  const file = byPath.get(path);
  if (file === undefined || seen.has(path)) return [];
  seen.add(path);
  const passedOn = file.reExports.flatMap(({ name, target }) =>
    name === '*' ? exportsOf(target, byPath, seen) : [name],
  );
  return [...new Set([...file.declared, ...passedOn])];
}
