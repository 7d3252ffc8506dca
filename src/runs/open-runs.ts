import { isWhole, type RunBrief } from '../results/index.js';
import { isOver } from '../store/index.js';

/** Returns true if a run is running, or will start. */
export const isOpen = ({ status }: RunBrief): boolean => isWhole(status) && !isOver(status);

/** Returns true if a complete run will not start again by itself. */
export const hasEnded = ({ status }: RunBrief): boolean => isWhole(status) && isOver(status);
