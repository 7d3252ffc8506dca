import { hostname } from 'node:os';
import * as v from 'valibot';
import { parseExpression } from '../expression/index.js';
import { colours } from '../plots/index.js';
import { attemptModes, matchingResults, type RunResult } from '../results/index.js';
import { storePaths } from '../store/index.js';
import { act, actions } from './actions.js';
import { compareAnswer } from './answers/compare.js';
import { curvesAnswer } from './answers/curves.js';
import { runAnswer } from './answers/run.js';
import { textAnswer } from './answers/text.js';
import type { RunsBoard } from './board.js';
import type { About, MatchAnswer } from './wire.js';

/** What a page is served for. */
export interface UiRequest {
  readonly store: string;
  /** The store as people are shown it. */
  readonly name: string;
  readonly cwd: string;
  readonly version: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether files outside a run are served that links in it lead to. */
  readonly followLinks: boolean;
  /** The words that start mlx, if the page may run commands; undefined if it may only read. */
  readonly mlx: readonly [string, ...string[]] | undefined;
}

/** What questions are answered from. */
export interface Answering {
  readonly request: UiRequest;
  readonly board: RunsBoard;
}

const curvesQuestion = v.object({
  metric: v.string(),
  runs: v.array(v.number()),
  x: v.nullable(v.string()),
  groupBy: v.array(v.string()),
  band: v.nullable(v.picklist(['std', 'sem', 'minmax'])),
  logY: v.boolean(),
  attempts: v.optional(v.picklist(attemptModes), 'path'),
});
const actionQuestion = v.object({ command: v.string(), runs: v.pipe(v.array(v.number()), v.minLength(1)) });

/**
 * Answers `GET PATH?QUERY`; undefined if there is no such path or run. Throws an MlxError for a wrong
 * question.
 */
export async function answerGet(
  path: string,
  query: URLSearchParams,
  { request, board }: Answering,
): Promise<object | undefined> {
  const { store, name, version, mlx, followLinks } = request;
  const [, what = '', id = '', rest = ''] = /^api\/([a-z]+)(?:\/(\d{1,15})(?:\/(.*))?)?$/s.exec(path) ?? [];
  switch (what) {
    case 'about':
      return {
        store: name,
        host: hostname(),
        version,
        actions: mlx ? Object.keys(actions) : [],
        colours,
      } satisfies About;
    case 'runs': {
      const wanted = query.has('column') ? query.getAll('column') : undefined;
      return board.runs(Number(query.get('after') ?? 0), query.getAll('has'), wanted);
    }
    case 'columns':
      return board.columns();
    case 'match':
      await board.refresh();
      return matchAnswer(board, query.get('where') ?? '');
    case 'run': {
      await board.refresh();
      const found = board.one(Number(id));
      return found?.run && runAnswer(found.line, found.run, board.results([Number(id)])[0], followLinks);
    }
    case 'text':
      return textAnswer(
        board,
        { directory: storePaths.run(store, Number(id)), followLinks },
        { id: Number(id), path: rest, query },
      );
    case 'compare':
      return compareAnswer(store, board.results(query.getAll('run').map(Number)));
    default:
      return undefined;
  }
}

/**
 * Answers `POST PATH` with a body. Undefined if there is no such path, or the page may not run commands.
 * Throws a ValiError for a body of the wrong shape, an MlxError for a wrong question.
 */
export async function answerPost(
  path: string,
  body: unknown,
  { request, board }: Answering,
): Promise<object | undefined> {
  if (path === 'api/curves') {
    const question = v.parse(curvesQuestion, body);
    return curvesAnswer(board.results(question.runs), question);
  }
  const { mlx } = request;
  if (path !== 'api/action' || !mlx) return undefined;
  const question = v.parse(actionQuestion, body);
  if (!Object.hasOwn(actions, question.command)) return undefined;
  return act(question, { store: request.store, cwd: request.cwd, mlx });
}

function matchAnswer(board: RunsBoard, where: string): MatchAnswer {
  const matching: readonly RunResult[] = matchingResults(board.results(), parseExpression(where));
  return { ids: matching.map(({ id }) => id) };
}
