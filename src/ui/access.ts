import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a request asks for, by its path after the token, or why it is refused. */
type Access =
  | { readonly kind: 'granted'; readonly path: string; readonly query: URLSearchParams }
  | { readonly kind: 'refused'; readonly code: number; readonly words: string };

/**
 * Checks that a request comes from this server's own page, opened by somebody who knows the token. The token
 * is the first part of every path.
 *
 * The token keeps out other users of the machine, and pages that guess a port. A foreign Host means that some
 * name was pointed at this machine (DNS rebinding), whose pages could read answers. Through `ssh -L` the port
 * may differ, but not the host. A foreign Origin is a page of another server.
 */
export function accessOf(url: string, headers: IncomingHttpHeaders, token: string): Access {
  const { host = '', origin } = headers;
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host)) {
    return refused(403, 'this page is for localhost alone: open the address that mlx ui printed');
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return refused(403, 'another page may not ask this one');
  }
  const [address = '', query = ''] = url.split(/\?(.*)/s);
  const [, given = '', ...rest] = address.split('/');
  if (!isSame(given, token)) return refused(403, 'open the address that mlx ui printed, with its token');
  try {
    const path = rest.map(decodeURIComponent).join('/');
    return { kind: 'granted', path: rest.length === 0 ? '..' : path, query: new URLSearchParams(query) };
  } catch {
    return refused(400, 'the address is no URL');
  }
}

const refused = (code: number, words: string): Access => ({ kind: 'refused', code, words });

/** Compares in constant time, which does not reveal how much of the token is right. */
function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
