import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nanoid } from 'nanoid';
import { ValiError } from 'valibot';
import { MlxError, problemText } from '../failures/index.js';
import { accessOf } from './access.js';
import { RunsBoard } from './board.js';
import { type Answering, answerGet, answerPost, type UiRequest } from './routes.js';
import { bodyOf, safeHeaders, sendFile, sendJson, sendPage } from './send.js';

/** A server that is running. */
interface Ui {
  /** The page's address. It contains the token: who knows it can see all of the store. */
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves the page of a store on the loopback interface. Throws an error with the code EADDRINUSE or EACCES if
 * it can't have the port.
 */
export async function startUi(request: UiRequest): Promise<Ui> {
  const token = nanoid(32);
  const board = new RunsBoard(request.store);
  const server = createServer((incoming, response) => {
    answer(incoming, response, { request, token, board }).catch((error: unknown) => {
      // The page may be gone: then nobody can be told.
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

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  served: Answering & { readonly token: string },
): Promise<void> {
  const { request, token } = served;
  const access = accessOf(incoming.url ?? '', incoming.headers, token);
  for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value);
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
  // The page's relative addresses need a slash after the token.
  if (path === '..') return void response.writeHead(302, { Location: `/${token}/` }).end();
  if (!asks && (await sendPage(incoming, response, path))) return;
  if (path.startsWith('files/') && !asks) return sendFile(response, request, path.slice('files/'.length));
  try {
    const found = asks ? await answerPost(path, await bodyOf(incoming), served) : await answerGet(path, query, served);
    const [code, value] = found === undefined ? [404, { problem: 'there is no such thing' }] : [200, found];
    await sendJson(incoming, response, code, value);
  } catch (error) {
    if (!(error instanceof MlxError) && !(error instanceof SyntaxError) && !(error instanceof ValiError)) throw error;
    const problem = error instanceof MlxError ? problemText(error.failure) : error.message;
    await sendJson(incoming, response, error instanceof MlxError ? 200 : 400, { problem });
  }
}
