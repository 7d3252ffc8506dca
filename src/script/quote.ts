// Words of bash's grammar that are no commands when they stand bare in command position: bash(1), RESERVED WORDS.
const reservedWords = new Set(
  '! case coproc do done elif else esac fi for function if in select then until while { } time [[ ]]'.split(' '),
);

/**
 * A word as a POSIX shell reads it back to the same bytes: bare where nothing in it is special, else in single quotes.
 * The caller has refused NUL, which no argv can hold.
 */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_/.:,@%+=-]+$/.test(word) && !reservedWords.has(word)) return word;
  return `'${word.replace(/'/g, `'\\''`)}'`;
}

/** A command line that starts exactly this argv. A first word that looks like an assignment is quoted. */
export function quoteCommand(argv: readonly string[]): string {
  const [program = '', ...rest] = argv;
  const first = program.includes('=') ? `'${program.replace(/'/g, `'\\''`)}'` : quoteWord(program);
  return [first, ...rest.map(quoteWord)].join(' ');
}
