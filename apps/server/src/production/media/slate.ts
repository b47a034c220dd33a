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
  const lines = stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length > 1);
  const text = lines.join('\n').slice(0, TEXT_MAX);
  return (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) < LETTERS_MIN ? undefined : text;
}
