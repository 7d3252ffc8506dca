import { parentPort, workerData } from 'node:worker_threads';
import { takeStamps } from './stamps.js';

// Runs as a thread: a large listing spends most of its time waiting for stat calls.
takeStamps(workerData);
parentPort?.postMessage('done');
