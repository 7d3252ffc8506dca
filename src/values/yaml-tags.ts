import type { ScalarTag, Tags } from 'yaml';
import { yamlScalar } from '../core/yaml-scalar.js';
import { floatRepr, readFloat } from './values.js';

/**
 * The tags by which YAML's scalars are read and written. They follow OmegaConf's rules for plain scalars:
 * YAML 1.1 as in PyYAML, except that `1e3` is a float and dates are text.
 */

const booleanTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: (value) => typeof value === 'boolean',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
  stringify: ({ value }) => String(value),
};

const intTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  identify: (value) => typeof value === 'bigint',
  test: /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/,
  resolve: readYamlInt,
  stringify: ({ value }) => String(value),
};

const floatTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => typeof value === 'number',
  test: /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: readYamlFloat,
  stringify: ({ value }) => yamlFloat(Number(value)),
};

// Words that are written in quotes: PyYAML refuses a lone `=` and takes `<<` for a merge; `+.5` is text for
// PyYAML and a float for others.
const quoteOnlyTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:value',
  default: true,
  identify: () => false,
  test: /^(?:=|<<|[-+]?\.\d[\d_]*(?:[eE][-+]?\d+)?)$/,
  resolve: (text) => text,
};

// Characters that are written as escapes: YAML 1.1 takes
// them for line breaks or forbids them, YAML 1.2 does not.
const onlyEscaped = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

const escapedTextTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && onlyEscaped.test(value),
  resolve: (text) => text,
  stringify: ({ value }) => yamlScalar(String(value)),
};

// `!!float 1` is a float, though the word looks like an int.
const namedFloatTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  identify: () => false,
  resolve: (text, onError) => (/^[-+]?\d[\d_]*$/.test(text) ? readYamlFloat(text) : onError(`${text} is no float`)),
};

function readYamlInt(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]|_/g, '');
  return negative ? -unsignedInt(digits) : unsignedInt(digits);
}

function unsignedInt(digits: string): bigint {
  if (digits.includes(':')) return digits.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
  if (/^0[xb]/.test(digits)) return BigInt(digits);
  return BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
}

function readYamlFloat(text: string): number {
  if (!text.includes(':')) return readFloat(text.replace(/^([-+]?)\.(inf|nan)$/i, '$1$2'));
  const negative = text.startsWith('-');
  const parts = text.replace(/^[-+]|_/g, '').split(':');
  const total = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return negative ? -total : total;
}

/**
 * Returns a float that readers of YAML 1.1 and 1.2 both
 * read as a float. PyYAML needs a dot before the exponent.
 */
function yamlFloat(value: number): string {
  const text = floatRepr(value);
  if (/^-?inf$|^nan$/.test(text)) return text.replace(/inf|nan/, '.$&');
  return text.replace(/^(-?\d+)e/, '$1.0e');
}

const numberTags: Tags = [booleanTag, intTag, floatTag];

/** Returns the tags that read a document, from the yaml package's own. */
export const readingTags = (tags: Tags): Tags => [...tags.filter(isKept), ...numberTags, namedFloatTag];

/**
 * Returns the tags that write a document, from the yaml
 * package's own. The first tag that knows a value writes it.
 */
export const writingTags = (tags: Tags): Tags => [escapedTextTag, ...tags.filter(isKept), ...numberTags, quoteOnlyTag];

function isKept(tag: Tags[number]): boolean {
  return typeof tag === 'string' || !/:(bool|int|float)$/.test(tag.tag);
}
