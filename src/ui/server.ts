import { createReadStream, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { nanoid } from 'nanoid';
import * as v from 'valibot';
import { packageDirectory } from '../core/package-directory.js';
import { parseExpression } from '../expression/index.js';
import { type Failure, MlxError } from '../failures/index.js';
import { colours } from '../plots/index.js';
import { attemptModes, matchingResults, type RunResult } from '../results/index.js';
import { isOver, storePaths } from '../store/index.js';
import { accessOf } from './access.js';
import { act, actions } from './actions.js';
import { compareAnswer } from './answers/compare.js';
import { curvesAnswer } from './answers/curves.js';
import { runAnswer } from './answers/run.js';
import { imageType, openFile, readText } from './run-files.js';
import { RunsBoard } from './runs-board.js';
import type { About, MatchAnswer, Problem, TextAnswer } from './wire.js';

export interface UiRequest {
  readonly store: string;
  /** The store as people are shown it. */
  readonly name: string;
  readonly cwd: string;
  readonly version: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The words that start mlx, where the page may give commands; undefined where it only reads. */
  readonly mlx: readonly [string, ...string[]] | undefined;
  /** A failure in words. */
  readonly tell: (failure: Failure) => string;
}

export interface Ui {
  /** With the token: who has it, may see all that is in the store. */
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

const mostQuestion = 4_000_000;
const mostText = 262_144;

/** What a page of this server may do: nothing but show itself. */
const safe = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

const pageFiles: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '': ['index.html', 'text/html; charset=utf-8'],
  'main.js': ['main.js', 'text/javascript; charset=utf-8'],
  'main.css': ['main.css', 'text/css; charset=utf-8'],
};

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

/** Serves the page of a store on the loopback interface. Throws an error with the code EADDRINUSE or EACCES for a port that it can't have. */
export async function startUi(request: UiRequest): Promise<Ui> {
  const token = nanoid(32);
  const board = new RunsBoard(request.store);
  const server = createServer((incoming, response) => {
    answer(incoming, response, { request, token, board }).catch((error: unknown) => {
      // A page that is not there any more has nobody to be told.
      if (response.headersSent) response.destroy();
      else sendJson(incoming, response, 500, { problem: error instanceof Error ? error.message : String(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(request.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Place {
  readonly request: UiRequest;
  readonly token: string;
  readonly board: RunsBoard;
}

async function answer(incoming: IncomingMessage, response: ServerResponse, place: Place): Promise<void> {
  const access = accessOf(incoming.url ?? '', incoming.headers, place.token);
  for (const [name, value] of Object.entries(safe)) response.setHeader(name, value);
  if (access.kind === 'refused') {
    response.writeHead(access.code, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${access.words}\n`);
    return;
  }
  const { path, query } = access;
  const asks = incoming.method === 'POST';
  if (!asks && incoming.method !== 'GET') {
    response.writeHead(405, { Allow: 'GET, POST' }).end();
    return;
  }
  // What a page names relative to itself is to be below it.
  if (path === '..') return void response.writeHead(302, { Location: `/${place.token}/` }).end();
  const file = pageFiles[path];
  if (file && !asks) return sendPage(incoming, response, file);
  if (path.startsWith('files/') && !asks) return sendFile(response, place.request.store, path.slice('files/'.length));
  try {
    const found = asks ? await answerPost(path, await bodyOf(incoming), place) : await answerGet(path, query, place);
    const [code, value] = found === undefined ? [404, { problem: 'there is no such thing' }] : [200, found];
    await sendJson(incoming, response, code, value);
  } catch (error) {
    if (!(error instanceof MlxError) && !(error instanceof SyntaxError) && !(error instanceof v.ValiError)) throw error;
    const problem = error instanceof MlxError ? place.request.tell(error.failure) : error.message;
    await sendJson(incoming, response, error instanceof MlxError ? 200 : 400, { problem });
  }
}

/** Undefined for what there is not. */
async function answerGet(path: string, query: URLSearchParams, { request, board }: Place): Promise<object | undefined> {
  const { store, name, version, mlx, tell } = request;
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
      return found && runAnswer(found.line, found.run, board.results([Number(id)])[0]);
    }
    case 'text':
      return textAnswer(board, storePaths.run(store, Number(id)), { id: Number(id), path: rest, query });
    case 'compare':
      return compareAnswer(store, board.results(query.getAll('run').map(Number)), tell);
    default:
      return undefined;
  }
}

async function answerPost(path: string, body: unknown, { request, board }: Place): Promise<object | undefined> {
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

function textAnswer(
  board: RunsBoard,
  run: string,
  { id, path, query }: { readonly id: number; readonly path: string; readonly query: URLSearchParams },
): TextAnswer | undefined {
  // Looked up first, so that what was written before the end is read after it.
  const found = board.one(id)?.run;
  const last = found?.kind !== 'run' || isOver(found.status.status);
  const place = (name: string) => Math.max(0, Math.floor(Number(query.get(name) ?? 0)) || 0);
  const part = query.has('before')
    ? { before: place('before') }
    : query.has('tail')
      ? { tail: place('tail'), last }
      : { from: place('from'), last };
  const read = readText(run, path, part, mostText);
  return read && { ...read, isOver: last };
}

function sendPage(incoming: IncomingMessage, response: ServerResponse, [name, type]: readonly [string, string]) {
  const content = readFileSync(join(packageDirectory(), 'dist', 'assets', 'ui', name));
  return send(incoming, response, 200, type, content);
}

/** A file of a run as it is: an image to be shown, all else to be kept; a page or a drawing that a run has made must not act as this server's. */
function sendFile(response: ServerResponse, store: string, path: string): void {
  const [, id, rest = ''] = /^(\d{1,15})\/(.+)$/s.exec(path) ?? [];
  const opened = id === undefined ? undefined : openFile(storePaths.run(store, Number(id)), rest);
  if (!opened) return void response.writeHead(404).end();
  const name = encodeURIComponent(rest.split('/').at(-1) ?? '');
  const type = imageType(rest);
  response.setHeader(
    'Content-Security-Policy',
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  );
  response.writeHead(200, {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Disposition': `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
    // It may grow while it is sent.
    'Content-Length': opened.size,
  });
  if (opened.size === 0) return void response.end();
  const stream = createReadStream('', { fd: opened.file, start: 0, end: opened.size - 1 });
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

const sendJson = (incoming: IncomingMessage, response: ServerResponse, code: number, value: object | Problem) =>
  send(incoming, response, code, 'application/json', Buffer.from(JSON.stringify(value)));

async function send(
  { headers }: IncomingMessage,
  response: ServerResponse,
  code: number,
  type: string,
  content: Buffer,
): Promise<void> {
  // Through a tunnel ten thousand runs are worth it.
  const packed = content.length > 4096 && /\bgzip\b/.test(String(headers['accept-encoding']));
  const body = packed ? await promisify(gzip)(content, { level: 1 }) : content;
  if (packed) response.setHeader('Content-Encoding', 'gzip');
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': body.length }).end(body);
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostQuestion) throw new SyntaxError('the question is too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
