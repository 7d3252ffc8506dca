import { isOver } from '../../logger/index.js';
import type { RunBrief } from '../../reader/index.js';

/** Whether a run goes on, or is going to. */
export const isOpen = ({ status }: RunBrief): boolean =>
  status !== 'incomplete' && status !== 'damaged' && !isOver(status);

/** Whether a whole run does not go on by itself. */
export const hasEnded = ({ status }: RunBrief): boolean =>
  status !== 'incomplete' && status !== 'damaged' && isOver(status);
