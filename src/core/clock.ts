const twoDigits = (value: number) => String(value).padStart(2, '0');

/** Returns a moment in local time as ISO 8601 with offset and whole seconds: `2026-03-01T09:30:00+01:00`. */
export function localIso(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const sign = offset < 0 ? '-' : '+';
  const hours = twoDigits(Math.floor(Math.abs(offset) / 60));
  const minutes = twoDigits(Math.abs(offset) % 60);
  return `${shifted}${sign}${hours}:${minutes}`;
}

/** Returns a duration as people read it: `0.4s`, `12.3s`, `2m 03s`, `1h 05m`, `3d 04h`. */
export function humanDuration(seconds: number): string {
  if (seconds < 59.95) return `${Math.max(0, seconds).toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${twoDigits(whole % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)}d ${twoDigits(hours % 24)}h`;
}

/** Returns a time limit as engines write it, `HH:MM:SS`. Seconds are rounded up. */
export function clockDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60].map(twoDigits).join(':');
}

/** Returns a time limit with its days, `D-HH:MM:SS`, or `HH:MM:SS` below a day. Seconds are rounded up. */
export function dayClockDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const days = Math.floor(whole / 86_400);
  return `${days > 0 ? `${days}-` : ''}${clockDuration(whole % 86_400)}`;
}

/** What a message says is expected where `parseDuration` returned undefined. */
export const expectedDuration = 'a time: 90 (seconds), 90m, 2h30m, 1:30:00 or 1-12 (days-hours)';

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Reads a time limit that a person typed: `90` (seconds), `90m`, `2h30m`, `1:30:00`, `1-12` (days-hours) or
 * `1-12:30:00`. Returns seconds, or undefined for any other text and for zero. The colon and dash forms are
 * Slurm's (sbatch(1), --time), except that a bare number means seconds here.
 */
export function parseDuration(text: string): number | undefined {
  const seconds = parseUnits(text) ?? parseClock(text);
  return seconds !== undefined && seconds > 0 && Number.isFinite(seconds) ? seconds : undefined;
}

function parseUnits(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?[smhd])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)) {
    total += Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
  }
  return total;
}

function parseClock(text: string): number | undefined {
  const match = /^(?:(\d+)-)?(\d+)(?::([0-5]?\d))?(?::([0-5]?\d))?$/.exec(text);
  if (!match) return undefined;
  const [, days, first, second, third] = match;
  if (days !== undefined) {
    return Number(days) * 86_400 + Number(first) * 3600 + Number(second ?? 0) * 60 + Number(third ?? 0);
  }
  if (second === undefined) return undefined;
  return third === undefined
    ? Number(first) * 60 + Number(second)
    : Number(first) * 3600 + Number(second) * 60 + Number(third);
}
