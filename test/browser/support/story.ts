import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { bringExaminer } from './accessibility.ts';
import type { ClockedServer, Visitor } from './clocked.ts';
import { lookAt } from './examiners.ts';
import { light, settled, speak } from './page.ts';

/** Stories have many people and their tabs, and a small machine. */
const PATIENCE_MS = 90_000;
/** A folder to keep pictures of every page in, for whoever wants to look. */
const PICTURES = process.env['YINGLIAN_PICTURES'];
/** Pages are examined from this one on, for whoever works on the last of them. */
const EXAMINED_FROM = Number(process.env['YINGLIAN_EXAMINED_FROM'] ?? 1);

/** Somebody of a story with a page of one's own. */
export type Person = Visitor & { readonly page: Page };

/** Why a story is not told here, or null where somebody asked for it. */
export function untold(story: string): string | null {
  if (process.env['YINGLIAN_STORIES'] === '1') return null;
  return `the story of ${story} is told with YINGLIAN_STORIES=1\n`;
}

/** Tells a story over one server: who comes, where they go, and what everybody sees there. */
export function storyOf(
  server: ClockedServer,
  browser: Browser,
  { reasonLabel }: { readonly reasonLabel: string },
) {
  const faults: string[] = [];
  let picture = 0;

  async function person(visitor: Visitor): Promise<Person> {
    const context = await server.enter(browser, visitor);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    page.on('pageerror', (fault) => faults.push(`${page.url()}: ${fault.message}`));
    return { ...visitor, page };
  }

  async function at(who: Pick<Person, 'page'>, path: string): Promise<Page> {
    await who.page.context().clock.setFixedTime(server.now());
    await who.page.goto(path);
    await settled(who.page);
    return who.page;
  }

  /** In both languages and themes and on a phone, as everywhere else. */
  async function examine(page: Page, name: string): Promise<void> {
    picture += 1;
    if (picture < EXAMINED_FROM) return;
    const shot = async (kind: string) => {
      if (PICTURES === undefined) return;
      const path = join(PICTURES, `${String(picture).padStart(2, '0')}-${name}-${kind}.png`);
      await page.screenshot({ path, fullPage: true });
    };
    await shot('desk');
    await bringExaminer(page);
    await page.reload();
    await settled(page);
    const found: string[] = [];
    for (const look of [
      ['zh-CN', 'light'],
      ['en', 'dark'],
    ] as const) {
      found.push(...(await lookAt(page, look, 'content', () => shot(`${look[0]}-phone`))));
    }
    await speak(page, 'zh-CN');
    await light(page, 'zh-CN', 'light');
    expect(found.map((each) => `${name}: ${each}`)).toEqual([]);
  }

  const press = (page: Page, name: string) =>
    page.getByRole('button', { name, exact: true }).first().click();

  /** Takes a step and waits until the record says that it was taken. */
  async function step(page: Page, name: string, reason = ''): Promise<void> {
    if (reason !== '') await page.getByLabel(reasonLabel, { exact: true }).first().fill(reason);
    const before = await page.locator('.case-steps li').count();
    await press(page, name);
    await page.waitForFunction(
      (count) =>
        document.querySelectorAll('.case-steps li').length > count ||
        document.querySelector('[role=alert]') !== null,
      before,
    );
    expect(await page.getByRole('alert').allTextContents()).toEqual([]);
  }

  return { faults, person, at, examine, press, step };
}
