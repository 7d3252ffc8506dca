import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoid } from 'nanoid';

/** Works with an index of its own, which is nowhere in the repository and gone afterwards. */
export async function withOwnIndex<T>(work: (index: string) => Promise<T>): Promise<T> {
  const index = join(tmpdir(), `mlx-${nanoid()}.index`);
  try {
    return await work(index);
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }
}
