/**
 * Values as Hydra and OmegaConf tell them apart, their names in a config, their YAML, and what Python's functions make
 * of them.
 */

export { expressionValue, leafNames, valueAt } from './dotted-names.js';
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
export { readTextFile } from './text-file.js';
export {
  floatRepr,
  isList,
  isMapping,
  type Mapping,
  missing,
  type Numeric,
  plainData,
  pythonKey,
  readFloat,
  readScalar,
  type Scalar,
  sameValue,
  scalarText,
  type Value,
} from './values.js';
export {
  configValue,
  formatYaml,
  formatYamlBlocks,
  formatYamlRecord,
  parseConfigYaml,
  parseYaml,
  readYamlFile,
  readYamlRecord,
  type YamlFile,
} from './yaml.js';
