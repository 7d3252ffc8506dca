import type { RunBrief } from '../../results/index.js';
import { isOver } from '../../store/index.js';

/** Whether a run goes on, or is going to. */
export const isOpen = ({ status }: RunBrief): boolean =>
  status !== 'incomplete' && status !== 'damaged' && !isOver(status);

/** Whether a whole run does not go on by itself. */
export const hasEnded = ({ status }: RunBrief): boolean =>
  status !== 'incomplete' && status !== 'damaged' && isOver(status);
