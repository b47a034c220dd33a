import { describe, expect, it } from 'vitest';
import { readWorkbook, writeWorkbook } from '../src/index.ts';

describe('workbooks', () => {
  it('[HO20] round trip: text, exact amounts, percentages and days', async () => {
    const bytes = await writeWorkbook([
      {
        name: '院线月度结算',
        headingRows: 1,
        rows: [
          [
            { kind: 'text', text: '影院' },
            { kind: 'text', text: '票房' },
            { kind: 'text', text: '比例' },
            { kind: 'text', text: '日期' },
          ],
          [
            { kind: 'text', text: '长沙' },
            { kind: 'number', text: '309.60', decimals: 2 },
            { kind: 'percent', text: '43/100' },
            { kind: 'date', text: '2020-08-31' },
          ],
        ],
      },
    ]);
    const read = await readWorkbook(bytes);
    expect(read.ok && read.value[1]).toEqual([
      '长沙',
      309.6,
      0.43,
      new Date('2020-08-31T00:00:00Z'),
    ]);
  });

  it('[HO21] refuses truncated archives and those that declare too much', async () => {
    const bytes = await writeWorkbook([{ name: 'a', rows: [[{ kind: 'text', text: 'x' }]] }]);
    for (const length of [0, 3, 40, bytes.length - 10]) {
      expect((await readWorkbook(bytes.subarray(0, length))).findings[0]?.code).toBe(
        'invalid_workbook',
      );
    }
    const bomb = bytes.slice();
    const view = new DataView(bomb.buffer);
    const directory = view.getUint32(bomb.length - 22 + 16, true);
    view.setUint32(directory + 24, 0xfffffff0, true);
    expect((await readWorkbook(bomb)).findings[0]?.code).toBe('excessive_file_size');
  });
});
