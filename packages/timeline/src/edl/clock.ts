import {
  allowsDropFrame,
  type FrameRate,
  framesPerDay,
  nominalRate,
  type Outcome,
  parseTimecode,
  type TimecodeFormat,
} from '@yinglian/core';

/** Reads labels of one rate and counting, hundreds of thousands of them. */
export type Clock = {
  readonly format: TimecodeFormat;
  readonly framesPerDay: number;
  /** Frames since midnight; NaN for a label that does not exist at this rate. */
  frames(label: string): number;
  /** The same with the reasons, by the reader that all halls share. */
  explain(label: string): Outcome<bigint>;
};

/** A clock; drop frame is left out where the rate has none. */
export function clockOf(rate: FrameRate, dropFrame: boolean): Clock {
  const format = { rate, dropFrame: dropFrame && allowsDropFrame(rate) };
  const nominal = nominalRate(rate);
  const dropped = format.dropFrame ? nominal / 15 : 0;
  const digit = (label: string, at: number) => label.charCodeAt(at) - 48;
  const two = (label: string, at: number) => {
    const tens = digit(label, at);
    const ones = digit(label, at + 1);
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
  };
  const slow = (label: string) => {
    const read = parseTimecode(normalLabel(label), format);
    return read.ok ? Number(read.value) : Number.NaN;
  };
  return {
    format,
    framesPerDay: Number(framesPerDay(format)),
    frames: (label) => {
      if (label.length !== 11) return slow(label);
      const [hours, minutes] = [two(label, 0), two(label, 3)];
      const [seconds, frames] = [two(label, 6), two(label, 9)];
      const sound = hours < 24 && minutes < 60 && seconds < 60 && frames < nominal;
      const skipped = seconds === 0 && frames < dropped && minutes % 10 !== 0;
      if (!sound || skipped) return Number.NaN;
      const total = hours * 60 + minutes;
      return (total * 60 + seconds) * nominal + frames - dropped * (total - Math.floor(total / 10));
    },
    explain: (label) => parseTimecode(normalLabel(label), format),
  };
}

/** Some tools write `;` or `.` all along, or one digit for the hour. */
function normalLabel(label: string): string {
  const parts = label.split(/[:;.,]/);
  const mark = /[;.,]\d+$/.exec(label)?.[0].charAt(0) ?? ':';
  const two = parts.map((part) => part.padStart(2, '0'));
  return `${two.slice(0, 3).join(':')}${mark}${two[3] ?? ''}`;
}
