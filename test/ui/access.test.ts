import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accessOf } from '../../src/ui/access.js';

const token = 'V1StGXR8_Z5jdHi6B-myT0aaaaaaaaaa';
const here = { host: 'localhost:8800' };

test.for([
  [`/${token}/`, ''],
  [`/${token}/main.js`, 'main.js'],
  [`/${token}/api/runs?after=1`, 'api/runs'],
  [`/${token}/files/5/artifacts/a%20b%2Fc`, 'files/5/artifacts/a b/c'],
  [`/${token}`, '..'],
])('%s is granted as %j', ([url, path]) => {
  expect(accessOf(url ?? '', here, token)).toMatchObject({ kind: 'granted', path });
});

test.for([
  '/',
  '/api/runs',
  `/${token.slice(1)}/`,
  `/${token.toLowerCase()}/`,
  `/${token}x/`,
  `//${token}/`,
  `/x/../${token}/`,
  `/?${token}`,
])('%s lacks the token', (url) => {
  expect(accessOf(url, here, token)).toMatchObject({ kind: 'refused', code: 403 });
});

test.for(['localhost:8800', 'localhost', '127.0.0.1:9000', '[::1]:8800', 'LOCALHOST:1'])(
  'Host %s is this machine',
  (host) => {
    expect(accessOf(`/${token}/`, { host }, token).kind).toBe('granted');
  },
);

test.for([
  'evil.example',
  'localhost.evil.example',
  'evil.example:8800',
  '127.0.0.1.evil.example',
  '10.0.0.1:8800',
  '',
  'localhost:8800@evil.example',
])('Host %j is another one', (host) => {
  expect(accessOf(`/${token}/`, { host }, token)).toMatchObject({ kind: 'refused', code: 403 });
});

test.for([
  'http://evil.example',
  'null',
  'http://localhost:9999',
  'https://localhost:8800',
  'http://localhost:8800.evil.example',
])('Origin %s is another page', (origin) => {
  expect(accessOf(`/${token}/`, { ...here, origin }, token)).toMatchObject({ kind: 'refused', code: 403 });
});

test('its own Origin is none of another', () => {
  expect(accessOf(`/${token}/`, { ...here, origin: 'http://localhost:8800' }, token).kind).toBe('granted');
});

test('nothing but the token opens it, whatever is asked', () => {
  fc.assert(
    fc.property(fc.oneof(fc.webPath(), fc.string()), (path) => {
      fc.pre(!path.startsWith(`/${token}`));
      expect(accessOf(path, here, token).kind).toBe('refused');
    }),
  );
  fc.assert(
    fc.property(fc.string(), (rest) => {
      // Whatever stands behind it is answered, or refused as no URL.
      const access = accessOf(`/${token}/${rest}`, here, token);
      if (access.kind === 'refused') expect(access.code).toBe(400);
    }),
  );
});
