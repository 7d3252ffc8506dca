/** What stands for the text of an override that takes its key away. */
export const deleted = '(deleted)';

/** Overrides by key, each with the text after its `=`: `+lr=1e-3` is `lr`, `1e-3`; a deletion has `deleted`. */
export function overrideTexts(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word): [string, string] => {
      const [, key = word, text = deleted] = /^[+~]*([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      return [key, text];
    }),
  );
}
