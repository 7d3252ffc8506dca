/** A name in camel case with its words joined otherwise: `signal-to` for `signalTo`. */
type Joined<Name extends string, Joint extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `${Joint}${Lowercase<First>}`}${Joined<Rest, Joint>}`
  : '';

export type OptionName<Name extends string> = Joined<Name, '-'>;
export type SettingName<Name extends string> = Joined<Name, '_'>;

const joined = (name: string, joint: string) => name.replace(/[A-Z]/g, (letter) => `${joint}${letter.toLowerCase()}`);

/** Returns the option of a resource, without its dashes: `continue-on-timeout`. */
export const resourceOption = <Name extends string>(name: Name) => joined(name, '-') as OptionName<Name>;

/** Returns the key of a resource in the settings: `continue_on_timeout`. */
export const resourceSetting = <Name extends string>(name: Name) => joined(name, '_') as SettingName<Name>;
