declare const __MLX_VERSION__: string;

/** The version of this package; the build inserts it. */
export const version: string = __MLX_VERSION__;
