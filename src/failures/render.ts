import { locate, type Span } from '../core/span.js';
import { printable, printableLine } from '../core/text.js';
import { widthOf } from '../core/width.js';
import { plural } from '../core/words.js';
import { batchScriptWords } from './batch-script.js';
import { codeWords } from './code.js';
import { commandLineWords } from './command-line.js';
import { configWords } from './config.js';
import { configGroupsWords } from './config-groups.js';
import { enginesWords } from './engines.js';
import type { Failure, PointsFailure } from './failure.js';
import { interpolationWords } from './interpolation.js';
import { launchWords } from './launch.js';
import type { Message, Words } from './message.js';
import { programWords } from './program.js';
import { resultsWords } from './results.js';
import { settingsWords } from './settings.js';
import { storeWords } from './store.js';
import { sweepWords } from './sweep.js';
import { templatesWords } from './templates.js';

/** A failure as text for standard error, and the exit code of mlx. */
interface RenderedFailure {
  readonly text: string;
  readonly exitCode: number;
}

/** The words of all areas. A reason without words does not compile. */
const words: Words<Failure> = {
  ...commandLineWords,
  ...programWords,
  ...sweepWords,
  ...batchScriptWords,
  ...configWords,
  ...configGroupsWords,
  ...interpolationWords,
  ...settingsWords,
  ...codeWords,
  ...enginesWords,
  ...templatesWords,
  ...storeWords,
  ...launchWords,
  ...resultsWords,
  'points-failed': (failure) => ({ what: failedPoints(failure) }),
};

/** Returns a failure as text: what is wrong, where (with a caret), and how to fix it. */
export function renderFailure(failure: Failure): RenderedFailure {
  // TypeScript cannot see that the function and the failure have the same reason.
  const describe = words[failure.reason] as (failure: Failure) => Message;
  const { what, span, note, remedy, exitCode = 2 } = describe(failure);
  const excerpt = span ? renderExcerpt(span, note) : '';
  return { text: printable(`mlx: ${what}\n${excerpt}${remedy ? `  ${remedy}\n` : ''}`), exitCode };
}

/** Returns the text of a failure without `mlx: `, to be shown beside other things. */
export function problemText(failure: Failure): string {
  return renderFailure(failure).text.slice('mlx: '.length).trim();
}

/** Returns the line of a span with a caret below the span. A long line is cut around the span. */
function renderExcerpt(span: Span, note = ''): string {
  const { line, column, lineText, before, covered } = locate(span);
  const isMultiline = span.source.text.includes('\n');
  const gutter = isMultiline ? `${line} | ` : '';
  const location = isMultiline ? `  ${printableLine(span.source.name)}:${line}:${column}\n` : '';
  const cutBefore = before.length > 60 ? `…${before.slice(-50)}` : before;
  const cutLine = `${cutBefore}${lineText.slice(before.length, before.length + 60)}`;
  const indent = ' '.repeat(gutter.length + widthOf(shown(cutBefore)));
  const carets = '^'.repeat(Math.max(1, Math.min(widthOf(shown(covered)), 60)));
  return `${location}    ${gutter}${shown(cutLine)}\n    ${indent}${carets}${note ? ` ${note}` : ''}\n`;
}

function shown(text: string): string {
  return printable(text.replace(/\t/g, ' '));
}

/** Returns what is wrong with the points of a sweep, each problem once. */
function failedPoints({ points, failed, groups }: PointsFailure): string {
  const parts = groups.map(({ failure, count, example }) => {
    const [, ...text] = renderFailure(failure).text.split('mlx: ');
    return `${plural(count, 'point')}, such as ${printableLine(example)}:\n  ${text.join('mlx: ').trimEnd()}`;
  });
  return `${failed} of ${plural(points, 'point')} can't be run, so none is\n${parts.map((part) => `  ${part}`).join('\n')}`;
}
