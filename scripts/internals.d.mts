/** Bundles the fronts of folders of src. Returns the module's URL. */
export function internals(...folders: readonly string[]): string;
