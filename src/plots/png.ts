import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import once from 'lodash/once.js';
import { packageDirectory } from '../core/package-directory.js';

const asset = (name: string) => readFileSync(join(packageDirectory(), 'dist', 'assets', name));
const start = once(() => initWasm(asset('resvg.wasm')));

/**
 * Renders an SVG picture by mlx as PNG, at twice its size for sharp screens. Needs no fonts on the machine.
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
  await start();
  const font = { fontBuffers: [asset('DejaVuSans.ttf')], defaultFontFamily: 'DejaVu Sans', loadSystemFonts: false };
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font }).render().asPng();
}
