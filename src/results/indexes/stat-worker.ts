import { parentPort, workerData } from 'node:worker_threads';
import { takeStamps } from './stamps.js';

// A thread of its own: stat calls are what a large listing waits for.
takeStamps(workerData);
parentPort?.postMessage('done');
