declare const __MLX_VERSION__: string;

/** The version of this package; the build puts it in. */
export const version: string = __MLX_VERSION__;
