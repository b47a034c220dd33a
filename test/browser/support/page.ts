import type { Page } from 'playwright-core';

export type Language = 'zh-CN' | 'en';
export type Theme = 'light' | 'dark';

const THEME_MENU = { 'zh-CN': '明暗', en: 'Light or dark' };
const THEME_NAMES = {
  'zh-CN': { light: '浅色', dark: '深色' },
  en: { light: 'Light', dark: 'Dark' },
};
const LANGUAGE_NAMES = { 'zh-CN': '中文', en: 'English' };

/** Waits until the page has its heading and nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('h1') !== null && document.querySelector('.waiting') === null,
  );
}

/** The language as a reader changes it: with the button in the bar. */
export async function speak(page: Page, language: Language): Promise<void> {
  if ((await page.evaluate(() => document.documentElement.lang)) === language) return;
  await page.getByRole('button', { name: LANGUAGE_NAMES[language], exact: true }).click();
  await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
}

/** The theme as a reader changes it: with the menu in the bar. */
export async function light(page: Page, language: Language, theme: Theme): Promise<void> {
  if ((await page.evaluate(() => document.documentElement.dataset['theme'])) !== theme) {
    await page.locator(`summary[aria-label="${THEME_MENU[language]}"]`).click();
    const name = THEME_NAMES[language][theme];
    await page.locator('.menu-item', { hasText: new RegExp(`^${name}$`) }).click();
  }
  await page.waitForFunction(
    (wanted) => document.documentElement.dataset['theme'] === wanted,
    theme,
  );
  // Colours are on screen two frames after they were set.
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
  );
}

/** What stands out to the side of the screen and makes the page scroll sideways. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
