import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.js';
import { crc32c } from './crc32c.js';
import type { ExportedRun } from './exported-run.js';

/**
 * Writes a run for TensorBoard: a directory with one event file. Each of its records is an `Event` with one
 * scalar of 32 bits (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
 */
export function writeTensorBoard(run: ExportedRun, directory: string): void {
  const seconds = run.start / 1000;
  const events = [
    record(Buffer.concat([double(1, seconds), bytes(3, Buffer.from('brain.Event:2'))])),
    ...run.series.flatMap(({ log, key, points }) =>
      points.map(({ step, value }) => record(scalar(seconds, step, `${log}/${key}`, value))),
    ),
  ];
  const file = `events.out.tfevents.${Math.floor(seconds)}.mlx.${run.id}`;
  const own = join(directory, fileName(run.name));
  mkdirSync(own, { recursive: true });
  writeFileAtomic(join(own, file), Buffer.concat(events));
}

/** Returns a safe file name that TensorBoard's filter of runs can search. */
const fileName = (name: string) => name.replace(/[^\w.=+-]+/g, '_').slice(0, 200);

const scalar = (seconds: number, step: number, tag: string, value: number) => {
  const entry = Buffer.concat([bytes(1, Buffer.from(tag)), float(2, value)]);
  return Buffer.concat([double(1, seconds), integer(2, step), bytes(5, bytes(1, entry))]);
};

/** Returns a record of a TFRecord file: the length, its checksum, the bytes, their checksum. */
function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

function masked(data: Buffer): Buffer {
  const crc = crc32c(data);
  const result = Buffer.alloc(4);
  result.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return result;
}

// Fields of protocol buffers (protobuf.dev, Encoding): the field's number with its wire type, then the value.

function double(field: number, value: number): Buffer {
  const result = Buffer.alloc(9, (field << 3) | 1);
  result.writeDoubleLE(value, 1);
  return result;
}

function float(field: number, value: number): Buffer {
  const result = Buffer.alloc(5, (field << 3) | 5);
  result.writeFloatLE(value, 1);
  return result;
}

const bytes = (field: number, data: Buffer) =>
  Buffer.concat([Buffer.from([(field << 3) | 2]), variable(BigInt(data.length)), data]);

/** Negative numbers are in two's complement of 64 bits. */
const integer = (field: number, value: number) =>
  Buffer.concat([Buffer.from([field << 3]), variable(BigInt.asUintN(64, BigInt(value)))]);

function variable(value: bigint): Buffer {
  const result: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) result.push(Number(rest & 127n) | 128);
  return Buffer.from([...result, Number(rest)]);
}
