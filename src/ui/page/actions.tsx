import { useState } from 'preact/hooks';
import { plural } from '../../core/words.js';
import type { ActionAnswer } from '../wire.js';
import { askWith } from './ask.js';

type State =
  | { readonly kind: 'asked'; readonly command: string; readonly runs: readonly number[] }
  | { readonly kind: 'given'; readonly command: string }
  | { readonly kind: 'answered'; readonly answer: ActionAnswer };

/** Buttons for commands on the chosen runs. Each asks for confirmation, and shows the command's output. */
export function Actions({ actions, runs }: { actions: readonly string[]; runs: readonly number[] }) {
  const [state, setState] = useState<State>();
  const close = () => setState(undefined);
  const give = (command: string, meant: readonly number[]) => {
    setState({ kind: 'given', command });
    askWith<ActionAnswer>('action', { command, runs: meant }).then(
      (answer) => setState({ kind: 'answered', answer }),
      (error: Error) => setState({ kind: 'answered', answer: { command, exitCode: 1, output: error.message } }),
    );
  };
  return (
    <>
      {actions.map((command) => (
        <button
          type="button"
          key={command}
          disabled={runs.length === 0}
          onClick={() => setState({ kind: 'asked', command, runs })}
        >
          {command}
        </button>
      ))}
      {state && (
        <div class="ask" role="alertdialog" aria-modal="true">
          {state.kind === 'asked' && (
            <>
              <p>
                {state.command} {plural(state.runs.length, 'run')}?
              </p>
              <button type="button" class="sure" onClick={() => give(state.command, state.runs)}>
                {state.command}
              </button>
              <button type="button" onClick={close}>
                no
              </button>
            </>
          )}
          {state.kind === 'given' && <p>{state.command} …</p>}
          {state.kind === 'answered' && (
            <>
              <p>
                <code>{state.answer.command}</code>{' '}
                {state.answer.exitCode === null
                  ? 'goes on'
                  : state.answer.exitCode === 0
                    ? 'is done'
                    : `ended with code ${state.answer.exitCode}`}
              </p>
              <pre>{state.answer.output}</pre>
              <button type="button" onClick={close}>
                close
              </button>
            </>
          )}
        </div>
      )}
    </>
  );
}
