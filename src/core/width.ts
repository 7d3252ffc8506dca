import { createRequire } from 'node:module';
import once from 'lodash/once.js';

// Its segmenter takes longer to set up than most commands take, so it is loaded when a text first needs it.
const loadStringWidth = once((): ((text: string) => number) => {
  const module: typeof import('string-width') = createRequire(import.meta.url)('string-width');
  return module.default;
});

/** Returns the number of columns that a text takes on a terminal. Wide characters count as two. */
export function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : loadStringWidth()(text);
}
