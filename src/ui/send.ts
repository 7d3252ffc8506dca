import { createReadStream, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packageDirectory } from '../core/package-directory.js';
import { storePaths } from '../store/index.js';
import { imageType, openFile } from './run-files.js';
import type { Problem } from './wire.js';

/** The longest body of a request, in bytes. */
const mostQuestion = 4_000_000;

/** Headers of every response: a page of this server may do nothing but show itself. */
export const safeHeaders: Readonly<Record<string, string>> = {
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

/** Sends a file of the page itself. Returns false, having sent nothing, if the path is none. */
export async function sendPage(incoming: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
  const file = Object.hasOwn(pageFiles, path) ? pageFiles[path] : undefined;
  if (!file) return false;
  const [name, type] = file;
  const content = readFileSync(join(packageDirectory(), 'dist', 'assets', 'ui', name));
  await send(incoming, response, { code: 200, type, content });
  return true;
}

/**
 * Sends a file of a run, `ID/PATH`: an image to show, any other file to save. Pages and drawings made by a
 * run must not act in the name of this server, so they are sandboxed.
 */
export function sendFile(
  response: ServerResponse,
  { store, followLinks }: { readonly store: string; readonly followLinks: boolean },
  path: string,
): void {
  const [, id, rest = ''] = /^(\d{1,15})\/(.+)$/s.exec(path) ?? [];
  const directory = storePaths.run(store, Number(id));
  const opened = id === undefined ? undefined : openFile({ directory, followLinks }, rest);
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
    // The file may grow meanwhile: only these bytes are sent.
    'Content-Length': opened.size,
  });
  if (opened.size === 0) return void response.end();
  const stream = createReadStream('', { fd: opened.file, start: 0, end: opened.size - 1 });
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  stream.pipe(response);
}

/** Sends a value as JSON. */
export const sendJson = (incoming: IncomingMessage, response: ServerResponse, code: number, value: object | Problem) =>
  send(incoming, response, { code, type: 'application/json', content: Buffer.from(JSON.stringify(value)) });

interface Content {
  readonly code: number;
  readonly type: string;
  readonly content: Buffer;
}

async function send(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { code, type, content }: Content,
): Promise<void> {
  // Compression pays for ten thousand runs through a tunnel.
  const packed = content.length > 4096 && /\bgzip\b/.test(String(headers['accept-encoding']));
  const body = packed ? await promisify(gzip)(content, { level: 1 }) : content;
  if (packed) response.setHeader('Content-Encoding', 'gzip');
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': body.length }).end(body);
}

/** The body of a request, parsed as JSON. Throws a SyntaxError if it is too long or not JSON. */
export async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostQuestion) throw new SyntaxError('the question is too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
