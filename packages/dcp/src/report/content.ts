import {
  type Finding,
  formatTimecode,
  type Locale,
  ratio,
  renderFinding,
  renderPlace,
  renderRemedy,
  renderSeverity,
  type Severity,
  SEVERITY_ORDER,
} from '@yinglian/core';
import { REPORT_TEXTS } from '../codes.ts';
import type { Loudness } from '../sound/loudness.ts';
import type { VerificationReport } from '../verify/report.ts';
import type { ReportPicture } from './preview.ts';

/** What a report shows beside the verdict. */
export type ReportExtras = {
  /** As it shall be shown; a report has no clock of its own. */
  readonly madeAt: string;
  /** Name of the folder or delivery that was judged. */
  readonly subject: string;
  readonly pictures?: readonly ReportPicture[];
  readonly loudness?: readonly { readonly path: string; readonly loudness: Loudness }[];
  /** Checks that held are left out unless told. */
  readonly verbose?: boolean;
};

/** A report as words in one language, for any kind of page. */
export type ReportContent = {
  readonly locale: Locale;
  readonly title: string;
  readonly verdict: { readonly good: boolean; readonly text: string };
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly tables: readonly ReportTable[];
  readonly findingsTitle: string;
  readonly findings: readonly ReportFinding[];
};

/** A table with its heading. */
export type ReportTable = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** One finding in words. */
export type ReportFinding = {
  readonly severity: Severity;
  readonly severityText: string;
  readonly code: string;
  readonly text: string;
  readonly place: string;
  readonly clause: string | undefined;
  readonly remedy: string | undefined;
};

const mebibytes = (bytes: number) =>
  `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 2 : 0)} MiB`;

/** The content of a report page in one language. */
export function reportContent(
  report: VerificationReport,
  extras: ReportExtras,
  locale: Locale,
): ReportContent {
  const words = (zh: string, en: string) => (locale === 'zh-CN' ? zh : en);
  const count = (severity: Severity) =>
    report.findings.filter((each) => each.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const { checked } = report;
  return {
    locale,
    title: words('发行包校验报告', 'Package report'),
    verdict: {
      good: errors === 0,
      text:
        errors === 0
          ? words(`可以交付，警告 ${warnings} 项`, `Fit to deliver, ${warnings} warnings`)
          : words(
              `不可交付：错误 ${errors} 项，警告 ${warnings} 项`,
              `Not fit to deliver: ${errors} errors, ${warnings} warnings`,
            ),
    },
    facts: [
      [words('对象', 'Subject'), extras.subject],
      [words('时间', 'Made at'), extras.madeAt],
      [words('规范', 'Profile'), report.profile],
      [
        words('检查范围', 'Looked at'),
        words(
          `${checked.files} 个文件、${mebibytes(checked.bytes)}、${checked.frames} 帧、` +
            `${checked.hashes} 个散列、${checked.signatures} 个签名、${checked.timedTexts} 个字幕`,
          `${checked.files} files, ${mebibytes(checked.bytes)}, ${checked.frames} frames, ` +
            `${checked.hashes} hashes, ${checked.signatures} signatures, ` +
            `${checked.timedTexts} timed texts`,
        ),
      ],
    ],
    tables: [
      compositionTable(report, words),
      assetTable(report, words),
      ...loudnessTable(extras, words),
    ].filter((table) => table.rows.length > 0),
    findingsTitle: words('发现', 'Findings'),
    findings: sorted(report.findings, extras.verbose === true).map((each) => ({
      severity: each.severity,
      severityText: renderSeverity(each.severity, locale),
      code: each.code,
      text: renderFinding(each, REPORT_TEXTS, locale),
      place: renderPlace(each.at, locale),
      clause: each.clause,
      remedy: renderRemedy(each, REPORT_TEXTS, locale),
    })),
  };
}

type Words = (zh: string, en: string) => string;

function sorted(findings: readonly Finding[], verbose: boolean): Finding[] {
  const shown = findings.filter((each) => verbose || each.severity !== 'success');
  return shown.toSorted(
    (a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity),
  );
}

function compositionTable(report: VerificationReport, words: Words): ReportTable {
  return {
    title: words('播放列表', 'Compositions'),
    head: [
      words('名称', 'Title'),
      words('时长', 'Length'),
      words('标准', 'Standard'),
      words('加密', 'Encrypted'),
      words('签名', 'Signer'),
      words('标识', 'Id'),
    ],
    rows: report.compositions.map((each) => {
      const { durationFrames, editRate } = each;
      const length =
        durationFrames === undefined || editRate === undefined
          ? '?'
          : formatTimecode(BigInt(durationFrames), {
              rate: ratio(editRate.numerator, editRate.denominator),
              dropFrame: false,
            });
      return [
        each.composition.title,
        length,
        `${each.composition.standard}${each.bv21 ? ' Bv2.1' : ''}`,
        each.encrypted ? words('是', 'yes') : words('否', 'no'),
        each.signer ?? '–',
        each.id,
      ];
    }),
  };
}

function assetTable(report: VerificationReport, words: Words): ReportTable {
  return {
    title: words('文件', 'Files'),
    head: [
      words('路径', 'Path'),
      words('种类', 'Kind'),
      words('大小', 'Size'),
      words('内容', 'Content'),
      'SHA-1',
    ],
    rows: report.assets.map((asset) => {
      const { picture, sound, durationFrames, text } = asset;
      const parts = [
        picture && `${picture.width}×${picture.height}`,
        sound && `${sound.channelCount} ch ${sound.soundfield ?? ''} ${sound.samplingRateHz} Hz`,
        text?.language,
        durationFrames === undefined ? undefined : `${durationFrames} ${words('帧', 'frames')}`,
      ];
      return [
        asset.path,
        asset.essence ?? asset.kind,
        mebibytes(asset.sizeBytes),
        parts.filter((part) => part !== undefined).join(', '),
        asset.hash ?? '–',
      ];
    }),
  };
}

function loudnessTable({ loudness = [] }: ReportExtras, words: Words): ReportTable[] {
  const number = (value: number | undefined) => value?.toFixed(1) ?? '-∞';
  return [
    {
      title: words('响度', 'Loudness'),
      head: [words('路径', 'Path'), 'LUFS', 'LU', 'dBTP', 'Leq(m) dB'],
      rows: loudness.map(({ path, loudness: each }) => [
        path,
        number(each.integratedLufs),
        number(each.rangeLu),
        number(each.truePeakDbtp.reduce((most, peak) => Math.max(most, peak), -200)),
        number(each.leqM),
      ]),
    },
  ];
}
