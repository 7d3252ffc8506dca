import { yamlScalar } from './yaml-scalar.js';

/**
 * A flat record: the small files by which launcher and supervisor tell each other what is so. It is YAML of `key: value`
 * lines that bash reads line by line, closed by YAML's document end `...`; without that line it is not whole.
 */
export type FlatRecord = ReadonlyMap<string, string>;

const end = '...';

/** Text as a record that can be told from one that was cut short: closed by YAML's document end. */
export function closeRecord(text: string): string {
  return `${text}${end}\n`;
}

/** Whether a record is closed. */
export function isClosedRecord(text: string): boolean {
  return text.endsWith(`\n${end}\n`);
}

export function formatFlatRecord(fields: Readonly<Record<string, string | number | null>>): string {
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${yamlScalar(value)}`);
  return closeRecord(`${lines.join('\n')}\n`);
}

/** The fields as text, `null` ones left out; undefined when the record is not whole. */
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
