import type { Source, Span } from '../core/span.js';
import { type Failure, fail } from '../failures/index.js';

/** The value of a literal in an expression. */
export type Literal = null | boolean | number | string;

/** An operator of comparison or arithmetic. */
export type BinaryOperator = '==' | '!=' | '<=' | '>=' | '<' | '>' | '+' | '-' | '*' | '/' | '%' | '**';

/** An expression of MLXP's query grammar, with arithmetic. Its names and literals have spans. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Literal; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'not' | 'negative'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or' | 'in'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'quotedName' | 'sign' | 'mistake' | 'unreadable' | 'end';
  readonly text: string;
  readonly offset: number;
}

interface Parser {
  readonly source: Source;
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

const pattern = {
  number: /(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)(?![\w.])/,
  text: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/,
  // A name with other characters than a bare name has:
  // `train.val/loss`. Both may have a reducer: `@min`, `@epoch=10`.
  quotedName: /`[^`]+`(?:@[A-Za-z]\w*(?:[\w.-]*=(?!=)[\w.+-]+)?)?/,
  word: /[A-Za-z_0-9]+(?:\.[A-Za-z_0-9-]+)*(?:@[A-Za-z]\w*(?:[\w.-]*=(?!=)[\w.+-]+)?)?/,
  mistake: /===|!==|=>|=<|<>|=(?!=)|;/,
  sign: /==|!=|<=|>=|\*\*|&&|\|\||[-+*/%<>&|~!()[\],]/,
  unreadable: /[\s\S]/,
} satisfies Record<Exclude<Token['kind'], 'end'>, RegExp>;

const bareName = new RegExp(`^(?:${pattern.word.source})$`);

/** Returns a name as expressions write it: in backticks if it has other characters than a bare name. */
export function writtenName(name: string): string {
  if (bareName.test(name)) return name;
  const [, plain = name, reducer = ''] = /^(.*?)(@[^@]*)?$/s.exec(name) ?? [];
  return `\`${plain}\`${reducer}`;
}

const tokenPattern = new RegExp(
  `\\s*(?:${Object.entries(pattern)
    .map(([kind, { source }]) => `(?<${kind}>${source})`)
    .join('|')})`,
  'yu',
);

type Expected = Extract<Failure, { readonly reason: 'expression-syntax' }>['expected'];

/**
 * The operator to write instead of a sign or a word of another language, by that sign or word in lower case.
 */
const instead: Readonly<Record<string, Extract<Expected, { readonly kind: 'instead' }>['operator']>> = {
  '=': '==',
  '===': '==',
  is: '==',
  '!==': '!=',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
  and: 'and',
  or: 'or',
  not: 'not',
  in: 'in',
};

const maxDepth = 200;
const maxTokens = 5000;

/**
 * Parses an expression. From loosest to tightest: `|` or `or`; `&` or `and`; `~` or `not`; comparisons and
 * `in`; sums; products; signs; `**`. Throws `expression-syntax` with a span.
 */
export function parseExpression(text: string): Expression {
  const source = { name: 'expression', text };
  const parser: Parser = { source, tokens: tokenize(source), at: 0, depth: 0 };
  const expression = parseOr(parser);
  if (peek(parser).kind !== 'end') expectedEnd(parser);
  return expression;
}

function tokenize(source: Source): Token[] {
  const tokens: Token[] = [];
  const { text } = source;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    tokenPattern.lastIndex = at;
    const found = Object.entries(tokenPattern.exec(text)?.groups ?? {}).find(([, part]) => part !== undefined);
    if (!found) break;
    const [kind, body] = found as [Exclude<Token['kind'], 'end'>, string];
    at = tokenPattern.lastIndex;
    tokens.push({ kind, text: body, offset: at - body.length });
    if (tokens.length > maxTokens) {
      fail({
        reason: 'expression-syntax',
        span: { source, offset: at, length: 0 },
        expected: { kind: 'fewer-tokens', most: maxTokens },
      });
    }
  }
  return [...tokens, { kind: 'end', text: '', offset: text.length }];
}

function peek({ tokens, at }: Parser): Token {
  return tokens[at] ?? { kind: 'end', text: '', offset: 0 };
}

/** Moves past the next token and returns it if it is one of these signs or words. */
function take(parser: Parser, ...texts: string[]): string | undefined {
  const { kind, text } = peek(parser);
  if ((kind !== 'sign' && kind !== 'word') || !texts.includes(text)) return undefined;
  parser.at++;
  return text;
}

function expected(parser: Parser, what: Expected): never {
  const { offset, text } = peek(parser);
  return fail({
    reason: 'expression-syntax',
    span: { source: parser.source, offset, length: text.length },
    expected: what,
  });
}

/** Refuses text after a complete expression, with a hint at the likely mistake. */
function expectedEnd(parser: Parser): never {
  const { kind, text } = peek(parser);
  const next = parser.tokens[parser.at + 1]?.text.toLowerCase();
  if (text.toLowerCase() === 'not' && next === 'in')
    expected(parser, { kind: 'instead', operator: 'not in', operand: false });
  const near = Object.hasOwn(instead, text.toLowerCase()) ? instead[text.toLowerCase()] : undefined;
  if ((kind === 'mistake' || kind === 'word') && near !== undefined) {
    expected(parser, { kind: 'instead', operator: near, operand: false });
  }
  if (kind === 'unreadable') expected(parser, readableAt(text));
  const isCondition = kind !== 'sign' || text === ',' || text === '[' || text === '(';
  return expected(parser, { kind: isCondition ? 'condition-or-end' : 'operator-or-end' });
}

function readableAt(text: string): Expected {
  if (text === '"' || text === "'" || text === '`') return { kind: 'closing-quote', quote: text };
  return { kind: 'name-value-or-operator' };
}

function parseOr(parser: Parser): Expression {
  if (++parser.depth > maxDepth) expected(parser, { kind: 'fewer-levels', most: maxDepth });
  let left = parseAnd(parser);
  while (take(parser, '|', '||', 'or')) left = { kind: 'or', left, right: parseAnd(parser) };
  parser.depth--;
  return left;
}

function parseAnd(parser: Parser): Expression {
  let left = parseNot(parser);
  while (take(parser, '&', '&&', 'and')) left = { kind: 'and', left, right: parseNot(parser) };
  return left;
}

function parseNot(parser: Parser): Expression {
  let times = 0;
  while (take(parser, '~', '!', 'not')) times++;
  const operand = parseComparison(parser);
  if (times === 0) return operand;
  const negated: Expression = { kind: 'not', operand };
  return times % 2 === 1 ? negated : { kind: 'not', operand: negated };
}

function parseComparison(parser: Parser): Expression {
  const left = parseSum(parser);
  const operator = take(parser, '==', '!=', '<=', '>=', '<', '>');
  if (operator) return { kind: 'binary', operator: operator as BinaryOperator, left, right: parseSum(parser) };
  if (take(parser, 'in')) return { kind: 'in', left, right: parseSum(parser) };
  if (peek(parser).text === 'not' && parser.tokens[parser.at + 1]?.text === 'in') {
    parser.at += 2;
    return { kind: 'not', operand: { kind: 'in', left, right: parseSum(parser) } };
  }
  return left;
}

function parseSum(parser: Parser): Expression {
  let left = parseProduct(parser);
  for (let sign = take(parser, '+', '-'); sign; sign = take(parser, '+', '-')) {
    left = { kind: 'binary', operator: sign as BinaryOperator, left, right: parseProduct(parser) };
  }
  return left;
}

function parseProduct(parser: Parser): Expression {
  let left = parseSign(parser);
  for (let sign = take(parser, '*', '/', '%'); sign; sign = take(parser, '*', '/', '%')) {
    left = { kind: 'binary', operator: sign as BinaryOperator, left, right: parseSign(parser) };
  }
  return left;
}

function parseSign(parser: Parser): Expression {
  let negative = false;
  for (let sign = take(parser, '-', '+'); sign; sign = take(parser, '-', '+')) negative = negative !== (sign === '-');
  const power = parsePower(parser);
  return negative ? { kind: 'negative', operand: power } : power;
}

function parsePower(parser: Parser): Expression {
  const left = parseValue(parser);
  if (!take(parser, '**')) return left;
  if (++parser.depth > maxDepth) expected(parser, { kind: 'fewer-levels', most: maxDepth });
  const right = parseSign(parser);
  parser.depth--;
  return { kind: 'binary', operator: '**', left, right };
}

const words: Readonly<Record<string, Literal>> = { true: true, false: false, null: null, none: null };

function parseValue(parser: Parser): Expression {
  const { kind, text, offset } = peek(parser);
  if (take(parser, '(')) {
    const inner = parseOr(parser);
    if (!take(parser, ')')) expected(parser, { kind: 'closing-parenthesis' });
    return inner;
  }
  if (take(parser, '[')) return parseList(parser);
  const span = { source: parser.source, offset, length: text.length };
  const lower = text.toLowerCase();
  switch (kind) {
    case 'number':
      parser.at++;
      return { kind: 'literal', value: Number(text), span };
    case 'text':
      parser.at++;
      return { kind: 'literal', value: text.slice(1, -1).replace(/\\(.)/gs, '$1'), span };
    case 'quotedName':
      parser.at++;
      return { kind: 'name', name: text.replace(/^`([^`]+)`/, '$1'), span };
    case 'word':
      if (lower === 'and' || lower === 'or' || lower === 'not' || lower === 'in') {
        const isLower = text === lower;
        return expected(parser, isLower ? { kind: 'operand' } : { kind: 'instead', operator: lower, operand: false });
      }
      parser.at++;
      if (Object.hasOwn(words, lower)) return { kind: 'literal', value: words[lower] ?? null, span };
      return { kind: 'name', name: text, span };
    case 'unreadable':
      return expected(parser, readableAt(text));
    case 'mistake': {
      const operator = Object.hasOwn(instead, text) ? instead[text] : undefined;
      return expected(parser, operator ? { kind: 'instead', operator, operand: true } : { kind: 'operand' });
    }
    default:
      return expected(parser, { kind: 'operand' });
  }
}

function parseList(parser: Parser): Expression {
  const items: Expression[] = [];
  while (!take(parser, ']')) {
    if (items.length > 0 && !take(parser, ',')) expected(parser, { kind: 'comma-or-bracket' });
    items.push(parseOr(parser));
  }
  return { kind: 'list', items };
}
