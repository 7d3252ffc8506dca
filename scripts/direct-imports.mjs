// The source imports other folders through their index.ts. In a bundle that would start every module of a folder where
// one is needed, so the build points each import at the file that has the name.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const statement = /^(import|export)( type)? \{([^}]*)\} from '(\.[^']+\/index\.js)';$/gm;
const reExport = /^export( type)? \{([^}]*)\} from '(\.[^']+)';$/gm;
const dynamicImport = /const \{([^}]*)\} = await import\('(\.[^']+\/index\.js)'\)/g;

/** The names of a list such as `type A, b as c`. */
const namesOf = (list) =>
  list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [name, alias = name] = text.replace(/^type /, '').split(/ as |: /);
      return { name, alias, type: text.startsWith('type ') };
    });

const indexes = new Map();

/** What an index.ts exports: the file and the name there, by the exported name. */
function exportsOf(index) {
  const known = indexes.get(index);
  if (known) return known;
  const found = new Map();
  for (const [, , list, path] of readFileSync(index, 'utf8').matchAll(reExport)) {
    const file = join(dirname(index), path.replace(/\.js$/, '.ts'));
    for (const { name, alias } of namesOf(list)) found.set(alias, { file, name });
  }
  indexes.set(index, found);
  return found;
}

const specifier = (from, to) => {
  const path = relative(dirname(from), to).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
};

/** Returns the text of a module with its imports of folders pointed at their files. */
export function withDirectImports(file, text) {
  const indexOf = (path) => join(dirname(file), path.replace(/\.js$/, '.ts'));
  return text
    .replace(statement, (...match) => {
      const [all, keyword, type, list, path] = match;
      const index = indexOf(path);
      if (!existsSync(index)) return all;
      const names = exportsOf(index);
      return namesOf(list)
        .map((one) => {
          const home = names.get(one.name);
          const what = `${type || one.type ? 'type ' : ''}${home?.name ?? one.name}`;
          const alias = one.alias === (home?.name ?? one.name) ? '' : ` as ${one.alias}`;
          return `${keyword} { ${what}${alias} } from '${home ? specifier(file, home.file) : path}';`;
        })
        .join(' ');
    })
    .replace(dynamicImport, (all, list, path) => {
      const index = indexOf(path);
      const homes = existsSync(index) ? namesOf(list).map(({ name }) => exportsOf(index).get(name)) : [];
      const [first] = homes;
      const isOne = first && homes.every((home, i) => home?.file === first.file && home.name === namesOf(list)[i].name);
      return isOne ? `const {${list}} = await import('${specifier(file, first.file)}')` : all;
    });
}

/** The plugin of esbuild for this. */
export const directImports = {
  name: 'direct-imports',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: withDirectImports(path, readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
};
