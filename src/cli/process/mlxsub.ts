#!/bin/sh
import { start } from './start.js';

start('mlxsub', (typed) => ['sub', ...(typed.length === 0 ? ['--help'] : typed)]);
