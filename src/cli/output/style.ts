import { styleText } from 'node:util';
import type { Status } from '../../store/index.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'blue';

/** Adds a style to text if the stream is a terminal and NO_COLOR is not set (no-color.org). */
export type Paint = (style: Style, text: string) => string;

export function painter(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Paint {
  const coloured = env['NO_COLOR'] ? false : env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : stream.isTTY === true;
  return (style, text) => (coloured && env['TERM'] !== 'dumb' ? styleText(style, text) : text);
}

const statusStyles: Readonly<Record<Status, Style>> = {
  COMPLETE: 'green',
  RUNNING: 'cyan',
  STARTING: 'cyan',
  QUEUED: 'yellow',
  HELD: 'yellow',
  PREEMPTED: 'yellow',
  STOPPED: 'yellow',
  FAILED: 'red',
  TIMEOUT: 'red',
  LOST: 'red',
};

export function statusStyle(status: Status): Style {
  return statusStyles[status];
}
