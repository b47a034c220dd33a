import type { FilmRecord } from '../film/face.ts';
import { OTHER_TEMPLATES } from './template-terms.ts';

type Template = {
  readonly code: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly terms: Record<string, unknown>;
};

const words = (zh: string, en: string) => ({ zh, en });

const PARTIES = [
  { id: 'film_fund', role: 'film_fund', name: words('电影专项资金', 'Film fund'), account: 'fund' },
  { id: 'tax_office', role: 'tax_office', name: words('税务', 'Tax office'), account: 'tax' },
  { id: 'cinema', role: 'cinema', name: words('影院', 'Cinema'), account: 'cinema' },
  { id: 'circuit', role: 'circuit', name: words('院线', 'Circuit'), account: 'circuit' },
  {
    id: 'digital',
    role: 'digital',
    name: words('设备公司（中数）', 'Equipment company'),
    account: 'digital',
  },
  {
    id: 'distributor',
    role: 'distributor',
    name: words('发行方', 'Distributor'),
    account: 'distributor',
  },
];

const FUND = {
  to: 'film_fund',
  rates: [
    {
      id: 'exempt_2020_hubei',
      from: '2020-01-01',
      to: '2020-12-31',
      provinces: ['42'],
      rate: '0%',
    },
    { id: 'exempt_2020', from: '2020-01-01', to: '2020-08-31', rate: '0%' },
    { id: 'standard', rate: '5%' },
  ],
};

const VAT = {
  to: 'tax_office',
  methods: [
    { id: 'exempt_2020', from: '2020-01-01', to: '2020-12-31', method: 'exempt' },
    { id: 'simplified', method: 'extracted', rate: '3%', surcharge: '12%' },
  ],
};

const EXHIBITION = [
  { to: 'cinema', share: '50%' },
  { to: 'circuit', share: '7%' },
];

/** 57 : 43 of the net; 1 of the 43 to the equipment company where the projector is leased. */
const STANDARD_SPLIT = {
  id: 'main',
  of: 'net',
  clauses: [
    {
      id: 'leased',
      when: { equipment: 'leased' },
      shares: [...EXHIBITION, { to: 'digital', share: '1%' }, { to: 'distributor', share: '42%' }],
    },
    { id: 'owned', shares: [...EXHIBITION, { to: 'distributor', share: '43%' }] },
  ],
};

/** A ladder of the distributor's share that changes the day after the film's gross is reached. */
const LADDER_SPLIT = {
  id: 'main',
  of: 'net',
  clauses: [
    {
      id: 'ladder',
      shares: [
        {
          to: 'distributor',
          ladder: {
            mode: 'switch_next_day',
            measure: 'gross',
            book: 'facts',
            tiers: [
              { above: '0', share: '43%' },
              { above: '300000000', share: '45%' },
              { above: '800000000', share: '47%' },
            ],
          },
        },
        { to: 'circuit', share: '7%' },
        { to: 'cinema', share: 'rest' },
      ],
    },
  ],
};

const TEMPLATES: readonly Omit<Template, 'terms'>[] = [
  {
    code: 'domestic_57_43',
    title: words(
      '国产分账片 57:43（含租赁设备 1%）',
      'Domestic, 57 : 43, 1 % for leased equipment',
    ),
  },
  {
    code: 'domestic_ladder',
    title: words('国产分账片，发行方阶梯 43/45/47', 'Domestic, distributor’s ladder 43/45/47'),
  },
];
const SPLITS: Readonly<Record<string, unknown>> = {
  domestic_57_43: STANDARD_SPLIT,
  domestic_ladder: LADDER_SPLIT,
};

const PLACEHOLDER_CODE = '001100002026';

/** Ready-made terms; with a film, they bear its name and codes and can be used as they are. */
export function templates(film?: FilmRecord): Template[] {
  const versions = (film?.versions ?? [])
    .filter((each) => each.filmCode !== null)
    .map((each) => ({ code: each.filmCode!, label: each.format }));
  const shown = {
    title: words(film?.title ?? '影片', film?.titleEnglish ?? film?.title ?? 'Film'),
    versions: versions.length === 0 ? [{ code: PLACEHOLDER_CODE, label: '2D' }] : versions,
  };
  const head = (code: string, kind: string, title: Template['title']) => ({
    format: 'yinglian-terms/1',
    kind,
    id: code,
    version: '1',
    effective: { from: '2012-01-01' },
    recordedOn: '2012-01-01',
    title,
  });
  const sheets = TEMPLATES.map(({ code, title }) => ({
    code,
    title,
    terms: {
      ...head(code, 'theatrical', title),
      parties: PARTIES.filter((each) => code === 'domestic_57_43' || each.id !== 'digital'),
      film: shown,
      fund: FUND,
      vat: VAT,
      splits: [SPLITS[code]],
    },
  }));
  const others = OTHER_TEMPLATES.map(({ code, kind, title, body }) => ({
    code,
    title,
    terms: { ...head(code, kind, title), ...body(shown) },
  }));
  return [...sheets, ...others];
}
