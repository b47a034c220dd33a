import {
  type Finding,
  type FindingTexts,
  type Locale,
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
  for (const line of linesOf(each, texts, terminal.locale)) terminal.say(line);
}

/** Why something was refused: beside the answer, on standard error. */
export function remarkFindings(
  terminal: Terminal,
  findings: readonly Finding[],
  texts: FindingTexts,
): void {
  for (const each of findings) {
    for (const line of linesOf(each, texts, terminal.locale)) terminal.remark(line);
  }
}

function linesOf(each: Finding, texts: FindingTexts, locale: Locale): string[] {
  const place = renderPlace(each.at, locale);
  const clause = each.clause === undefined ? '' : ` [${each.clause}]`;
  const remedy = renderRemedy(each, texts, locale);
  return [
    `${MARKS[each.severity]} ${renderFinding(each, texts, locale)}${clause}`,
    `  ${each.code}${place === '' ? '' : ` · ${place}`}`,
    ...(remedy === undefined ? [] : [`  → ${remedy}`]),
  ];
}

/** Findings of a file, with its name among their places. */
export function inFile(file: string, findings: readonly Finding[]): Finding[] {
  return findings.map((each) => ({ ...each, at: { file, ...each.at } }));
}

export function exitFor(findings: readonly Finding[]): ExitCode {
  return findings.some((each) => each.severity === 'error') ? EXIT.faulty : EXIT.done;
}
