/** The text of an override that deletes its key. */
export const deleted = '(deleted)';

/**
 * The text after `=` of each override, by key: `+lr=1e-3` becomes `lr`, `1e-3`. A deletion has the text
 * `deleted`.
 */
export function overrideTexts(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word): [string, string] => {
      const [, key = word, text = deleted] = /^[+~]*([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      return [key, text];
    }),
  );
}
