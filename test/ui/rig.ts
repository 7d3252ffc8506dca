import { onTestFinished } from 'vitest';
import { type Rig, waitUntil } from '../rig/rig.js';

/** `mlx ui` of a rig, as it runs; gives its address. It ends with the test. */
export async function startUi(rig: Rig, ...options: readonly string[]): Promise<string> {
  const ui = rig.start(['ui', ...options]);
  let said = '';
  ui.stdout?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  onTestFinished(async () => {
    ui.kill('SIGINT');
    await ui;
  });
  return waitUntil(() => /^(http:\S+)\n/.exec(said)?.[1], 'the address of mlx ui');
}
