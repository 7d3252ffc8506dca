import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import once from 'lodash/once.js';
import { packageDirectory } from '../core/package-directory.js';

const asset = (name: string) => readFileSync(join(packageDirectory(), 'dist', 'assets', name));

/** Returns the renderer. Loaded here, because it is large and few commands draw. */
const loadRenderer = once(async () => {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  await initWasm(asset('resvg.wasm'));
  return Resvg;
});

/**
 * Renders an SVG picture by mlx as PNG, at twice its size for sharp screens. Needs no fonts on the machine.
 */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const Resvg = await loadRenderer();
  const font = { fontBuffers: [asset('DejaVuSans.ttf')], defaultFontFamily: 'DejaVu Sans', loadSystemFonts: false };
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font }).render().asPng();
}
