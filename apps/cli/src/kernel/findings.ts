import {
  type Finding,
  type FindingTexts,
  renderFinding,
  renderPlace,
  renderRemedy,
  renderSeverity,
  type Severity,
  SEVERITY_ORDER,
} from '@yinglian/core';
import type { Terminal } from './terminal.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

const MARKS: Readonly<Record<Severity, string>> = {
  error: '✗',
  warning: '!',
  note: '·',
  success: '✓',
};

/** Says findings, the worst first; checks that held are counted unless asked for. */
export function sayFindings(
  terminal: Terminal,
  findings: readonly Finding[],
  texts: FindingTexts,
  options: { verbose?: boolean } = {},
): void {
  for (const severity of SEVERITY_ORDER) {
    const group = findings.filter((each) => each.severity === severity);
    if (severity === 'success' && options.verbose !== true) continue;
    for (const each of group) sayFinding(terminal, each, texts);
  }
  const counted = SEVERITY_ORDER.map((severity) => {
    const number = findings.filter((each) => each.severity === severity).length;
    return `${renderSeverity(severity, terminal.locale)} ${number}`;
  });
  terminal.say(counted.join(terminal.words('，', ', ')));
}

function sayFinding(terminal: Terminal, each: Finding, texts: FindingTexts): void {
  const place = renderPlace(each.at, terminal.locale);
  const clause = each.clause === undefined ? '' : ` [${each.clause}]`;
  terminal.say(`${MARKS[each.severity]} ${renderFinding(each, texts, terminal.locale)}${clause}`);
  terminal.say(`  ${each.code}${place === '' ? '' : ` · ${place}`}`);
  const remedy = renderRemedy(each, texts, terminal.locale);
  if (remedy !== undefined) terminal.say(`  → ${remedy}`);
}

export function exitFor(findings: readonly Finding[]): ExitCode {
  return findings.some((each) => each.severity === 'error') ? EXIT.faulty : EXIT.done;
}
