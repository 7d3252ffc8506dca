import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoid } from 'nanoid';

/** Calls `work` with the path of a temporary index outside the repository. Removes the index afterwards. */
export async function withTemporaryIndex<T>(work: (index: string) => Promise<T>): Promise<T> {
  const index = join(tmpdir(), `mlx-${nanoid()}.index`);
  try {
    return await work(index);
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }
}
