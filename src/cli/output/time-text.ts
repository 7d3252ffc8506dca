import { localIso } from '../../core/clock.js';

/** Returns a time (seconds since 1970) as people read it: `12:40:01`, with the date if it is not today. */
export function timeText(seconds: number): string {
  const text = localIso(new Date(seconds * 1000)).slice(0, 19);
  return text.slice(0, 10) === localIso(new Date()).slice(0, 10) ? text.slice(11) : text.replace('T', ' ');
}
