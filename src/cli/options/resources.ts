import sortBy from 'lodash/sortBy.js';
import type { OptionSpec, OptionsOf } from '../../arguments/index.js';
import {
  type ChangeableResource,
  isChangeable,
  isOptional,
  type OptionalResource,
  type OptionName,
  type ResourceName,
  type ResourceTable,
  resourceNames,
  resourceOption,
  rowOf,
} from '../../resources/index.js';

/** The option of a resource, as its row in the table has it. */
type ResourceOption<Name extends ResourceName> = Name extends ResourceName
  ? {
      readonly name: OptionName<Name>;
      readonly type: Name extends OptionalResource ? 'optional' : 'text';
      readonly shape: string;
      readonly help: string;
      readonly group: 'resources';
    } & Pick<ResourceTable[Name]['kind'], 'choices' & keyof ResourceTable[Name]['kind']>
  : never;

function optionOf<Name extends ResourceName>(name: Name): ResourceOption<Name> {
  const { kind, help } = rowOf(name);
  const { shape, choices } = kind;
  const type = isOptional(name) ? 'optional' : 'text';
  return {
    name: resourceOption(name),
    type,
    shape,
    ...(choices && { choices }),
    help,
    group: 'resources',
  } as unknown as ResourceOption<Name>;
}

/** The option that takes back one of the settings: `--no-requeue`. */
type NoOption = {
  [Name in ResourceName]: ResourceTable[Name] extends { readonly helpOfNo: string }
    ? {
        readonly name: `no-${OptionName<Name>}`;
        readonly type: 'flag';
        readonly help: string;
        readonly group: 'resources';
      }
    : never;
}[ResourceName];

function noOptionOf(name: ResourceName): NoOption[] {
  const { helpOfNo: help } = rowOf(name);
  return help === undefined
    ? []
    : [{ name: `no-${resourceOption(name)}`, type: 'flag', help, group: 'resources' } as NoOption];
}

const namesInHelp = sortBy(resourceNames, (name) => rowOf(name).lastInHelp === true);

/** What a job asks for. */
export const resourceOptions: readonly (ResourceOption<ResourceName> | NoOption)[] = namesInHelp.flatMap((name) => [
  optionOf(name),
  ...noOptionOf(name),
]);

/** What a job may ask for otherwise when it is submitted again. */
export const changeableOptions: readonly ResourceOption<ChangeableResource>[] = namesInHelp
  .filter(isChangeable)
  .map((name) => optionOf(name));

/** `--walltime`: the same as `--time`, in seconds after parsing. Its help differs between commands. */
export const walltimeOption = {
  name: 'walltime',
  type: 'duration',
  shape: 'TIME',
  help: 'end a run over this limit as TIMEOUT: 90, 90m, 2h30m, 1:30:00, 1-12',
  group: 'resources',
} as const satisfies OptionSpec;

export type ChangeableOptions = OptionsOf<typeof changeableOptions>;
