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
  return quoted(word);
}

/** A command line that starts exactly this argv. A first word that looks like an assignment is quoted. */
export function quoteCommand(argv: readonly string[]): string {
  const [program = '', ...rest] = argv;
  const first = program.includes('=') ? quoted(program) : quoteWord(program);
  return [first, ...rest.map(quoteWord)].join(' ');
}

/**
 * In single quotes. Engines read a script's lines too, inside quotes and all: Grid Engine and OAR take a `#` at the left margin
 * anywhere for a directive, Slurm and OpenPBS refuse a script with a carriage return before a newline. An empty pair of
 * quotes between such characters changes nothing for the shell, and keeps the line from them.
 */
function quoted(word: string): string {
  return `'${word.replace(/'/g, `'\\''`).replace(/\r\n/g, "\r''\n").replace(/\n#/g, "\n''#")}'`;
}
