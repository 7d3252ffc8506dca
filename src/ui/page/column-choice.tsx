import { useState } from 'preact/hooks';
import type { ColumnsAnswer } from '../wire.js';
import { ask } from './ask.js';
import { oneLine } from './format.js';

/**
 * The choice of the table's columns: each known column can be turned on and off, or typed, with a reducer
 * after `@`.
 */
export function ColumnChoice({
  columns,
  onChoose,
}: {
  columns: readonly string[];
  onChoose: (columns: readonly string[] | undefined) => void;
}) {
  const [known, setKnown] = useState<ColumnsAnswer>();
  const [text, setText] = useState('');
  if (!known) {
    const open = () => ask<ColumnsAnswer>('columns').then(setKnown, () => undefined);
    return (
      <button type="button" onClick={open}>
        columns
      </button>
    );
  }
  const groups: [string, readonly string[]][] = [
    ['swept', known.swept],
    ['metrics', known.metrics],
    ['config', known.config.filter((name) => !known.swept.includes(name))],
    ['info', known.info],
  ];
  const listed = new Set(groups.flatMap(([, names]) => names));
  const named = columns.filter((name) => !listed.has(name));
  const toggle = (name: string) =>
    onChoose(columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name]);
  return (
    <div class="choice">
      <button type="button" aria-expanded onClick={() => setKnown(undefined)}>
        columns
      </button>
      <div class="menu">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() !== '' && !columns.includes(text.trim())) onChoose([...columns, text.trim()]);
            setText('');
          }}
        >
          <input
            aria-label="a further column"
            placeholder="train.loss@min ⏎"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="button" onClick={() => onChoose(undefined)}>
            as at first
          </button>
        </form>
        {([['named', named], ...groups] as [string, readonly string[]][]).map(
          ([title, names]) =>
            names.length > 0 && (
              <fieldset key={title}>
                <legend>{title}</legend>
                {names.map((name) => (
                  <label key={name}>
                    <input type="checkbox" checked={columns.includes(name)} onChange={() => toggle(name)} />
                    {oneLine(name)}
                  </label>
                ))}
              </fieldset>
            ),
        )}
      </div>
    </div>
  );
}
