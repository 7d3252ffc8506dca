import type { Span } from '../../../src/core/span.js';

/** The data of a failure, without its reason. */
type Data<F> = F extends unknown ? Omit<F, 'reason'> : never;

/** For each reason of an area: failures, and the exit code and the lines that mlx answers with. */
export type Samples<F extends { readonly reason: string }> = {
  readonly [Reason in F['reason']]: readonly (readonly [
    data: Data<Extract<F, { readonly reason: Reason }>>,
    exitCode: number,
    lines: readonly string[],
  ])[];
};

/** Returns the span of a part of a text; the end of the text for ''. */
export function at(text: string, part: string, name = 'override'): Span {
  return { source: { name, text }, offset: part === '' ? text.length : text.indexOf(part), length: part.length };
}
