/** Prints a line of the table of `npm run test:soak`. */
export function report(what: string, tries: number, violations: number, more = ''): void {
  process.stdout.write(`soak: ${what}: ${tries} tries, ${violations} violations${more === '' ? '' : `; ${more}`}\n`);
}
