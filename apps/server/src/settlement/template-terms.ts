const words = (zh: string, en: string) => ({ zh, en });
const party = (id: string, role: string, zh: string, en: string) => ({
  id,
  role,
  name: words(zh, en),
  account: id,
});

const DISTRIBUTOR = party('distributor', 'distributor', '发行方', 'Distributor');
const PRODUCER = party('producer', 'producer', '制片方', 'Producer');

type Film = {
  readonly title: { readonly zh: string; readonly en: string };
  readonly versions: readonly { readonly code: string; readonly label: string }[];
};
export type TermsTemplate = {
  readonly code: string;
  readonly kind: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly body: (film: Film) => object;
};

/** Ready-made terms beside the sharing of tickets; their figures are examples to be changed. */
export const OTHER_TEMPLATES: readonly TermsTemplate[] = [
  {
    code: 'producer_waterfall',
    kind: 'waterfall',
    title: words(
      '片方分配：代理费、宣发费用、投资回收、分成',
      'Waterfall: fee, expenses, investment, profit',
    ),
    body: ({ title }) => ({
      parties: [
        DISTRIBUTOR,
        PRODUCER,
        party('investor', 'investor', '投资方', 'Investor'),
        party('talent', 'talent', '主创', 'Talent'),
        party('tax_office', 'tax_office', '税务', 'Tax office'),
      ],
      films: [title.zh],
      steps: [
        { id: 'commission', kind: 'fee', to: 'distributor', rate: '15%' },
        {
          id: 'expenses',
          kind: 'recoup',
          takers: [{ to: 'distributor', expenses: ['pa'], cap: '20000000' }],
        },
        {
          id: 'investment',
          kind: 'recoup',
          takers: [{ to: 'investor', amount: '10000000', premium: '110%' }],
        },
        {
          id: 'profit',
          kind: 'split',
          shares: [
            { to: 'producer', share: '55%' },
            { to: 'investor', share: '40%' },
            { to: 'talent', share: '5%' },
          ],
        },
      ],
      withholding: [{ id: 'talent_tax', party: 'talent', to: 'tax_office', rate: '20%' }],
    }),
  },
  {
    code: 'minimum_guarantee',
    kind: 'waterfall',
    title: words('保底发行：先付保底，回收后分成', 'Guarantee paid first, recouped, then shared'),
    body: ({ title }) => ({
      parties: [DISTRIBUTOR, PRODUCER],
      films: [title.zh],
      steps: [
        { id: 'commission', kind: 'fee', to: 'distributor', rate: '12%' },
        {
          id: 'guarantee_back',
          kind: 'recoup',
          takers: [{ to: 'distributor', amount: '88000000' }],
        },
        {
          id: 'overage',
          kind: 'split',
          shares: [
            { to: 'distributor', share: '30%' },
            { to: 'producer', share: '70%' },
          ],
        },
      ],
      obligations: [
        {
          id: 'guarantee',
          from: 'distributor',
          to: 'producer',
          amount: '88000000',
          dueOn: '2026-01-01',
        },
      ],
    }),
  },
  {
    code: 'rental_sliding',
    kind: 'rental',
    title: words('片租：按周 70/60/50，取高于 90/10', 'Rental: 70/60/50 or 90/10, the higher'),
    body: (film) => ({
      parties: [party('exhibitor', 'circuit', '放映方', 'Exhibitor'), DISTRIBUTOR],
      exhibitor: 'exhibitor',
      distributor: 'distributor',
      start: '2026-01-01',
      film,
      clauses: [
        {
          id: 'weekly',
          method: {
            kind: 'higher_of',
            weeks: ['70%', '60%', '50%', '40%', '35%'],
            over: '90%',
            allowance: '5000',
          },
        },
      ],
    }),
  },
  {
    code: 'streaming_income',
    kind: 'streaming',
    title: words(
      '平台分账：净收入阶梯 80/100/120（180 天）',
      'Platform: net income 80/100/120, 180 days',
    ),
    body: () => ({
      parties: [party('platform', 'platform', '播出平台', 'Platform'), PRODUCER],
      platform: 'platform',
      licensor: 'producer',
      release: '2026-01-15',
      windowDays: '180',
      components: [
        {
          component: {
            kind: 'income',
            id: 'net_income',
            incomes: ['member', 'ads'],
            mode: 'marginal',
            tiers: [
              { above: '0', share: '80%' },
              { above: '1000000', share: '100%' },
              { above: '5000000', share: '120%' },
            ],
          },
        },
      ],
    }),
  },
];
