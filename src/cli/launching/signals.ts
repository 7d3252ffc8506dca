type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/**
 * Listens for the signals that end a launch, until `forget` is called. `first` is the signal that came first.
 */
export function listenForSignals(onSignal: (signal: StopSignal) => void): {
  first: StopSignal | undefined;
  forget: () => void;
} {
  const names: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const listen = (signal: NodeJS.Signals) => {
    const name = names.find((known) => known === signal);
    if (!name) return;
    state.first ??= name;
    onSignal(name);
  };
  const state: { first: StopSignal | undefined; forget: () => void } = {
    first: undefined,
    forget: () => {
      for (const name of names) process.off(name, listen);
    },
  };
  for (const name of names) process.on(name, listen);
  return state;
}
