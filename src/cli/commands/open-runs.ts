import { isFinalStatus } from '../../logger/index.js';
import type { RunBrief } from '../../reader/index.js';

/** Whether a run goes on, or is going to. */
export const isOpen = ({ status }: RunBrief): boolean =>
  status !== 'incomplete' && status !== 'damaged' && status !== 'LOST' && !isFinalStatus(status);
