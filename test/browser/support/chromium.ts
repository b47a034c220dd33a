import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser of this machine: the one named in the environment, or one of the usual names. */
export function findChromium(): string | undefined {
  const named = process.env['YINGLIAN_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Says once why nothing is tested, where there is no browser. */
export function chromiumOrReason(): string | undefined {
  const path = findChromium();
  if (path === undefined) {
    process.stderr.write('browser tests are skipped: no Chromium found; set YINGLIAN_CHROMIUM\n');
  }
  return path;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath });
}
