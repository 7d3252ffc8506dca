// Words that YAML 1.1 (PyYAML, OmegaConf) or 1.2 readers take for something else than text.
const reserved = /^(y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
const plain = /^[A-Za-z/_](?:[\w/.@+=,-]| (?! |$))*$/;

/**
 * Text or a number as a YAML scalar on one line that YAML 1.1 and 1.2 readers, and `flat-record.ts`, read as the same:
 * plain where that is safe for all of them, else in double quotes with JSON's escapes.
 */
export function yamlScalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  if (plain.test(value) && !reserved.test(value)) return value;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
