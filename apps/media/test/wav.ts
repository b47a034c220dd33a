import { readFileSync, writeFileSync } from 'node:fs';

/** A sine as 24-bit WAV, all channels alike. */
export function sineWav(
  path: string,
  tone: { hertz: number; decibels: number; seconds: number; channels: number },
): void {
  const samples = tone.seconds * 48_000;
  const block = tone.channels * 3;
  const file = Buffer.alloc(44 + samples * block);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(tone.channels, 22);
  file.writeUInt32LE(48_000, 24);
  file.writeUInt32LE(48_000 * block, 28);
  file.writeUInt16LE(block, 32);
  file.writeUInt16LE(24, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples * block, 40);
  const top = (2 ** 23 - 1) * 10 ** (tone.decibels / 20);
  for (let at = 0; at < samples; at++) {
    const value = Math.round(top * Math.sin((2 * Math.PI * tone.hertz * at) / 48_000));
    for (let channel = 0; channel < tone.channels; channel++) {
      file.writeIntLE(value, 44 + at * block + channel * 3, 3);
    }
  }
  writeFileSync(path, file);
}

/** Reads 24-bit WAV: chunks walked, samples between -1 and 1. */
export function readWav(path: string) {
  const file = readFileSync(path);
  let [at, channels, bits] = [12, 0, 0];
  let data = Buffer.alloc(0);
  while (at + 8 <= file.length) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    if (name === 'fmt ') {
      channels = file.readUInt16LE(at + 10);
      bits = file.readUInt16LE(at + 22);
    }
    if (name === 'data') data = file.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  const samples = Math.floor(data.length / (3 * channels));
  const channel = (wanted: number) =>
    Float64Array.from(
      { length: samples },
      (_, sample) => data.readIntLE((sample * channels + wanted) * 3, 3) / 2 ** 23,
    );
  return { channels, bits, data, samples, channel };
}
