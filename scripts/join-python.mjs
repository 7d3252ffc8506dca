// Joins the modules of a Python package into one file. Stores hold that file, and programs can keep a copy of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the package in `directory` as the text of one module. Its docstring and its names are those of `__init__.py`.
 *
 * Imports between the modules fall away. So each name may have one home in the package, and imports stand at the
 * left margin, one a line, without `as`. Throws an error if the package breaks these rules or imports in a circle.
 */
export function joinPython(directory) {
  const names = readdirSync(directory).filter((name) => name.endsWith('.py'));
  const modules = new Map(names.map((name) => [name.slice(0, -3), readModule(directory, name)]));
  const order = inOrderOfImports(modules);
  if (order.length < modules.size) throw new Error(`${directory}: __init__.py does not need all of the modules`);
  const owners = new Map();
  for (const module of modules.values()) checkNames(module, modules, owners);
  const imports = [...new Set(order.flatMap(({ outside }) => outside))].sort();
  const ofModules = imports.filter((line) => line.startsWith('import '));
  const front = modules.get('__init__');
  return [
    `"""${front.docstring}"""`,
    '# Joined from several modules by the build of mlx; changes here are lost.',
    [...ofModules, ...imports.filter((line) => !ofModules.includes(line))].join('\n'),
    ...order.flatMap((module) => (module === front ? [] : [heading(module)])),
    front.body,
    '',
  ].join('\n\n');
}

function readModule(directory, name) {
  const path = join(directory, name);
  const text = readFileSync(path, 'utf8');
  const docstring = /^"""([\s\S]*?)"""\n/.exec(text);
  if (!docstring) throw new Error(`${path}: a docstring comes first`);
  const module = { path, name, docstring: docstring[1], outside: [], inside: [], names: [], body: '' };
  const body = [];
  // Another package of ours is one file, too.
  const rest = text.slice(docstring[0].length).replace(/^( *from mlx\w+)\.\w+(?= import )/gm, '$1');
  for (const line of rest.split('\n')) {
    if (/^(import|from)\b/.test(line)) readImport(module, line);
    else body.push(line);
    const defined = /^(?:class |def )?(\w+)(?=[(:]| =)/.exec(line);
    if (defined) module.names.push(defined[1]);
  }
  module.body = body.join('\n').trim();
  return module;
}

function readImport(module, line) {
  const [, from, imported] = /^(?:from ([\w.]+) )?import (\w+(?:, \w+)*)$/.exec(line) ?? [];
  if (imported === undefined) throw new Error(`${module.path}: can't join this import: ${line}`);
  const sibling = /^\.(\w+)$/.exec(from ?? '');
  if (sibling) module.inside.push({ from: sibling[1], names: imported.split(', ') });
  else module.outside.push(line);
}

function inOrderOfImports(modules) {
  const order = [];
  const visit = (name, path) => {
    const module = modules.get(name);
    if (!module) throw new Error(`${path.at(-1)}.py imports ${name}, which is not there`);
    if (path.includes(name)) throw new Error(`a circle of imports: ${[...path, name].join(', ')}`);
    for (const { from } of module.inside) visit(from, [...path, name]);
    if (!order.includes(module)) order.push(module);
  };
  visit('__init__', []);
  return order;
}

function checkNames(module, modules, owners) {
  for (const { from, names } of module.inside) {
    const missing = names.find((name) => !modules.get(from).names.includes(name));
    if (missing) throw new Error(`${module.path}: ${from} has no ${missing}`);
  }
  // The home of a name is the module that defines it, or the line that imports it.
  const homes = module.names.map((name) => [name, module.path]);
  for (const line of module.outside)
    for (const name of line.replace(/^.*import /, '').split(', ')) homes.push([name, line]);
  for (const [name, home] of homes) {
    const other = owners.get(name) ?? home;
    if (other !== home) throw new Error(`${name} has two meanings: ${other}; ${home}`);
    owners.set(name, home);
  }
}

function heading({ name, docstring, body }) {
  const comment = [`--- ${name}`, ...docstring.trim().split('\n')].map((line) => `# ${line}`.trimEnd());
  return `\n${comment.join('\n')}\n\n${body}`;
}
