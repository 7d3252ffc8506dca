/**
 * Values with the types that Hydra and OmegaConf distinguish, their dotted names, their YAML, and Python's
 * functions on them. Other folders decide what a value means.
 */

// Values and their types.

export {
  floatRepr,
  isList,
  isMapping,
  type Mapping,
  missing,
  type Numeric,
  pythonKey,
  readScalar,
  type Scalar,
  sameValue,
  scalarText,
  type Value,
} from './values.js';

// Parts of a config, by name.

export { expressionValue, leafNames, valueAt } from './dotted-names.js';

// Files, YAML and plain data.

export { configValue, plainData } from './plain.js';
export { readTextFile } from './text-file.js';
export {
  formatYaml,
  formatYamlBlocks,
  formatYamlRecord,
  parseConfigYaml,
  parseYaml,
  readYamlFile,
  readYamlRecord,
  type YamlFile,
} from './yaml.js';

// Python's functions.

export {
  add,
  equalInPython,
  floatOfNumber,
  floatOfText,
  intOfNumber,
  intOfText,
  isNumeric,
  jsonText,
  lessThan,
  magnitude,
  negative,
  pythonText,
} from './python.js';
