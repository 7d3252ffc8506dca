// Reads the TypeScript of src/: what each file imports and exports, and the shapes that the counts ask about.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/**
 * The files of `<root>/src`, each with its facts. All paths are relative to `src` and use `/`.
 *
 * @returns {SourceFile[]} sorted by path
 *
 * @typedef {object} SourceFile
 * @property {string} path
 * @property {string} text
 * @property {number} lines
 * @property {Import[]} imports of other files of src, re-exports included
 * @property {string[]} declared names that the file declares and exports
 * @property {ReExport[]} reExports
 * @property {{ name: string, line: number, parameters: number }[]} functions
 * @property {Set<string>} identifiers
 * @property {{ method: string, receiver: string, line: number }[]} textCalls `receiver.method('literal', …)`
 * @property {number[]} problemTexts lines of `problem: 'a literal text'`
 * @property {number[]} environment lines that read `process.env`
 *
 * @typedef {object} Import
 * @property {string} target path of the imported file
 * @property {string[] | '*'} names what is taken from it
 * @property {boolean} lazy `import('…')` inside a function
 * @property {boolean} command `load: () => import('…')`, as in the table of commands
 * @property {boolean} type erased when compiled: `import type`, or only `type` names
 * @property {number} line
 *
 * @typedef {{ name: string | '*', from: string, target: string }} ReExport
 */
export function readSource(root) {
  const src = join(root, 'src');
  const projects = ['tsconfig.json', 'src/ui/page/tsconfig.json'].map((name) => join(root, name)).filter(existsSync);
  const api = new API({ cwd: root });
  try {
    const snapshots = projects.map((project) => api.updateSnapshot({ openProject: project }).getProject(project));
    return listFiles(src, /(?<!\.d)\.tsx?$/).map((path) => {
      const full = join(src, path);
      const ast = snapshots.map((project) => project?.program.getSourceFile(full)).find(Boolean);
      if (ast === undefined) throw new Error(`no tsconfig.json includes src/${path}`);
      return factsOf(ast, { path, text: readFileSync(full, 'utf8'), src });
    });
  } finally {
    api.close();
  }
}

/** The other source files of `<root>/src`: Python, shell, the page's style. Pages of text are left out. */
export function readOtherSource(root) {
  const src = join(root, 'src');
  return listFiles(src, /\.(py|sh|css|html)$/).map((path) => {
    const text = readFileSync(join(src, path), 'utf8');
    const modules = path.endsWith('.py') ? [...text.matchAll(/^\s*(?:from|import) (mlx\w+)/gm)] : [];
    const imports = [...new Set(modules.map(([, name]) => join(dirname(path), `${name}.py`)))].filter((target) =>
      existsSync(join(src, target)),
    );
    return { path, text, lines: text.split('\n').length - 1, imports: imports.map((target) => ({ target })) };
  });
}

function listFiles(src, pattern) {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path) && !path.includes('__pycache__'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

function factsOf(ast, { path, text, src }) {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const file = {
    path,
    text,
    lines: text.split('\n').length - 1,
    imports: [],
    declared: [],
    reExports: [],
    functions: [],
    identifiers: new Set(),
    textCalls: [],
    problemTexts: [],
    environment: [],
  };
  const context = {
    file,
    lineOf: (node) => lineStarts.findLastIndex((start) => start <= node.getStart(ast)) + 1,
    resolve: (specifier) => resolveImport(specifier, join(src, dirname(path)), src),
  };
  for (const statement of ast.statements) {
    readModuleStatement(statement, context);
    file.declared.push(...exportedNames(statement));
  }
  visit(ast, context);
  return file;
}

/** The file of src that a relative specifier means; undefined for packages and for files of other kinds. */
function resolveImport(specifier, directory, src) {
  if (!specifier.startsWith('.')) return undefined;
  const plain = join(directory, specifier).replace(/\.jsx?$/, '');
  const found = [`${plain}.ts`, `${plain}.tsx`, join(plain, 'index.ts')].find((path) => existsSync(path));
  return found && relative(src, found).replaceAll('\\', '/');
}

function readModuleStatement(statement, { file, lineOf, resolve }) {
  if (statement.kind === SyntaxKind.ImportDeclaration) {
    const target = resolve(statement.moduleSpecifier.text);
    if (target === undefined) return;
    const clause = statement.importClause;
    const bindings = clause?.namedBindings;
    const elements = bindings?.elements ?? [];
    const names =
      bindings?.kind === SyntaxKind.NamespaceImport ? '*' : elements.map((one) => (one.propertyName ?? one.name).text);
    const type =
      clause?.phaseModifier === SyntaxKind.TypeKeyword ||
      (elements.length > 0 && clause?.name === undefined && elements.every((one) => one.isTypeOnly));
    file.imports.push({ target, names, lazy: false, command: false, type, line: lineOf(statement) });
  }
  if (statement.kind === SyntaxKind.ExportDeclaration) {
    const elements = statement.exportClause?.elements;
    const target = statement.moduleSpecifier && resolve(statement.moduleSpecifier.text);
    if (target === undefined) {
      file.declared.push(...(elements ?? []).map((one) => one.name.text));
      return;
    }
    const taken = elements
      ? elements.map((one) => ({ name: one.name.text, from: (one.propertyName ?? one.name).text, target }))
      : [{ name: '*', from: '*', target }];
    file.reExports.push(...taken);
    const type = statement.isTypeOnly || (elements?.length > 0 && elements.every((one) => one.isTypeOnly));
    file.imports.push({ target, names: [], lazy: false, command: false, type, line: lineOf(statement) });
  }
}

function exportedNames(statement) {
  if (!statement.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword)) return [];
  const declarations = statement.declarationList?.declarations;
  return declarations ? declarations.flatMap(({ name }) => boundNames(name)) : [statement.name?.text ?? 'default'];
}

function boundNames(name) {
  return name.elements
    ? name.elements.flatMap((element) => (element.name ? boundNames(element.name) : []))
    : [name.text];
}

const functionKinds = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
]);
const textKinds = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateExpression,
]);

function visit(node, context) {
  const { file, lineOf } = context;
  if (node.kind === SyntaxKind.Identifier) file.identifiers.add(node.text);
  if (functionKinds.has(node.kind)) {
    const name = node.name?.text ?? node.parent?.name?.text ?? '(anonymous)';
    file.functions.push({ name, line: lineOf(node), parameters: node.parameters.length });
  }
  if (node.kind === SyntaxKind.CallExpression) readCall(node, context);
  if (
    node.kind === SyntaxKind.PropertyAssignment &&
    node.name.text === 'problem' &&
    textKinds.has(node.initializer.kind)
  )
    file.problemTexts.push(lineOf(node));
  if (isProcessEnvironment(node)) file.environment.push(lineOf(node));
  node.forEachChild((child) => void visit(child, context));
}

function readCall(node, { file, lineOf, resolve }) {
  const { expression, arguments: args } = node;
  const [first] = args;
  if (expression.kind === SyntaxKind.ImportKeyword) {
    const target = first?.text === undefined ? undefined : resolve(first.text);
    if (target !== undefined) {
      file.imports.push({
        target,
        names: namesTaken(node),
        lazy: true,
        command: isLoader(node),
        type: false,
        line: lineOf(node),
      });
    }
  } else if (expression.kind === SyntaxKind.PropertyAccessExpression && first?.kind === SyntaxKind.StringLiteral) {
    const receiver = expression.expression.name?.text ?? expression.expression.text;
    if (receiver !== undefined) file.textCalls.push({ method: expression.name.text, receiver, line: lineOf(node) });
  }
}

function isLoader({ parent }) {
  return parent.kind === SyntaxKind.ArrowFunction && parent.parent.name?.text === 'load';
}

/** The names that a lazy import takes: `const { a } = await import(…)`, `(await import(…)).a`, `.then(({ a }) => …)`; else all. */
function namesTaken(call) {
  let node = call.parent;
  while (node.kind === SyntaxKind.AwaitExpression || node.kind === SyntaxKind.ParenthesizedExpression)
    node = node.parent;
  const pattern = node.name?.elements ?? node.parent?.arguments?.[0]?.parameters?.[0]?.name?.elements;
  if (node.kind === SyntaxKind.PropertyAccessExpression && node.name.text !== 'then') return [node.name.text];
  return pattern ? pattern.map((one) => (one.propertyName ?? one.name).text) : '*';
}

/** `process.env`, also as `{ env } = process`. */
function isProcessEnvironment(node) {
  return (
    node.kind === SyntaxKind.PropertyAccessExpression &&
    node.name.text === 'env' &&
    node.expression.kind === SyntaxKind.Identifier &&
    node.expression.text === 'process'
  );
}
