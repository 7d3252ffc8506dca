import { yamlScalar } from './yaml-scalar.js';

/**
 * The fields of a flat record, as text. Launcher and supervisor exchange small files of this form: YAML with
 * `key: value` lines, which bash can read line by line, closed by YAML's document end `...`. Without that
 * last line the file is incomplete.
 */
export type FlatRecord = ReadonlyMap<string, string>;

const end = '...';

/** Appends the line that marks a record as complete. */
export function closeRecord(text: string): string {
  return `${text}${end}\n`;
}

/** Returns whether a record is complete. */
export function isClosedRecord(text: string): boolean {
  return text.endsWith(`\n${end}\n`);
}

/** Returns the text of a record with these fields, complete. */
export function formatFlatRecord(fields: Readonly<Record<string, string | number | null>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${yamlScalar(value)}`);
  return closeRecord(`${lines.join('\n')}\n`);
}

/**
 * Returns the fields of a record, without those that are `null`. Undefined if the record is incomplete or
 * malformed.
 */
export function parseFlatRecord(text: string): FlatRecord | undefined {
  if (!isClosedRecord(text)) return undefined;
  const fields = new Map<string, string>();
  for (const line of text.slice(0, -end.length - 2).split('\n')) {
    const colon = line.indexOf(': ');
    if (colon <= 0) return undefined;
    const value = scalarText(line.slice(colon + 2));
    if (value === undefined) return undefined;
    if (value !== 'null') fields.set(line.slice(0, colon), value);
  }
  return fields;
}

function scalarText(scalar: string): string | undefined {
  if (!scalar.startsWith('"')) return scalar;
  try {
    return String(JSON.parse(scalar));
  } catch {
    return undefined;
  }
}
