import { commandSpec, type OptionsOfCommand } from '../../grammar/command.js';
import { helpOption, jsonOption } from '../../options/output.js';
import { storeOption } from '../../options/store.js';

export const doctorSpec = commandSpec({
  name: 'doctor',
  aliases: [],
  summary: 'check tools, store, disk, clock and engines',
  usage: 'mlx doctor [OPTIONS]',
  positionals: [],
  options: [storeOption, jsonOption, helpOption],
  examples: [['mlx doctor', 'each line says ok, or what to do']],
});

export type DoctorOptions = OptionsOfCommand<typeof doctorSpec>;
