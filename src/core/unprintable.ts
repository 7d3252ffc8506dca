/**
 * The characters of names, values and errors that no terminal and no page gets as they are: control
 * characters except tab and newline, and those that change the direction of text.
 */
export const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Returns a character as `\uXXXX`. */
export const unicodeEscape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
