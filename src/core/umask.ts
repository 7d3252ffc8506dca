/** The umask of this process, as four octal digits: `0022`. */
export const currentUmask = (): string => process.umask().toString(8).padStart(4, '0');
