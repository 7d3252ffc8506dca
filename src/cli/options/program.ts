import type { OptionSpec } from '../../arguments/index.js';

export const argsOption = {
  name: 'args',
  type: 'text',
  shape: 'STYLE',
  choices: ['overrides', 'flags', 'canonical', 'none'],
  help: 'how a point reaches the program: key=value as typed, --key=value, as Hydra spells it, or not at all',
  group: 'program',
} as const satisfies OptionSpec;

export const programOption = {
  name: 'program',
  type: 'text',
  shape: 'KIND',
  choices: ['hydra', 'mlxp'],
  help: 'a program that keeps records itself is told to keep them in the run directory',
  group: 'program',
} as const satisfies OptionSpec;

export const stepOption = {
  name: 'step',
  type: 'list',
  shape: 'NAME: CMD',
  help: 'instead of PROGRAM: commands one after the other, each on record; {key} and {overrides} stand for the point, else the last one is given it',
  group: 'program',
} as const satisfies OptionSpec;

export const interpreterOption = {
  name: 'interpreter',
  type: 'text',
  shape: 'CMD',
  help: "what runs PROGRAM, instead of its suffix's",
  group: 'program',
} as const satisfies OptionSpec;
