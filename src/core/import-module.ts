const provided = Symbol.for('mlx.import');

/**
 * Imports a user's module. Code that was compiled from V8's cache (`cli/process/load-main.ts`) can't use
 * `import()`, so it uses the function of `provideImport` if there is one. Rejects with the error of the
 * module.
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  const load: unknown = Reflect.get(globalThis, provided);
  return typeof load === 'function' ? load(url) : import(url);
}

/** Provides `importModule` with a working `import()`. Call it from code that was loaded the normal way. */
export function provideImport(load: (url: string) => Promise<unknown>): void {
  Reflect.set(globalThis, provided, load);
}
