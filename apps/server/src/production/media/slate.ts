import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Reads text in pictures; there where the Debian package `tesseract-ocr` is installed. */
const READER = 'tesseract';
const WITHIN_MS = 20_000;
const TEXT_MAX = 500;
/** Fewer letters are noise of the picture. */
const LETTERS_MIN = 4;

let known: Promise<readonly string[]> | undefined;

/** Languages of the reader of text; none where it is not installed. */
function languages(): Promise<readonly string[]> {
  known ??= run(READER, ['--list-langs'], { timeout: WITHIN_MS }).then(
    ({ stdout }) =>
      stdout
        .split('\n')
        .slice(1)
        .map((each) => each.trim())
        .filter(Boolean),
    () => [],
  );
  return known;
}

/** Whether this machine can read slates at all. */
export async function hasSlateReader(): Promise<boolean> {
  return (await languages()).length > 0;
}

/** The words in a picture, as lines; undefined where there are none or nobody can read them. */
export async function readSlate(picture: string, signal: AbortSignal): Promise<string | undefined> {
  const installed = await languages();
  if (installed.length === 0) return undefined;
  const wanted = ['eng', 'chi_sim'].filter((each) => installed.includes(each));
  const language = wanted.length === 0 ? installed[0]! : wanted.join('+');
  // Page segmentation 11: sparse text, as words stand on a board.
  const { stdout } = await run(READER, [picture, 'stdout', '-l', language, '--psm', '11'], {
    timeout: WITHIN_MS,
    signal,
  }).catch(() => ({ stdout: '' }));
  return slateText(stdout);
}

/** A camera roll and clip, as boards have them: `A001`, `B012C003`. */
const ROLL = /\b[A-Z][0-9OIl]{3}(?:C[0-9OIl]{3})?\b/g;

/**
 * What a reader of text has found, as lines; undefined where it is noise. Readers take the zeros
 * and ones of a roll for letters, as they know words and not rolls.
 */
export function slateText(found: string): string | undefined {
  const lines = found
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length > 1);
  const text = lines.join('\n').replace(ROLL, withDigits).slice(0, TEXT_MAX);
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  // A Chinese character says as much as a syllable.
  const characters = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  return letters + characters < LETTERS_MIN ? undefined : text;
}

function withDigits(roll: string): string {
  if (!/\d/.test(roll)) return roll;
  const digits = (part: string) => part.replace(/O/g, '0').replace(/[Il]/g, '1');
  return roll.replace(/[0-9OIl]{3}/g, digits);
}
