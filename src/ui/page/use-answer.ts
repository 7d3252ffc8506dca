import { useEffect, useState } from 'preact/hooks';

/** The answer of `read`, read again whenever `keys` change. The previous answer stays until then. */
export function useAnswer<T>(read: (signal: AbortSignal) => Promise<T>, keys: readonly unknown[]) {
  const [answer, setAnswer] = useState<T>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    read(stop.signal).then(
      (value) => {
        setAnswer(value);
        setProblem(undefined);
      },
      (error: Error) => {
        if (!stop.signal.aborted) setProblem(error.message);
      },
    );
    return () => stop.abort();
  }, keys);
  return { answer, problem };
}
