import type { Browser, BrowserContext, Page } from 'playwright-core';
import { bringExaminer, faultsOf } from './accessibility.ts';
import { type Language, light, overhang, settled, speak, type Theme } from './page.ts';

const DESK = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 780 };
/** Colour comes from the theme and words from the language: a pair that changes both tries all. */
const PAIRS: readonly (readonly (readonly [Language, Theme])[])[] = [
  [
    ['zh-CN', 'light'],
    ['en', 'dark'],
  ],
  [
    ['en', 'light'],
    ['zh-CN', 'dark'],
  ],
];
/** As many as a machine has at least; each is a tab with choices of its own. */
const EXAMINERS = 2;

/** What is wrong with pages, as those see it who have come as far as this context. */
export async function examineAll(
  browser: Browser,
  visitor: BrowserContext,
  address: string,
  paths: readonly string[],
): Promise<string[]> {
  const waiting = paths.map((path, index) => ({
    path,
    pair: PAIRS[index % PAIRS.length]!,
    // Every pair sees the frame around the pages twice; after that it is known.
    part: index < 2 * PAIRS.length ? ('all' as const) : ('content' as const),
  }));
  const state = await visitor.storageState();
  const faults: string[] = [];
  const work = async (): Promise<void> => {
    const context = await browser.newContext({
      viewport: DESK,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      baseURL: address,
      storageState: state,
    });
    const page = await context.newPage();
    page.on('pageerror', (fault) => faults.push(`${page.url()}: ${fault.message}`));
    await bringExaminer(page);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      faults.push(...(await examine(page, next)));
    }
    await context.close();
  };
  await Promise.all(Array.from({ length: EXAMINERS }, work));
  return faults;
}

async function examine(
  page: Page,
  {
    path,
    pair,
    part,
  }: {
    readonly path: string;
    readonly pair: readonly (readonly [Language, Theme])[];
    readonly part: 'all' | 'content';
  },
): Promise<string[]> {
  const found: string[] = [];
  await page.goto(path);
  await settled(page);
  for (const look of pair) found.push(...(await lookAt(page, look, part)));
  const title = await page.title();
  if (!/^.+ · (?:影联|Yinglian)/.test(title)) found.push(`is titled ${title}`);
  const headings = await page.locator('h1').count();
  if (headings !== 1) found.push(`has ${headings} first headings`);
  return found.map((each) => `${path} ${each}`);
}

/** What is wrong with the page in a language and a theme, at a desk and on a phone. */
export async function lookAt(
  page: Page,
  [language, theme]: readonly [Language, Theme],
  part: 'all' | 'content',
  onPhone: () => Promise<void> = async () => {},
): Promise<string[]> {
  await speak(page, language);
  await light(page, language, theme);
  await settled(page);
  const found = (await faultsOf(page, part)).map((each) => `${language} ${theme}: ${each}`);
  await page.setViewportSize(PHONE);
  const over = await overhang(page);
  if (over > 0) found.push(`${language} scrolls sideways at 360 px by ${over}`);
  await onPhone();
  await page.setViewportSize(DESK);
  return found;
}
