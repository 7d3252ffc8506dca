const units: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * Reads an amount of memory that a person typed: `8G`, `512M`, `1.5T`, `8GiB`. Units are binary, as in
 * engines. Returns bytes, or undefined for any other text.
 */
export function parseMemory(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([kmgt])(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(amount) * (units[unit?.toLowerCase() ?? ''] ?? Number.NaN);
  return bytes >= 1 ? Math.ceil(bytes) : undefined;
}

/**
 * Returns an amount of memory in the largest unit that is exact: `8G`. Parts of a kibibyte are rounded up.
 */
export function memoryText(bytes: number): string {
  const [unit, size] = Object.entries(units).findLast(([, one]) => bytes % one === 0) ?? ['k', 1024];
  return `${Math.ceil(bytes / size)}${unit.toUpperCase()}`;
}

/** Returns an amount of memory to three digits, for people: `1.23G`. */
export function roughMemory(bytes: number): string {
  const power = Math.min(4, Math.max(1, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(3))}${' KMGT'[power]}`;
}

/** Returns whole mebibytes, rounded up: the smallest unit that all engines know. */
export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
