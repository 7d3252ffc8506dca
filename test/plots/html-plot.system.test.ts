import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { inked, noChromium, startChromium, watchPage, withoutChromium } from '../rig/chromium.js';
import { makeRig, type Rig } from '../rig/rig.js';

describe('pages of mlx plot in Chromium', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!withoutChromium) browser = await startChromium();
  }, 60_000);
  beforeEach(({ skip }) => skip(withoutChromium, noChromium));
  afterAll(() => browser?.close());

  async function sweep(): Promise<Rig> {
    const rig = makeRig();
    rig.write(
      'train.py',
      `import mlxrun
run = mlxrun.start()
for epoch in range(1, 101):
    run.log_metrics({"epoch": epoch, "loss": run.config.lr * (len(run.config.name) + 0.1 * run.config.seed) / epoch if epoch != 50 else float("nan")})
`,
    );
    const hostile = `+name=</script><img src=x onerror=alert(1)>`;
    await rig.mlx('run', 'train.py', '+seed=1,2', '+lr=1,2', hostile.replace('=', "='").concat("',b"), '-q');
    return rig;
  }

  async function open(rig: Rig, file: string): Promise<{ page: Page; seen: readonly string[] }> {
    const page = await browser!.newPage({ viewport: { width: 1000, height: 700 } });
    onTestFinished(() => page.close());
    // Nothing from outside: no other file is asked for either.
    const url = pathToFileURL(`${rig.directory}/${file}`).href;
    const seen = watchPage(page, url);
    await page.goto(url);
    return { page, seen };
  }

  test('curves: values under the pointer, zoom, and a legend that turns them off', async () => {
    const rig = await sweep();
    await rig.mlx('plot', 'train.loss', '--group-by', 'name,lr', '--band', 'std', '-o', 'loss.html');
    const { page, seen } = await open(rig, 'loss.html');
    const canvas = page.locator('canvas');
    const whole = await canvas.evaluate(inked);
    expect(whole).toBeGreaterThan(1000);
    const labels = await page.locator('.u-legend .u-series:visible .u-label').allInnerTexts();
    expect(labels).toEqual([
      'epoch',
      'name=</script><img src=x onerror=alert(1)> lr=1 runs 1, 5',
      'name=</script><img src=x onerror=alert(1)> lr=2 runs 3, 7',
      'name=b lr=1 runs 2, 6',
      'name=b lr=2 runs 4, 8',
    ]);

    const over = page.locator('.u-over');
    const box = (await over.boundingBox())!;
    const value = async (x: number) => {
      await page.mouse.move(box.x + x, box.y + box.height / 2);
      return Number(await page.locator('.u-legend .u-value').first().innerText());
    };
    const [left, right] = [await value(box.width * 0.25), await value(box.width * 0.75)];
    expect(left).toBeGreaterThan(20);
    expect(right - left).toBeGreaterThan(40);

    await page.mouse.move(box.x + box.width * 0.25, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 5 });
    await page.mouse.up();
    expect((await value(box.width * 0.75)) - (await value(box.width * 0.25))).toBeLessThan(20);
    await page.mouse.dblclick(box.x + 300, box.y + 100);
    await expect
      .poll(async () => (await value(box.width * 0.75)) - (await value(box.width * 0.25)))
      .toBeGreaterThan(40);

    await page.locator('.u-legend .u-series:visible .u-label').nth(1).click();
    expect(await page.locator('.u-legend .u-series.u-off').count()).toBeGreaterThan(0);
    await page.mouse.move(0, 0);
    expect(await canvas.evaluate(inked)).toBeLessThan(whole);
    expect(seen).toEqual([]);
  });

  test('curves of which one goes far beyond the rest: the rest fills the page, and all is there when it is asked for', async () => {
    const rig = makeRig();
    rig.write(
      'train.py',
      `import mlxrun
run = mlxrun.start()
for epoch in range(1, 41):
    run.log_metrics({"epoch": epoch, "loss": 8 * 90.0 ** epoch if run.config.seed == 6 else 8 / epoch})
`,
    );
    await rig.mlx('run', 'train.py', 'seed=1,2,3,4,5,6', '-q');
    const shown: number[] = [];
    for (const [file, ...words] of [
      ['cut.html'],
      ['log.html', '--log-y'],
      ['all.html', '--y-max', '1.2e79'],
    ] as const) {
      await rig.mlx('plot', 'train.loss', ...words, '-o', file);
      const { page, seen } = await open(rig, file);
      shown.push(await page.locator('canvas').evaluate(inked));
      expect(seen).toEqual([]);
      const over = (await page.locator('.u-over').boundingBox())!;
      await page.mouse.move(over.x + over.width - 2, over.y + over.height / 2);
      const values = await page.locator('.u-legend .u-value').allInnerTexts();
      expect(values).toEqual(['40', '0.2', '0.2', '0.2', '0.2', '0.2', '1.182e+79']);
      const last = page.locator('.u-legend .u-series').last();
      expect(await last.getAttribute('title')).toBe('run 6  seed=6');
      const text = await page.locator('body').innerText();
      expect(text.includes('1 of 6 curves leaves the picture')).toBe(file !== 'all.html');
      await page.close();
    }
    expect(new Set(shown).size).toBe(3);
  });

  test('a map and parallel coordinates', async () => {
    const rig = await sweep();
    await rig.mlx('plot', 'train.loss', '--heat-map', 'name,lr', '-o', 'map.html');
    await rig.mlx('plot', 'train.loss', '--parallel', 'lr,seed,name', '-o', 'parallel.html');
    for (const [file, shape, count] of [
      ['map.html', 'g rect', 4],
      ['parallel.html', 'g path', 8],
    ] as const) {
      const { page, seen } = await open(rig, file);
      expect(await page.locator(shape).count()).toBeGreaterThanOrEqual(count);
      expect(await page.locator('img, script').count()).toBe(0);
      expect(await page.locator('svg').first().textContent()).toContain('</script>');
      expect(seen).toEqual([]);
    }
  });
});
