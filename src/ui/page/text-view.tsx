import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sizeText } from '../../core/words.js';
import type { TextAnswer } from '../wire.js';
import { ask, filePath } from './ask.js';

const followMilliseconds = 1000;
const tailBytes = 65_536;
/** With more text than this, the page scrolls badly. */
const mostCharacters = 2_000_000;

/**
 * The end of a run's file as text. With `follows`, new text is appended, and a view at the end stays at the
 * end.
 */
export function TextView({ id, path, title, follows }: { id: number; path: string; title: string; follows?: number }) {
  const [parts, setParts] = useState<readonly TextAnswer[]>([]);
  const [problem, setProblem] = useState<string>();
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  const address = filePath(id, path);

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    let now: TextAnswer | undefined;
    const follow = async () => {
      try {
        const answer =
          document.hidden && now
            ? undefined
            : await ask<TextAnswer>(`text/${address}?${now ? `from=${now.next}` : `tail=${tailBytes}`}`, stop.signal);
        if (answer) {
          setParts((before) => withNext(before, answer));
          now = answer;
          setProblem(undefined);
        }
        const caughtUp = !answer || answer.next >= answer.size || answer.unfinished !== '';
        if (follows !== undefined && !(answer?.isOver && caughtUp))
          timer = setTimeout(follow, caughtUp ? followMilliseconds : 0);
      } catch (error) {
        if (stop.signal.aborted) return;
        setProblem(error instanceof Error ? error.message : String(error));
        // The log may not exist yet.
        if (follows !== undefined) timer = setTimeout(follow, followMilliseconds * 5);
      }
    };
    follow();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [address, follows]);

  useLayoutEffect(() => {
    const { current } = box;
    if (current && atEnd.current) current.scrollTop = current.scrollHeight;
  }, [parts]);

  const [first] = parts;
  const last = parts.at(-1);
  const earlier = async () => {
    if (!first) return;
    const answer = await ask<TextAnswer>(`text/${address}?before=${first.from}`);
    atEnd.current = false;
    setParts((before) => (before[0] === first ? [answer, ...before] : before));
  };

  return (
    <div class="text">
      <h3>
        {title} {last && <span class="dim">{sizeText(last.size)}</span>}{' '}
        <a href={`files/${address}`} download>
          whole file
        </a>
      </h3>
      {first && first.from > 0 && (
        <button type="button" onClick={earlier}>
          {sizeText(first.from)} before this
        </button>
      )}
      {problem !== undefined && !last && <p class="none">there is none</p>}
      {last && (
        <pre
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          tabIndex={0}
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
            atEnd.current = scrollTop + clientHeight > scrollHeight - 8;
          }}
        >
          {parts.map(({ from, text }) => (
            <span key={from}>{text}</span>
          ))}
          {last.unfinished !== '' && <span class="unfinished">{last.unfinished}</span>}
          {last.size === 0 && <span class="dim">empty</span>}
        </pre>
      )}
    </div>
  );
}

/**
 * The shown text with a new part. A file that was started over replaces it; a text that is too long loses its
 * start.
 */
function withNext(before: readonly TextAnswer[], answer: TextAnswer): readonly TextAnswer[] {
  const last = before.at(-1);
  if (!last || answer.from !== last.next) return [answer];
  // An empty part only updates the unfinished line.
  const parts =
    answer.text === ''
      ? [...before.slice(0, -1), { ...answer, from: last.from, text: last.text }]
      : [...before, answer];
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  return length > mostCharacters ? parts.slice(1) : parts;
}
