import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { inked, noChromium, startChromium, watchPage, withoutChromium } from '../rig/chromium.js';
import { makeRig, type Rig } from '../rig/rig.js';
import { startUi } from './rig.js';

const train = `import os, struct, sys, time, zlib
import mlxrun
run = mlxrun.start()
lr = float(run.config["lr"])
out, err = sys.stdout.buffer, sys.stderr.buffer
out.write(b"\\x1b[32mtraining\\x1b[0m <script>alert('log')</script> \\xff\\xfe\\x00 end\\n")
out.flush()
for epoch in range(1, 11):
    run.log_metrics({"epoch": epoch, "loss": lr / epoch})
    err.write(b"\\r%d/10" % epoch)
    err.flush()
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
row = b"\\0" + b"\\x20\\x80\\xc0" * 40
picture = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(row * 30)) + chunk(b"IEND", b"")
os.makedirs(os.path.join(run.dir, "artifacts", "image"))
open(os.path.join(run.dir, "artifacts", "image", "map.png"), "wb").write(picture)
open(os.path.join(run.dir, "artifacts", "image", "bad.svg"), "w").write("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>alert('svg')</script></svg>")
run.log_artifact({"note": "<img src=x onerror=alert('artifact')>"}, "result.json", "json")
while os.path.exists(run.config.get("hold", "/none")):
    print("tick", flush=True)
    time.sleep(0.2)
if lr > 0.3:
    sys.exit("the loss <b>is</b> no number")
`;

const hostile = '<img src=x onerror=alert(1)>\u202e';

let browser: Browser | undefined;

describe('in Chromium', () => {
  beforeAll(async () => {
    if (!withoutChromium) browser = await startChromium();
  }, 60_000);
  beforeEach(({ skip }) => skip(withoutChromium, noChromium));
  afterAll(() => browser?.close());

  async function open(
    rig: Rig,
    options: readonly string[] = [],
  ): Promise<{ page: Page; seen: readonly string[]; url: string }> {
    const url = await startUi(rig, ...options);
    const page = await browser!.newPage({ viewport: { width: 1400, height: 800 } });
    onTestFinished(() => page.close());
    const seen = watchPage(page, new URL(url).origin);
    await page.goto(url);
    return { page, seen, url };
  }
  const rows = (page: Page) => page.locator('[data-run]');
  const idsShown = (page: Page) =>
    rows(page).evaluateAll((all) => all.map((row) => Number(row.getAttribute('data-run'))));
  const cellsOf = (page: Page, id: number) => page.locator(`[data-run="${id}"] [role=gridcell]`).allInnerTexts();

  async function sweep(rig: Rig): Promise<void> {
    rig.write('train.py', train);
    await rig.mlx('run', 'train.py', 'lr=0.1,0.4', 'seed=1,2', '-q');
    await rig.mlx('run', 'train.py', 'lr=0.2', 'seed=3', `+note=${JSON.stringify(hostile)}`, '-q');
  }

  test('it shows runs and what each has come to', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await rows(page).nth(4).waitFor();
    expect(await page.locator('[role=columnheader]').allInnerTexts()).toEqual([
      '',
      'run ↑',
      'status',
      'started',
      'time',
      'lr',
      'seed',
      'note',
      'train.loss',
    ]);
    const [, id, status, started, time, ...cells] = await cellsOf(page, 3);
    expect([id, status, ...cells]).toEqual(['3', 'failed · 10/10the loss <b>is</b> no number', '0.4', '1', '', '0.04']);
    expect(started).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(time).toMatch(/^\d+(\.\d)?s$/);
    expect(await page.locator('.chip').allInnerTexts()).toEqual(['complete 3', 'failed 2']);
    expect(seen).toEqual([]);
  });

  test('failures of one kind are one line, which leads to its runs', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await rows(page).nth(4).waitFor();
    expect(await page.innerText('.failures summary')).toBe('2 failed: 10/10the loss <b>is</b> no number');
    await page.click('.failures summary');
    await page.click('.failures .link >> text=4');
    await page.locator('.run h2').waitFor();
    expect(await page.innerText('.run .said')).toContain('10/10the loss <b>is</b> no number');
    await page.click('.failures li button');
    expect(await page.innerText('#count')).toBe('2 runs of 5');
    expect(seen).toEqual([]);
  });

  test('it sorts and filters runs, and what was chosen outlives a reload', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await rows(page).nth(4).waitFor();
    await page.click('[role=columnheader] >> text=train.loss');
    expect(await idsShown(page)).toEqual([1, 2, 5, 3, 4]);
    await page.click('[role=columnheader] >> text=train.loss');
    expect(await idsShown(page)).toEqual([3, 4, 5, 1, 2]);
    await page.click('.chip >> text=failed');
    expect(await idsShown(page)).toEqual([3, 4]);
    await page.click('.chip >> text=failed');
    await page.fill('#filter', 'lr < 0.3 & train.loss@min < 0.015');
    await expect.poll(() => idsShown(page)).toEqual([1, 2]);
    await page.fill('#filter', 'lr < 0.3 & ls == 3');
    await page.locator('pre.problem').waitFor();
    expect(await page.innerText('pre.problem')).toMatch(/ls == 3\n +\^\^/);
    await page.fill('#filter', '');
    await expect.poll(() => rows(page).count()).toBe(5);

    await page.fill('#filter', 'seed == 2');
    await expect.poll(() => idsShown(page)).toEqual([4, 2]);
    await page.reload();
    await expect.poll(() => idsShown(page)).toEqual([4, 2]);
    expect(seen).toEqual([]);
  });

  test('it shows one run closely: config, curves, log, artifacts', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await page.click('[data-run="3"]');
    await page.locator('.run h2').waitFor();
    expect(await page.innerText('.run h2')).toBe('run 3 failed 10/10the loss <b>is</b> no number');
    const overview = await page.innerText('.run');
    expect(overview).toMatch(/train\.loss\s+0\.04\s+0\.04\s+0\.4\s+10/);
    expect(overview).toMatch(/lr\s+0\.4\n/);
    expect(overview).toMatch(/exit code 1/);

    await page.click('[role=tab] >> text=curves');
    await page.locator('.chart canvas').waitFor();
    await expect.poll(() => page.locator('.chart canvas').evaluate(inked)).toBeGreaterThan(200);

    await page.click('[role=tab] >> text=log');
    await expect
      .poll(() => page.locator('.text pre').first().innerText())
      .toBe("training <script>alert('log')</script> ��� end\n");
    await expect.poll(() => page.locator('.text pre').nth(1).innerText()).toBe('10/10the loss <b>is</b> no number\n');

    await page.click('[role=tab] >> text=artifacts');
    const picture = page.locator('img[alt="artifacts/image/map.png"]');
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]))
      .toEqual([40, 30]);
    await page.click('.link >> text=result.json');
    await expect.poll(() => page.locator('.text pre').innerText()).toContain("<img src=x onerror=alert('artifact')>");

    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('aside').count()).toBe(0);
    await page.goBack();
    await page.locator('.run h2').waitFor();
    expect(seen).toEqual([]);
  });

  test('it compares runs and draws them together', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await page.check('[aria-label="run 1"]');
    await page.check('[aria-label="run 4"]');
    await page.click('.tools >> text=compare');
    await page.locator('.compare table').waitFor();
    const table = await page.locator('.compare tr').allInnerTexts();
    expect(table.map((row) => row.split('\t').map((cell) => cell.trim()))).toEqual([
      ['', 'run 1', 'run 4'],
      ['config'],
      ['lr', '0.1', '0.4'],
      ['seed', '1', '2'],
      ['last metrics'],
      ['train.loss', '0.01', '0.04'],
    ]);
    await page.click('[aria-label="run 1"]');
    await page.click('[aria-label="run 4"]');
    await page.click('.tools >> text=curves');
    await page.locator('.chart canvas').waitFor();
    await page.selectOption('label:has-text("mean over") select', 'lr');
    const legend = () => page.locator('.u-legend .u-series:not(.hidden) .u-label').allInnerTexts();
    await expect.poll(legend).toEqual(['epoch', 'lr=0.1 · 2 runs', 'lr=0.2 · run 5', 'lr=0.4 · 2 runs']);
    await expect.poll(() => page.locator('.chart canvas').evaluate(inked)).toBeGreaterThan(1000);
    expect(seen).toEqual([]);
  });

  test('it names curves by what was typed, and shows those that one that diverges would flatten', async () => {
    const rig = makeRig();
    rig.write('configs/config.yaml', 'defaults: [model: small, _self_]\nseed: 0\n');
    for (const [name, width] of [
      ['small', 8],
      ['large', 64],
    ])
      rig.write(`configs/model/${name}.yaml`, `name: ${name}\nwidth: ${width}\ndepth: ${width}\n`);
    rig.write(
      'train.py',
      `import mlxrun
run = mlxrun.start()
for epoch in range(1, 21):
    run.log_metrics({"epoch": epoch, "loss": 8 * 90.0 ** epoch if run.config.seed == 3 and run.config.model.width == 64 else 8 / epoch, "big": 2.0 ** 68})
`,
    );
    await rig.mlx('run', 'train.py', 'model=small,large', 'seed=1,2,3', '-q');
    const { page, seen } = await open(rig);
    await rows(page).nth(5).waitFor();
    expect(await page.locator('.head [role=columnheader]').allInnerTexts()).toEqual([
      '',
      'run ↑',
      'status',
      'started',
      'time',
      'model',
      'seed',
      'train.loss',
      'train.big',
    ]);
    expect((await cellsOf(page, 6)).slice(5)).toEqual(['large', '3', '9.726e+39', '2.951e+20']);
    await page.click('.tools >> text=curves');
    await page.locator('.chart canvas').waitFor();
    await page.selectOption('label:has-text("metric") select', 'train.loss');
    const labels = () => page.locator('.u-legend .u-series:not(.hidden) .u-label').allInnerTexts();
    await expect.poll(labels).toContain('run 6 · model=large seed=3');
    expect(await page.locator('.u-legend .u-series').nth(6).getAttribute('title')).toBe('run 6 · model=large seed=3');
    await expect.poll(() => page.innerText('aside')).toContain('1 of 6 curves leaves the picture (up to 9.726e+39)');
    // In its colour, the mark is all that is seen of the curve; all of it is only one line at the bottom for the others.
    const cut = await page.locator('.chart canvas').evaluate(inked);
    await page.click('aside >> text=show all');
    await expect.poll(() => page.innerText('aside')).toContain('all values are shown');
    await expect.poll(() => page.locator('.chart canvas').evaluate(inked)).not.toBe(cut);
    expect(seen).toEqual([]);
  });

  test('it follows a run from its start to its end without being asked', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await rows(page).nth(4).waitFor();
    const hold = rig.write('hold', '');
    const launch = rig.start(['run', 'train.py', 'lr=0.2', 'seed=9', `hold='${hold.replace(/'/g, "\\'")}'`, '-q']);
    await page.locator('[data-run="6"] .running').waitFor();
    // Its log grows, and nothing that the table shows but its time.
    const time = async () => (await cellsOf(page, 6))[4];
    const first = await time();
    await expect.poll(time, { timeout: 10_000 }).not.toBe(first);
    await page.click('[data-run="6"]');
    await page.click('[role=tab] >> text=log');
    const ticks = async () => (await page.locator('.text pre').first().innerText()).split('tick\n').length;
    const before = await ticks();
    await expect.poll(ticks, { timeout: 10_000 }).toBeGreaterThan(before + 3);
    rmSync(hold);
    await launch;
    await page.locator('[data-run="6"] .complete').waitFor();
    await expect.poll(() => page.innerText('.run h2')).toBe('run 6 complete');
    const log = rig.read('logs/6/log.stdout').split('tick\n').length;
    await expect.poll(ticks).toBe(log);
    expect(seen).toEqual([]);
  });

  test('names and logs that are meant to break it are shown as they are', async () => {
    const rig = makeRig();
    await sweep(rig);
    const { page, seen } = await open(rig);
    await rows(page).nth(4).waitFor();
    const visible = '<img src=x onerror=alert(1)>\\u202e';
    expect(await cellsOf(page, 5)).toContain(visible);
    await page.click('[data-run="5"]');
    await page.locator('.run h2').waitFor();
    expect(await page.innerText('.point')).toContain('onerror=alert(1)>\\u202e');
    for (const tab of ['curves', 'log', 'artifacts']) {
      await page.click(`[role=tab] >> text=${tab}`);
      await page.waitForTimeout(300);
    }
    expect(await page.locator('aside img').count()).toBe(2);
    expect(await page.locator('script').count()).toBe(1);
    expect(seen).toEqual([]);
  });

  test('ten thousand runs are scrolled through, each of them in its place', async () => {
    const rig = makeRig();
    const count = 10_000;
    // As MLXP writes them.
    for (let id = 1; id <= count; id++) {
      const run = join(rig.directory, 'logs', String(id));
      mkdirSync(join(run, 'metadata'), { recursive: true });
      mkdirSync(join(run, 'metrics'));
      writeFileSync(join(run, 'metadata', 'info.yaml'), `status: COMPLETE\nhostname: n1\nlogger:\n  log_id: ${id}\n`);
      writeFileSync(join(run, 'metadata', 'config.yaml'), `seed: ${id}\n`);
      writeFileSync(join(run, 'metrics', 'train.json'), `{"loss": ${1 / id}}\n`);
    }
    const { page, seen } = await open(rig);
    await rows(page).first().waitFor({ timeout: 60_000 });
    expect(await page.innerText('#count')).toBe('10000 runs');
    const found = await page.locator('.table').evaluate(async (box) => {
      const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const ids = new Set<number>();
      let most = 0;
      let displaced = 0;
      for (let top = 0; top <= box.scrollHeight; top += box.clientHeight - 60) {
        box.scrollTop = top;
        await drawn();
        const all = [...box.querySelectorAll('[data-run]')];
        most = Math.max(most, all.length);
        for (const row of all) {
          const id = Number(row.getAttribute('data-run'));
          const place = row.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
          // The heading is a row high.
          if (Math.abs(place - id * 28) > 2) displaced++;
          ids.add(id);
        }
      }
      return { ids: ids.size, most, displaced };
    });
    expect(found).toEqual({ ids: count, most: expect.any(Number), displaced: 0 });
    expect(found.most).toBeLessThan(100);
    await page.click('[role=columnheader] >> text=train.loss');
    await page.locator('.table').evaluate((box) => box.scrollTo(0, 0));
    await expect.poll(async () => (await idsShown(page))[0]).toBe(count);
    await page.fill('#filter', 'seed > 9990');
    await expect.poll(() => idsShown(page)).toHaveLength(10);
    await page.fill('#filter', '');
    await page.click('.tools >> text=curves');
    await page.locator('.chart canvas').waitFor();
    await expect.poll(() => page.innerText('aside')).toContain('9900 further curves left out');
    expect(seen).toEqual([]);
  }, 180_000);

  test('it stops a run, after a question, where it may', async () => {
    const rig = makeRig();
    await sweep(rig);
    const hold = rig.write('hold', '');
    const launch = rig.start(['run', 'train.py', 'lr=0.2', 'seed=9', `hold='${hold.replace(/'/g, "\\'")}'`, '-q']);
    const { page, seen } = await open(rig, ['--allow-actions']);
    await page.locator('[data-run="6"] .running').waitFor();
    await page.check('[aria-label="run 6"]');
    await page.click('.tools >> text=stop');
    expect(await page.innerText('.ask')).toContain('stop 1 run?');
    await page.click('.ask >> text=no');
    await page.click('.tools >> text=stop');
    await page.click('.ask .sure');
    await expect.poll(() => page.innerText('.ask'), { timeout: 20_000 }).toContain('mlx stop 6 is done');
    await page.click('.ask >> text=close');
    await page.locator('[data-run="6"] .stopped').waitFor();
    await launch;
    expect(await page.locator('.tools button').allInnerTexts()).toEqual([
      'curves',
      'compare',
      'columns',
      'stop',
      'hold',
      'release',
      'resubmit',
      'delete',
    ]);
    const other = await open(rig);
    await rows(other.page).first().waitFor();
    expect(await other.page.locator('.tools button').allInnerTexts()).toEqual(['curves', 'compare', 'columns']);
    expect(seen).toEqual([]);
  });

  test('a page whose server has ended says so, and shows what it had', async () => {
    const rig = makeRig();
    await sweep(rig);
    const ui = rig.start(['ui']);
    const url = await new Promise<string>((resolve) =>
      ui.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk).trim())),
    );
    const page = await browser!.newPage();
    onTestFinished(() => page.close());
    await page.goto(url);
    await rows(page).nth(4).waitFor();
    ui.kill('SIGTERM');
    await ui;
    await page.locator('.lost >> text=does not answer').waitFor();
    expect(await rows(page).count()).toBe(5);
  });
});
