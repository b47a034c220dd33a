import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Puts the examiner into every page of this tab; a script of the page would be refused. */
export async function bringExaminer(page: Page): Promise<void> {
  await page.addInitScript(AXE);
}

/**
 * The faults of the page as it stands, each with the first element it was found on. The frame
 * around the content is the same on every page: who has seen it may leave it out.
 */
export async function faultsOf(page: Page, part: 'all' | 'content' = 'all'): Promise<string[]> {
  const results = await page.evaluate(
    ({ rules, within }) =>
      (globalThis as unknown as { axe: { run: Run } }).axe.run(
        document.querySelector(within) ?? document,
        { runOnly: rules, resultTypes: ['violations'] },
      ),
    { rules: RULES, within: part === 'content' ? '#content' : ':root' },
  );
  return results.violations.map(
    (each) =>
      `${each.id} on ${each.nodes.length}: ${each.nodes[0]?.html.slice(0, 160)} ` +
      `(${each.nodes[0]?.failureSummary?.replaceAll('\n', ' ').slice(0, 240)})`,
  );
}
type Run = (root: Document | Element, options: object) => Promise<AxeResults>;
