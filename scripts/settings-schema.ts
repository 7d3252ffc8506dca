// The JSON schema of `configs/mlx.yaml`, made from the schema by which mlx checks it.
import { toJsonSchema } from '@valibot/to-json-schema';
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { defaultSettings, partialSettings } from '../src/settings/index.js';

/** An object schema of draft 07, as far as it is read here. */
interface ObjectSchema {
  readonly properties?: Record<string, ObjectSchema>;
  description?: string;
  default?: unknown;
}

const draft = 'http://json-schema.org/draft-07/schema#';

/**
 * The schema as text. Descriptions are the comments of `settingsText`, the shipped `configs/mlx.yaml`; defaults are
 * the code's.
 */
export function settingsSchema(settingsText: string): string {
  const schema = toJsonSchema(partialSettings, { target: 'draft-07', errorMode: 'throw' });
  const contents = parseDocument(settingsText).contents;
  if (isMap(contents)) describe(schema as ObjectSchema, contents, defaultSettings);
  return `${JSON.stringify({ $schema: draft, title: 'Settings of mlx', ...schema }, null, 2)}\n`;
}

function describe(schema: ObjectSchema, settings: YAMLMap, defaults: object): void {
  const values = new Map<string, unknown>(Object.entries(defaults));
  for (const pair of settings.items) {
    const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
    const property = schema.properties?.[name];
    if (property === undefined) throw new Error(`configs/mlx.yaml has '${name}', which the schema lacks`);
    const comment = commentOf(pair);
    const value = values.get(name);
    if (comment !== '') property.description = comment;
    if (isMap(pair.value) && property.properties && typeof value === 'object' && value !== null)
      describe(property, pair.value, value);
    else property.default = value;
  }
}

/** The comment above a setting, or behind it. */
function commentOf({ key, value }: Pair): string {
  const above = isScalar(key) ? (key.commentBefore ?? '') : '';
  const behind = isScalar(value) || isMap(value) ? (value.comment ?? '') : '';
  return `${above}\n${behind}`.replaceAll(/\s+/g, ' ').trim();
}
