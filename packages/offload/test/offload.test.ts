import fc from 'fast-check';
import { finding } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  CARD_KINDS,
  clipsWithoutTimecode,
  csvLines,
  FINDING_TEXTS,
  isLeftBySystem,
  judgeOffload,
  type OffloadReport,
  recogniseCard,
  sizeText,
  type TargetOutcome,
  writeAles,
  writeHtml,
} from '../src/index.ts';

const files = (...paths: readonly string[]) => paths.map((path) => ({ path, sizeBytes: 1000 }));

const LAYOUTS: readonly (readonly [
  kind: string,
  reel: string | undefined,
  clips: number,
  paths: readonly string[],
])[] = [
  ['arri', 'A001', 2, ['A001C001_260101_R1AB.mxf', 'A001C002_260101_R1AB.mxf', 'ASCMHL/x.txt']],
  [
    'arri',
    'A002',
    1,
    [
      'A002C001_260101_R1AB/A002C001_260101_R1AB.0000001.ari',
      'A002C001_260101_R1AB/A002C001_260101_R1AB.0000002.ari',
    ],
  ],
  ['arri-35', 'A_0001', 1, ['A_0001C001_260101_120000_a1B2c.mxf']],
  [
    'red',
    'A001',
    1,
    [
      'A001_0101XX.RDM/A001_C001_0101XX.RDC/A001_C001_0101XX_001.R3D',
      'A001_0101XX.RDM/A001_C001_0101XX.RDC/A001_C001_0101XX_002.R3D',
    ],
  ],
  ['sony-xdroot', 'A001', 1, ['XDROOT/Clip/A001C001_2601010A.MXF', 'XDROOT/MEDIAPRO.XML']],
  [
    'sony-m4root',
    undefined,
    1,
    ['PRIVATE/M4ROOT/CLIP/C0001.MP4', 'PRIVATE/M4ROOT/CLIP/C0001M01.XML'],
  ],
  ['sony-bpav', undefined, 1, ['BPAV/CLPR/709_0001_01/709_0001_01.MP4', 'BPAV/MEDIAPRO.XML']],
  ['sony-xdcam', undefined, 1, ['INDEX.XML', 'Clip/C0001.MXF']],
  [
    'panasonic-p2',
    undefined,
    1,
    [
      'CONTENTS/CLIP/0001AB.XML',
      'CONTENTS/VIDEO/0001AB.MXF',
      'CONTENTS/AUDIO/0001AB00.MXF',
      'LASTCLIP.TXT',
    ],
  ],
  ['canon-xf', 'A001', 1, ['CONTENTS/CLIPS001/A001C001_260101AB_CANON.MXF']],
  ['canon-raw', 'A001', 1, ['CONTENTS/CLIPS001/A001C001_260101AB_CANON.CRM']],
  ['canon-eos', undefined, 1, ['DCIM/100CANON/MVI_0001.MP4']],
  ['blackmagic-raw', 'A001', 1, ['A001_01011200_C001.braw', 'A001_01011200_C001.sidecar']],
  ['dji', undefined, 1, ['DCIM/100MEDIA/DJI_0001.MP4', 'DCIM/100MEDIA/DJI_0001.SRT']],
  ['gopro', undefined, 1, ['DCIM/100GOPRO/GX010001.MP4', 'DCIM/100GOPRO/GX010001.THM']],
  ['atomos', undefined, 1, ['NINJAV_S001_S001_T001.MOV']],
  ['avchd', undefined, 1, ['PRIVATE/AVCHD/BDMV/STREAM/00000.MTS']],
  ['cinemadng', undefined, 1, ['Take_1/frame_000001.dng', 'Take_1/frame_000002.dng']],
  ['sound-devices', undefined, 2, ['260101/A001T01.WAV', '260101/A001T02.WAV', 'SETTINGS/x.ini']],
  ['zoom', undefined, 1, ['FOLDER01/ZOOM0001.WAV']],
  ['sequences', undefined, 1, ['shot/sh010.1001.exr', 'shot/sh010.1002.exr']],
  ['sound', undefined, 1, ['take.wav']],
  ['unknown', undefined, 0, ['readme.txt']],
];

describe('cards', () => {
  it.each(LAYOUTS)('[OF1] %s, roll %s', (kind, reel, clips, paths) => {
    const card = recogniseCard('CARD', files(...paths));
    expect([card.kind, card.reel, card.clips.length]).toEqual([kind, reel, clips]);
    const below = recogniseCard('CARD', files(...paths.map((path) => `Day 1/${path}`)));
    expect(below.kind).toBe(kind);
    const named = recogniseCard('CARD', files(...paths.map((path) => path.toLowerCase())));
    expect(named.kind).toBe(kind);
  });

  it('[OF1] every kind of the table has its own name', () => {
    expect(new Set(CARD_KINDS.map(({ id }) => id)).size).toBe(CARD_KINDS.length);
  });

  it('[OF2] clips have all their files, and the first of them', () => {
    const card = recogniseCard(
      'A001R1AB',
      files(
        'A001C001_260101_R1AB/A001C001_260101_R1AB.0000002.ari',
        'A001C001_260101_R1AB/A001C001_260101_R1AB.0000001.ari',
      ),
    );
    expect(card.clips).toEqual([
      {
        name: 'A001C001_260101_R1AB',
        fileCount: 2,
        sizeBytes: 2000,
        firstPath: 'A001C001_260101_R1AB/A001C001_260101_R1AB.0000001.ari',
      },
    ]);
  });

  it('[OF3] a segment that is not there and a file without bytes are told', () => {
    const red = recogniseCard(
      'A',
      files('A.RDM/A001_C001_0101XX_001.R3D', 'A.RDM/A001_C001_0101XX_003.R3D'),
    );
    expect(red.findings.map(({ code, facts }) => [code, facts['number']])).toEqual([
      ['missing_segment', 2],
    ]);
    const empty = recogniseCard('A', [{ path: 'C0001.mov', sizeBytes: 0 }]);
    expect(empty.findings.map(({ code }) => code)).toEqual(['empty_media_file']);
  });

  it('[OF9] what systems leave is told by its names', () => {
    const left = ['.DS_Store', 'Clips/._A001.mov', '.Trashes/501/a.mov', 'thumbs.db'];
    const media = ['A001.mov', 'DS_Store', 'Clips/.hidden', 'a._b', 'Trashes/a.mov', ''];
    expect([...left, ...media].filter(isLeftBySystem)).toEqual(left);
  });

  it('[OF8] no path makes recognition throw or slow', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 20 }), (paths) => {
        expect(recogniseCard('x', files(...paths)).kind).toBeTypeOf('string');
      }),
      { numRuns: 100 },
    );
    const hostile = [
      `${'a_'.repeat(2000)}.R3D`,
      '/'.repeat(3000),
      `${'A001C'.repeat(700)}.mov`,
      `${'1'.repeat(4000)}.dng`,
    ];
    expect(recogniseCard('x', files(...hostile)).kind).toBe('red');
  });
});

const GOOD: TargetOutcome = {
  folder: '/t1',
  complete: true,
  fileCount: 3,
  sizeBytes: 9,
  readBack: 'medium',
  manifest: 'm',
  manifestC4: 'c4x',
};
const judge = (targets: readonly TargetOutcome[], more = {}) =>
  judgeOffload({
    targets,
    minimumCopies: 2,
    findings: [],
    fileCount: 3,
    cancelled: false,
    ...more,
  });

describe('the verdict', () => {
  const second = { ...GOOD, folder: '/t2' };
  it('[OF4] is yes only without any doubt', () => {
    expect(judge([GOOD, second])).toEqual({ safe: true, reasons: [] });
    const warning = finding('shared_medium', 'warning');
    expect(judge([GOOD, second], { findings: [warning] }).safe).toBe(true);
    const doubts: readonly (readonly [string, ReturnType<typeof judge>])[] = [
      ['insufficient_copies', judge([GOOD])],
      ['incomplete_target', judge([GOOD, second, { ...GOOD, complete: false }])],
      ['unverified_target', judge([GOOD, { ...second, readBack: 'not-read' }])],
      ['interrupted_offload', judge([GOOD, second], { cancelled: true })],
      ['empty_source', judge([GOOD, second], { fileCount: 0 })],
      [
        'mismatched_copy',
        judge([GOOD, second], { findings: [finding('mismatched_copy', 'error')] }),
      ],
    ];
    const { manifest: _, ...without } = second;
    doubts
      .concat([['missing_target_manifest', judge([GOOD, without])]])
      .forEach(([code, verdict]) => {
        expect([code, verdict.safe, verdict.reasons.some((each) => each.code === code)]).toEqual([
          code,
          false,
          true,
        ]);
      });
  });
});

function report(more: Partial<OffloadReport> = {}): OffloadReport {
  const card = recogniseCard(
    'A001',
    files('A001C001_260101_R1AB.mov', 'A001C002_260101_R1AB.mov', 'A001C003_260101_R1AB.mov'),
  );
  return {
    name: '<script>alert(1)</script>',
    source: '/card',
    startedAt: '2026-01-01T00:00:00+00:00',
    finishedAt: '2026-01-01T00:01:00+00:00',
    seconds: 60,
    fileCount: 3,
    sizeBytes: 3000,
    formats: ['xxh64'],
    operator: 'Li "Wei"',
    location: '横店',
    comment: '',
    card,
    details: new Map([
      [
        'A001C001_260101_R1AB',
        {
          frameRate: '24000/1001',
          startTimecode: '01:00:00:00',
          endTimecode: '01:00:10:00',
          width: 1920,
          height: 1080,
          codec: 'prores',
          soundTracks: 2,
        },
      ],
      [
        'A001C002_260101_R1AB',
        {
          frameRate: '25',
          startTimecode: '02:00:00:00',
          endTimecode: '02:00:01:00',
          width: 3840,
          height: 2160,
          codec: 'prores',
        },
      ],
    ]),
    targets: [GOOD],
    verdict: judge([GOOD]),
    ...more,
  };
}

describe('reports', () => {
  it('[OF5] a page holds everything, in both languages, and nothing breaks out of it', () => {
    for (const locale of ['zh-CN', 'en'] as const) {
      const page = writeHtml(report(), locale, FINDING_TEXTS);
      expect(page).not.toContain('<script');
      expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
      expect(page).toContain(locale === 'en' ? 'NOT safe to format' : '不可格式化');
      expect(page).toContain('A001C003_260101_R1AB');
      expect(page).not.toContain('undefined');
    }
    const safe = writeHtml(report({ verdict: { safe: true, reasons: [] } }), 'en', FINDING_TEXTS);
    expect(safe).toContain('class="verdict safe"');
  });

  it('[OF6] an ALE for each rate, tab by tab', () => {
    const ales = writeAles(report({ name: 'tab\there' }));
    expect(ales.map(({ rate }) => rate)).toEqual(['23.976', '25']);
    const lines = ales[0]!.text.split('\r\n');
    expect(lines.slice(0, 5)).toEqual([
      'Heading',
      'FIELD_DELIM\tTABS',
      'VIDEO_FORMAT\tCUSTOM',
      'AUDIO_FORMAT\t48khz',
      'FPS\t23.976',
    ]);
    const columns = lines[lines.indexOf('Column') + 1]!.split('\t');
    const rows = lines.slice(lines.indexOf('Data') + 1).filter(Boolean);
    // Nobody could look into the third clip.
    expect(rows.length).toBe(1);
    expect(clipsWithoutTimecode(report())).toEqual(['A001C003_260101_R1AB']);
    for (const row of rows) expect(row.split('\t').length).toBe(columns.length);
    expect(rows[0]!.split('\t').slice(0, 4)).toEqual([
      'A001C001_260101_R1AB',
      'VA1A2',
      '01:00:00:00',
      '01:00:10:00',
    ]);
  });

  it('[OF6] an ALE has the rate of its clips, and is none without a timecode', () => {
    const clip = { startTimecode: '01:00:00:00', endTimecode: '01:00:01:00' };
    const rates = ['120000/1001', '100', '120'].map((frameRate) => {
      const details = new Map([['A001C001_260101_R1AB', { ...clip, frameRate }]]);
      return writeAles(report({ details })).map(({ rate }) => rate);
    });
    expect(rates).toEqual([['119.88'], ['100'], ['120']]);
    expect(writeAles(report({ details: new Map() }))).toEqual([]);
  });

  it('[OF7] cells are quoted, formulas are text', () => {
    const line = {
      path: '=1+1,"x"',
      sizeBytes: 5,
      modified: 'd',
      hashes: [
        { format: 'md5', value: 'ab' },
        { format: 'c4', value: 'c4z' },
      ],
    };
    expect(csvLines(line)).toBe('"\'=1+1,""x""",5,d,md5,ab\r\n"\'=1+1,""x""",5,d,c4,c4z\r\n');
    expect(sizeText(999)).toBe('999 B');
    expect(sizeText(1_234_567_890)).toBe('1.23 GB');
  });
});
