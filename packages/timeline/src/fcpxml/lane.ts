import { clipText, type Finding, finding, FINDINGS_MAX } from '@yinglian/core';

/** Lanes are small whole numbers; more digits than this no editor shows. */
const LANE = /^-?\d{1,6}$/;

/** The lane of a connected clip; one that is no whole number is told and taken for the spine's. */
export function laneNumber(text: string, findings: Finding[]): number {
  const written = text.trim();
  if (LANE.test(written)) return Number(written) || 0;
  if (findings.length < FINDINGS_MAX) {
    findings.push(finding('invalid_lane', 'warning', { facts: { text: clipText(written) } }));
  }
  return 0;
}
