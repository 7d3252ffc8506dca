#!/bin/sh
import { start } from './start.js';

start('mlx', (typed) => typed);
