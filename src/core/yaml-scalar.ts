// Words that readers of YAML 1.1 (PyYAML, OmegaConf) or 1.2 do not read as text.
const reserved = /^(y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
const plain = /^[A-Za-z/_](?:[\w/.@+=,-]| (?! |$))*$/;

/**
 * Returns a value as a YAML scalar on one line, which readers of YAML 1.1, of YAML 1.2 and `flat-record.ts`
 * all read as this value. It is plain if that is safe for all of them, else in double quotes with JSON's
 * escapes.
 */
export function yamlScalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  if (plain.test(value) && !reserved.test(value)) return value;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
