import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** A real Chromium of this machine; undefined where there is none. */
const chromiumPath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, name)))
  .find(existsSync);

/** Whether tests in a browser are passed over here; where `MLX_CHROMIUM=required`, never. */
export const withoutChromium = chromiumPath === undefined && process.env['MLX_CHROMIUM'] !== 'required';

export const noChromium = 'there is no Chromium on PATH';

export function startChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(noChromium);
  // As root, in containers, Chromium's own sandbox can't be had.
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** What a page has done that nobody wants: errors, dialogs, requests to anywhere else. */
export function watchPage(page: Page, origin: string): readonly string[] {
  const seen: string[] = [];
  page.on('console', (message) => {
    // `inked` asks for pixels, often.
    if (message.text().includes('willReadFrequently')) return;
    if (['error', 'warning'].includes(message.type())) seen.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:')) seen.push(`request: ${url}`);
  });
  return seen;
}

/** How many points of a canvas are not empty. */
export function inked(canvas: SVGElement | HTMLElement): number {
  const { width, height } = canvas as HTMLCanvasElement;
  const points = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
  let count = 0;
  for (let i = 3; i < points.length; i += 4) if (points[i]) count++;
  return count;
}
