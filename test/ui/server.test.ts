import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeRig, type Rig, waitUntil } from '../rig/rig.js';
import { startUi } from './rig.js';

interface Answer {
  readonly code: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

/** A request as it is written, which fetch would put right. */
function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    path,
    body,
  }: { method?: string; headers?: object; path?: string; body?: string } = {},
): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, method, path: path ?? pathname + search, headers: { ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ code: response.statusCode, headers: response.headers, text }));
      },
    );
    asked.on('error', reject).end(body);
  });
}

const json = async (url: string) => JSON.parse((await ask(url)).text);

async function sweep(rig: Rig): Promise<void> {
  rig.write(
    'train.py',
    `import mlxrun
run = mlxrun.start()
for epoch in range(1, 4):
    run.log_metrics({"epoch": epoch, "loss": float(run.config["lr"]) / epoch})
run.log_artifact({"a": 1}, "result.json", "json")
run.log_artifact("<script>alert(1)</script>", "page.html", "text")
print("done")
`,
  );
  expect((await rig.mlx('run', 'train.py', 'lr=0.1,0.2', 'seed=1,2', '-q')).exitCode).toBe(0);
}

describe('who may ask', () => {
  test('nobody without the token, from another host name, or from another page', async () => {
    const rig = makeRig();
    await sweep(rig);
    const url = await startUi(rig);
    const { origin, port, pathname } = new URL(url);
    expect((await ask(url)).code).toBe(200);
    for (const path of ['/', '/api/runs', '/main.js', pathname.slice(0, -2)])
      expect((await ask(origin, { path })).code).toBe(403);
    for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`])
      expect((await ask(url, { headers: { host } })).code).toBe(403);
    for (const from of ['http://evil.example', 'null', `http://localhost:${port}`])
      expect((await ask(`${url}api/runs`, { headers: { origin: from } })).code).toBe(403);
    // By way of ssh -L another port leads here.
    const tunnelled = { host: 'localhost:9999', origin: 'http://localhost:9999' };
    expect((await ask(`${url}api/runs`, { headers: tunnelled })).code).toBe(200);
  });

  test('from this machine alone', async () => {
    const rig = makeRig();
    await sweep(rig);
    const url = await startUi(rig);
    const { networkInterfaces } = await import('node:os');
    const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    for (const { address, family, internal } of others.filter((one) => !one.internal && one.family === 'IPv4')) {
      expect({ family, internal }).toEqual({ family: 'IPv4', internal: false });
      await expect(ask(url.replace('127.0.0.1', address))).rejects.toThrow(/ECONNREFUSED/);
    }
  });

  test('each token is another one', async () => {
    const rig = makeRig();
    await sweep(rig);
    const [one, other] = [await startUi(rig), await startUi(rig)];
    expect(new URL(one).pathname).toMatch(/^\/[\w-]{32}\/$/);
    expect(new URL(one).pathname).not.toBe(new URL(other).pathname);
  });
});

test('a page may load nothing from elsewhere, and is in no other page', async () => {
  const rig = makeRig();
  await sweep(rig);
  const { headers } = await ask(await startUi(rig));
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
});

test('what a run has made is sent as it is, but acts as nothing', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig);
  const { code, headers, text } = await ask(`${url}files/1/artifacts/text/page.html`);
  expect(code).toBe(200);
  expect(text).toBe(rig.read('logs/1/artifacts/text/page.html'));
  expect(headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''page.html",
  });
  expect(headers['content-security-policy']).toMatch(/^sandbox;/);
  for (const path of [
    'files/1/../../train.py',
    'files/1/..%2F..%2Ftrain.py',
    'files/1/artifacts',
    'files/x/log.stdout',
    'files/99/log.stdout',
  ])
    expect((await ask(url, { path: `${new URL(url).pathname}${path}` })).code).toBe(404);
});

test('a path that is the name of something every object has is not found', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig);
  for (const path of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    expect([path, (await ask(`${url}${path}`)).code]).toEqual([path, 404]);
});

test('only what has changed is told again', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig);
  const first = await json(`${url}api/runs?after=0`);
  expect(first).toMatchObject({ whole: true, columns: ['lr', 'seed', 'train.loss'], gone: [] });
  expect(
    first.rows.map(({ id, status, cells }: { id: number; status: string; cells: unknown[] }) => [id, status, ...cells]),
  ).toEqual([
    [1, 'COMPLETE', 0.1, 1, 0.1 / 3],
    [2, 'COMPLETE', 0.1, 2, 0.1 / 3],
    [3, 'COMPLETE', 0.2, 1, 0.2 / 3],
    [4, 'COMPLETE', 0.2, 2, 0.2 / 3],
  ]);
  const has = first.columns.map((name: string) => `&has=${name}`).join('');
  expect(await json(`${url}api/runs?after=${first.version}${has}`)).toMatchObject({ whole: false, rows: [], gone: [] });
  await rig.mlx('delete', '2', '--yes');
  await rig.mlx('run', 'train.py', 'lr=0.1', 'seed=3', '-q');
  // The server looks at the store once a second.
  const next = await waitUntil(async () => {
    const answer = await json(`${url}api/runs?after=${first.version}${has}`);
    return answer.rows.length > 0 && answer;
  }, 'run 5 in the table');
  expect(next).toMatchObject({ whole: false, gone: [2] });
  expect(next.rows).toMatchObject([{ id: 5, status: 'COMPLETE' }]);
  // Other columns are another table.
  expect(await json(`${url}api/runs?after=${next.version}${has}&column=train.loss@min`)).toMatchObject({
    whole: true,
    columns: ['train.loss@min'],
  });
});

test('without --allow-actions nothing can be told to do', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig);
  const before = rig.tree('logs');
  const body = JSON.stringify({ command: 'delete', runs: [1] });
  expect(await json(`${url}api/about`)).toMatchObject({ actions: [] });
  expect((await ask(`${url}api/action`, { method: 'POST', body })).code).toBe(404);
  for (const method of ['PUT', 'DELETE', 'OPTIONS']) expect((await ask(`${url}api/runs`, { method })).code).toBe(405);
  await ask(`${url}api/runs?after=0`);
  expect(rig.tree('logs').filter((name) => !name.startsWith('.mlx/'))).toEqual(
    before.filter((name) => !name.startsWith('.mlx/')),
  );
});

test('with it the commands are those of mlx, and no others', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig, '--allow-actions');
  const post = (question: object | string) =>
    ask(`${url}api/action`, {
      method: 'POST',
      body: typeof question === 'string' ? question : JSON.stringify(question),
    });
  for (const command of ['run', 'gc', 'toString', 'delete; true', '--help'])
    expect((await post({ command, runs: [1] })).code).toBe(404);
  for (const question of [
    '',
    '{',
    '[]',
    { command: 'stop' },
    { command: 'stop', runs: [] },
    { command: 'stop', runs: ['1; true'] },
  ])
    expect((await post(question)).code).toBe(400);
  const { code, text } = await post({ command: 'delete', runs: [1, 3] });
  expect(code).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ command: 'mlx delete 1,3 --yes', exitCode: 0 });
  expect((await rig.mlx('list', '--json')).stdout).toMatch(/"run":2.*"run":4/);
  expect(rig.tree('logs').filter((name) => /^\d+\/$/.test(name))).toEqual(['2/', '4/']);
});

test('what is asked wrongly is answered in one sentence', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig);
  await ask(`${url}api/runs?after=0`);
  expect(await json(`${url}api/match?where=${encodeURIComponent('lr <')}`)).toMatchObject({
    problem: expect.stringContaining('^'),
  });
  expect(await json(`${url}api/match?where=${encodeURIComponent('lrr < 1')}`)).toMatchObject({
    problem: expect.stringContaining("'lr'"),
  });
  expect(await json(`${url}api/match?where=${encodeURIComponent('lr < 0.15')}`)).toEqual({ ids: [1, 2] });
  for (const path of ['api/', 'api/nothing', 'api/run/99', 'api/run/x', 'api/text/1/nothing', 'nothing'])
    expect((await ask(`${url}${path}`)).code).toBe(404);
  expect((await ask(url, { path: `${new URL(url).pathname}%zz` })).code).toBe(400);
});

describe('mlx ui', () => {
  test('tells a port that it cannot have, and a store that is not there', async () => {
    const rig = makeRig();
    const none = await rig.mlx('ui');
    expect(none).toMatchObject({ exitCode: 2, stdout: '' });
    expect(none.stderr).toContain("there are no runs in 'logs'");
    await sweep(rig);
    const url = await startUi(rig);
    const { port } = new URL(url);
    const taken = await rig.mlx('ui', '--port', port);
    expect(taken).toMatchObject({ exitCode: 2, stdout: '' });
    expect(taken.stderr).toMatch(/option '--port' can't be '\d+'\n {2}expected a port that is free/);
    expect((await rig.mlx('ui', '--port', '70000')).exitCode).toBe(2);
    expect((await rig.mlx('ui', '5')).exitCode).toBe(2);
  });

  test('ends at Ctrl-C with 0, though a page is open', async () => {
    const rig = makeRig();
    await sweep(rig);
    const ui = rig.start(['ui']);
    const url = await new Promise<string>((resolve) =>
      ui.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk).trim())),
    );
    await ask(`${url}api/runs`, { headers: { connection: 'keep-alive' } });
    ui.kill('SIGINT');
    expect((await ui).exitCode).toBe(0);
  });
});

test('curves are of the attempts that are asked for, and what an earlier attempt logged is marked', async () => {
  const rig = makeRig();
  rig.write(
    'train.py',
    `import mlxrun, sys
run = mlxrun.start()
first = run.attempt == 1
for epoch in range(2): run.log_metrics({"epoch": epoch, "loss": 5 if first else 7})
if first: run.log_metrics({"acc": 0.5}, log_name="test")
sys.exit(first)
`,
  );
  await rig.mlx('run', 'seed=1', '-q', '--', 'python3', 'train.py');
  await rig.mlx('resubmit', 'failed', '-q');
  const url = await startUi(rig);
  const [row] = (await json(`${url}api/runs?column=train.loss&column=test.acc`)).rows;
  expect([row.cells, row.earlier]).toEqual([
    [7, 0.5],
    [null, 1],
  ]);
  const { metrics } = await json(`${url}api/run/1`);
  expect(metrics.map(({ name, earlier }: { name: string; earlier: number | null }) => [name, earlier])).toEqual([
    ['test.acc', 1],
    ['train.epoch', null],
    ['train.loss', null],
  ]);
  const curves = async (metric: string, attempts: string) => {
    const body = JSON.stringify({ metric, runs: [1], x: null, groupBy: [], band: null, logY: false, attempts });
    const { text } = await ask(`${url}api/curves`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    const answer = JSON.parse(text);
    const attemptIn = (head: string) => Number(/ attempt (\d+)$/.exec(head)?.[1]) || null;
    const lines = answer.curves.map(({ name, ys }: { name: { head: string }; ys: number[] }) => [
      attemptIn(name.head),
      ys,
    ]);
    return { lines, earlier: answer.earlier, lacking: answer.lacking };
  };
  expect(await curves('train.loss', 'path')).toEqual({ lines: [[null, [7, 7]]], earlier: [], lacking: 0 });
  expect(await curves('train.loss', 'all')).toMatchObject({
    lines: [
      [1, [5, 5]],
      [2, [7, 7]],
    ],
    lacking: 0,
  });
  expect(await curves('test.acc', 'path')).toEqual({
    lines: [[1, [0.5]]],
    earlier: [{ run: 1, attempt: 1 }],
    lacking: 0,
  });
  expect(await curves('test.acc', 'all')).toMatchObject({ lines: [[1, [0.5]]], earlier: [], lacking: 0 });
});

test('links in artifacts that lead back to themselves are listed, and served is nothing outside', async () => {
  const rig = makeRig();
  rig.write('../precious/secret.txt', 'secret');
  rig.write(
    'l.sh',
    'cd "$MLX_LOG_DIR/artifacts"; ln -s . a; ln -s . b; ln -s "$PWD/../../../../precious" out; echo hi >f.txt\n',
  );
  expect((await rig.mlx('run', 'l.sh', '--no-config', 'x=1', '-q')).exitCode).toBe(0);
  const url = await startUi(rig);
  const { artifacts } = await json(`${url}api/run/1`);
  expect(artifacts.map(({ path }: { path: string }) => path)).toEqual(
    ['a', 'b', 'f.txt', 'out'].map((name) => `artifacts/${name}`),
  );
  for (const asked of ['files/1/artifacts/out/secret.txt', 'api/text/1/artifacts/out/secret.txt?from=0'])
    expect((await ask(`${url}${asked}`)).code).toBe(404);
  const following = await startUi(rig, '--follow-links');
  expect((await ask(`${following}files/1/artifacts/out/secret.txt`)).text).toBe('secret');
  expect((await json(`${following}api/run/1`)).artifacts).toContainEqual(
    expect.objectContaining({ path: 'artifacts/out/secret.txt', bytes: 6 }),
  );
});

test('five hundred idle connections do not stop another one', async () => {
  const rig = makeRig();
  await sweep(rig);
  const url = await startUi(rig);
  const { port, pathname } = new URL(url);
  const idle = Array.from({ length: 500 }, (_, i) => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    // Some say nothing, some half a request, and some don't read what they have asked for.
    if (i % 3 > 0) socket.write(`GET ${pathname}api/runs HTTP/1.1\r\n${i % 3 === 1 ? 'Host: 127.0.0.1\r\n\r\n' : ''}`);
    return socket.pause();
  });
  onTestFinished(() => idle.forEach((socket) => void socket.destroy()));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  expect((await json(`${url}api/runs`)).rows).toHaveLength(4);
});
