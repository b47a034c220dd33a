import type { DifferenceKind } from './model.ts';

type Text = { readonly zh: string; readonly en: string };
/** How a finding reads in both languages, and what to do about it. */
export type FindingText = Text & { readonly remedy?: Text };

/** Wording of every finding of this package; `{name}` stands for a fact. */
export const FINDING_TEXTS: Readonly<Record<string, FindingText>> = Object.freeze({
  invalid_plan: {
    zh: '对账方案 {path} 有误（{problem}）',
    en: 'The plan of the reconciliation is wrong at {path} ({problem})',
  },
  invalid_transition: { zh: '不能由“{from}”转为“{to}”', en: 'It cannot go from {from} to {to}' },
  missing_adjustment: { zh: '调整须指明凭证', en: 'An adjustment names its posting' },
  missing_book: { zh: '缺少“{source}”的账', en: 'The book of “{source}” is missing' },
  missing_field: { zh: '此行缺少 {field}', en: 'The row lacks {field}' },
  missing_table_heading: {
    zh: '缺少表头“{heading}”（{field}）',
    en: 'The heading “{heading}” of {field} is missing',
  },
  missing_comment: { zh: '须写明理由', en: 'A decision says why' },
});

/** Wording of every kind of difference. */
export const DIFFERENCE_TEXTS: Readonly<Record<DifferenceKind, Text>> = Object.freeze({
  id_format_noise: { zh: '场次编号书写不一', en: 'The screening number is written differently' },
  duplicate_row: { zh: '重复行', en: 'The row is there twice' },
  missing_row: { zh: '对方缺少此场', en: 'Missing in the other book' },
  unexpected_row: { zh: '对方多出此场', en: 'Only in the other book' },
  business_day_shift: { zh: '营业日不同', en: 'Another business day' },
  film_code_swapped: { zh: '影片编码不同', en: 'Another film code' },
  admissions_differ: { zh: '人次不同', en: 'Admissions differ' },
  gross_differs: { zh: '票房不同', en: 'Gross differs' },
  gross_differs_small: { zh: '票房小额差异', en: 'Gross differs by a small amount' },
  channel_exceeds: {
    zh: '网售超过售票系统所记渠道数',
    en: 'The seller reports more than the cinema’s channel',
  },
  sold_but_not_played: { zh: '已售票而无放映记录', en: 'Sold but not played' },
  played_with_zero_sales: { zh: '有放映而零售票', en: 'Played without a sale' },
  played_but_unreported: { zh: '有放映而无任何上报', en: 'Played and reported by nobody' },
  missing_receipt: { zh: '未到账', en: 'Not received' },
  short_receipt: { zh: '到账不足', en: 'Received short' },
  excess_receipt: { zh: '到账超出', en: 'Received in excess' },
  split_receipt: { zh: '分笔到账', en: 'Received in parts' },
  combined_receipt: { zh: '合并到账', en: 'Received together with others' },
  wrong_reference: { zh: '附言有误', en: 'Received under a wrong reference' },
  unexpected_receipt: { zh: '来历不明的到账', en: 'Received without a reason' },
});
