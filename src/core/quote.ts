// Words that bash does not read as commands unless they are quoted: bash(1), RESERVED WORDS.
const reservedWords = new Set(
  '! case coproc do done elif else esac fi for function if in select then until while { } time [[ ]]'.split(' '),
);

/**
 * Returns a word in the form that a POSIX shell reads as exactly this word: unchanged if it has no special
 * characters, else in single quotes. The word must not contain NUL, which no argv can hold.
 */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_/.:,@%+=-]+$/.test(word) && !reservedWords.has(word)) return word;
  return quoted(word);
}

/**
 * Returns a command line that starts exactly this argv. A first word that looks like an assignment is quoted.
 */
export function quoteCommand(argv: readonly string[]): string {
  const [program = '', ...rest] = argv;
  const first = program.includes('=') ? quoted(program) : quoteWord(program);
  return [first, ...rest.map(quoteWord)].join(' ');
}

/**
 * Returns a word in single quotes. Engines read the lines of a script without regard to quotes: Grid Engine
 * and OAR take `#` at the left margin for a directive, Slurm and OpenPBS reject a carriage return before a
 * newline. An empty pair of quotes between such characters means nothing to the shell, and breaks the line's
 * form for the engine.
 */
function quoted(word: string): string {
  return `'${word.replace(/'/g, `'\\''`).replace(/\r\n/g, "\r''\n").replace(/\n#/g, "\n''#")}'`;
}
