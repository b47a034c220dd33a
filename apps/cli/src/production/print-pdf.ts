import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Terminal } from '../kernel/terminal.ts';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PRINT_MS_MAX = 60_000;

/**
 * Prints a page of ours with an installed browser, which knows the fonts of this machine. Answers
 * with the reason when there is no PDF.
 */
export async function printPdf(
  html: string,
  pdf: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const browser = findBrowser();
  if (browser === undefined) return BROWSERS.join(', ');
  const profile = await mkdtemp(join(tmpdir(), 'yinglian-print-'));
  try {
    const code = await run(browser, profile, html, pdf, signal);
    const size = (await stat(pdf).catch(() => undefined))?.size ?? 0;
    return size > 0 ? undefined : `${browser}: ${code}`;
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

/** Prints `base.html` as `base.pdf`, and says so where that cannot be done. */
export async function printPage(base: string, terminal: Terminal): Promise<boolean> {
  const failed = await printPdf(`${base}.html`, `${base}.pdf`, terminal.signal);
  if (failed === undefined) return true;
  terminal.remark(terminal.words(`没有打印 PDF：${failed}`, `No PDF was made: ${failed}`));
  return false;
}

function findBrowser(): string | undefined {
  const named = process.env['YINGLIAN_BROWSER'];
  if (named !== undefined) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

function run(
  browser: string,
  profile: string,
  html: string,
  pdf: string,
  signal: AbortSignal,
): Promise<string> {
  const rootless = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(
    browser,
    [
      '--headless=new',
      '--disable-gpu',
      ...rootless,
      `--user-data-dir=${profile}`,
      '--no-pdf-header-footer',
      `--print-to-pdf=${pdf}`,
      pathToFileURL(html).href,
    ],
    { stdio: 'ignore', signal, timeout: PRINT_MS_MAX },
  );
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code) => resolve(String(code)));
  });
}
