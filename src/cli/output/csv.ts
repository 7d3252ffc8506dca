import { printable } from '../../core/text.js';

/** Returns lines of CSV: as they are for a file or another program, `printable` for a terminal. */
export function csvText(rows: readonly (readonly unknown[])[], { isTTY }: { readonly isTTY?: boolean }): string {
  const text = rows.map(csvLine).join('');
  return isTTY ? printable(text) : text;
}

/** Returns a line of CSV (RFC 4180). A missing value is an empty field; a list is JSON. */
function csvLine(values: readonly unknown[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

function field(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = Array.isArray(value) ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
