const provided = Symbol.for('mlx.import');

/**
 * Imports a module of a user. Code that was compiled from V8's cache (`cli/load-main.ts`) has lost the way to import, and takes the
 * one that `provideImport` left.
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  const load: unknown = Reflect.get(globalThis, provided);
  return typeof load === 'function' ? load(url) : import(url);
}

/** Leaves a way to import, to be called from code that was loaded in the ordinary way. */
export function provideImport(load: (url: string) => Promise<unknown>): void {
  Reflect.set(globalThis, provided, load);
}
