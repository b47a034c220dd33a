import { compareRatio, type Finding, finding, ONE, parseRatio, sumRatios } from '@yinglian/core';
import { z } from 'zod';
import { type Indicator, indicatorShape, isWeakened } from './indicators.ts';

const name = z.string().trim().min(1).max(200);
const prose = z.string().trim().max(20_000);
const share = z.string().trim().max(40);

/** A body that stands behind somebody: 推荐单位. */
const bodyShape = z.object({
  name,
  creditCode: z
    .string()
    .regex(/^[0-9A-Z]{18}$/)
    .nullable(),
});

/** A member of a consortium. */
export const memberShape = z.object({
  name,
  /** 统一社会信用代码, 18 characters; null abroad. */
  creditCode: z
    .string()
    .regex(/^[0-9A-Z]{18}$/)
    .nullable(),
  role: z.enum(['lead', 'partner']),
  /** Part of the work, `3/5` or `60%`. */
  share,
});

/** Somebody who works on the task. */
export const personShape = z.object({
  name,
  employer: name,
  email: z.string().max(200).nullable(),
});

/** A step of the plan: what is shown, by when, for which part of the money. */
export const milestoneShape = z.object({
  code: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/),
  title: name,
  due: z.iso.date(),
  indicators: z.array(indicatorShape).min(1).max(50),
  /** Part of the granted money that is paid once it is accepted. */
  share,
});
/** A step of the plan. */
export type Milestone = z.infer<typeof milestoneShape>;

/**
 * A whole bid. Who bids stands in `identity` alone; reviewers read `proposal`, in which nothing
 * may say who wrote it.
 */
export const bidShape = z.object({
  identity: z.object({
    members: z.array(memberShape).min(1).max(20),
    people: z.array(personShape).max(200),
    /** Words that would tell who it is: product names, laboratories, short names. */
    aliases: z.array(name).max(50),
    /** Experts whom the bidder asks to leave out, each with a reason. */
    excluded: z.array(z.object({ name, employer: name, reason: prose })).max(20),
    /** The body that recommends the bid, where the call asks for one. */
    recommendedBy: bodyShape.nullish(),
    /** Experts with whom somebody of the bid is related or works. */
    declared: z.array(z.object({ name, employer: name, relation: prose })).max(50),
  }),
  proposal: z.object({
    title: name,
    summary: prose,
    approach: prose,
    risks: prose,
    milestones: z.array(milestoneShape).min(1).max(20),
    /** What is asked for, in fen. */
    requestedFen: z.string().regex(/^\d{1,17}$/),
    /** What the bidder brings, in fen. */
    ownFen: z.string().regex(/^\d{1,17}$/),
  }),
  /** 诚信承诺: everything is true, and the task will be finished in time. */
  integrity: z.literal(true),
});
/** A whole bid as its bidder writes it. */
export type Bid = z.infer<typeof bidShape>;
/** Who bids. */
export type BidIdentity = Bid['identity'];
/** What reviewers read. */
export type Proposal = Bid['proposal'];

/** Experts that one bidder may ask to leave out; more would choose its own jury (reference 5.5). */
export const EXCLUDED_MAX = 3;

/** What a bid must fit: the indicators of its task, its money and its last day. */
export type BidTerms = {
  readonly indicators: readonly Indicator[];
  readonly due: string;
  readonly budgetFen: string | null;
  readonly excludedMax: number;
  /** The day of a race (赛马); something must be shown until then. */
  readonly checkpoint?: string | null;
};

/** Whether a bid answers its task; what is wrong refuses it at the opening, with its reasons. */
export function checkBid(bid: Bid, terms: BidTerms): Finding[] {
  const found: Finding[] = [];
  const add = (code: string, facts: Record<string, string> = {}) =>
    void found.push(finding(code, 'error', { facts }));
  const { identity, proposal } = bid;
  const leads = identity.members.filter(({ role }) => role === 'lead');
  if (leads.length !== 1) add('mismatched_lead', { count: String(leads.length) });
  if (!isWhole(identity.members.map((each) => each.share))) add('incomplete_member_shares');
  if (!isWhole(proposal.milestones.map((each) => each.share))) add('incomplete_payment_shares');
  const codes = new Set(proposal.milestones.map(({ code }) => code));
  if (codes.size < proposal.milestones.length) add('duplicate_milestone');
  if (identity.excluded.length > terms.excludedMax) {
    add('excessive_exclusions', { limit: String(terms.excludedMax) });
  }
  for (const { code, due } of proposal.milestones) {
    if (due > terms.due) add('late_milestone', { milestone: code, due: terms.due });
  }
  if (terms.budgetFen !== null && BigInt(proposal.requestedFen) > BigInt(terms.budgetFen)) {
    add('excessive_request', { limit: terms.budgetFen });
  }
  const { checkpoint = null } = terms;
  if (checkpoint !== null && !proposal.milestones.some(({ due }) => due <= checkpoint)) {
    add('missing_race_step', { checkpoint });
  }
  const promised = proposal.milestones.flatMap(({ indicators }) => indicators);
  for (const wanted of terms.indicators) {
    const own = promised.filter(({ code }) => code === wanted.code);
    if (own.length === 0) add('missing_promise', { indicator: wanted.code });
    else if (own.every((each) => isWeakened(wanted, each))) {
      add('weakened_promise', { indicator: wanted.code });
    }
  }
  return found;
}

function isWhole(shares: readonly string[]): boolean {
  const parts = shares.map(parseRatio);
  if (parts.some((part) => part === undefined || part.numerator <= 0n)) return false;
  return compareRatio(sumRatios(parts.map((part) => part!)), ONE) === 0;
}

/** Shorter words name nobody: they stand everywhere by chance. */
const WORD_CHARACTERS_MIN = 2;
/** Legal ends of a name, which everybody has. */
const LEGAL_ENDS =
  /(?:股份有限公司|有限责任公司|有限公司|集团公司|公司|co\.?,? ?ltd\.?|limited|inc\.?|llc)$/i;
/** Kinds and trades; a name that is left without them is what people say for short. */
const TRADES = new RegExp(
  `(?:${[
    '集团 大学 学院 研究院 研究所 研究中心 实验室 中心 科技 技术 信息 网络 文化 传媒 传播 软件',
    '智能 电子 数字 数码 影视 电影 影业 影像 视听 音视频 广播 电视 通信 动漫 创意 产业 发展',
    '实业 控股 投资 系统 设备 器材 工程',
  ]
    .join(' ')
    .replaceAll(' ', '|')})+$`,
);
const PLACES = new RegExp(
  `^(?:${[
    '中国 中华 国家 北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东',
    '河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港',
    '澳门 石家庄 太原 沈阳 长春 哈尔滨 南京 杭州 合肥 福州 南昌 济南 郑州 武汉 长沙 广州 海口 成都',
    '贵阳 昆明 西安 兰州 西宁 深圳 苏州 无锡 宁波 厦门 青岛 大连 株洲 湘潭 衡阳 岳阳 常德 马栏山',
  ]
    .join(' ')
    .replaceAll(' ', '|')}|省|市|区|县)+`,
);

/** A name in full, without its legal end, and by what is its own: 长沙星河科技有限公司 → 星河. */
function formsOf(name: string): string[] {
  const bare = name.replace(LEGAL_ENDS, '');
  // 湖南大学 leaves nothing of its own: then only the whole name tells anything.
  return [name, bare, bare.replace(PLACES, '').replace(TRADES, '')];
}

/** The words by which a reader would know the bidder, the longest first. */
export function tellingWords(identity: BidIdentity): string[] {
  const organisations = [
    ...identity.members.map((each) => each.name),
    ...identity.people.map((each) => each.employer),
  ];
  const words = [
    ...organisations.flatMap((each) => formsOf(each.normalize('NFKC').trim())),
    ...identity.members.flatMap(({ creditCode }) => (creditCode === null ? [] : [creditCode])),
    ...identity.people.flatMap((each) => [
      each.name,
      ...(each.email === null ? [] : [each.email, each.email.replace(/^.*@/, '')]),
    ]),
    ...identity.aliases,
  ];
  const told = words
    .map((word) => word.normalize('NFKC').trim())
    .filter((word) => [...word].length >= WORD_CHARACTERS_MIN && !/^[a-z]{2}$/i.test(word));
  return [...new Set(told)].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** Mail addresses, mobile numbers and credit codes tell who it is, whoever they belong to. */
const TELLING_PATTERNS: readonly RegExp[] = [
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g,
  /(?<!\d)1[3-9]\d{9}(?!\d)/g,
  /(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])/g,
];

/** What stands in place of a word that would tell who bids. */
export const BLINDED = '▇▇';

/** A proposal as reviewers read it, and where it told who wrote it. */
export type Blinded = { readonly proposal: Proposal; readonly findings: readonly Finding[] };

/** Takes away what tells who wrote a proposal; every place is a finding for the officer. */
export function blindProposal({ identity, proposal }: Bid): Blinded {
  const words = tellingWords(identity);
  const findings: Finding[] = [];
  const clean = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') {
      const { text, told } = cleaned(value, words);
      for (const word of told) {
        const facts = { word: word.slice(0, 60) };
        findings.push(finding('telling_proposal', 'warning', { facts, at: { path } }));
      }
      return text;
    }
    if (Array.isArray(value)) return value.map((each, at) => clean(each, `${path}[${at}]`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, clean(each, `${path}.${key}`)]),
    );
  };
  return { proposal: clean(proposal, '$') as Proposal, findings };
}

function cleaned(given: string, words: readonly string[]): { text: string; told: string[] } {
  const told: string[] = [];
  let text = given.normalize('NFKC');
  for (const word of words) {
    const pattern = new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
    text = text.replace(pattern, () => (told.push(word), BLINDED));
  }
  for (const pattern of TELLING_PATTERNS) {
    text = text.replace(pattern, (match) => (told.push(match), BLINDED));
  }
  // Without a fault the text stays as it was written, also where NFKC would change it.
  return told.length === 0 ? { text: given, told } : { text, told: [...new Set(told)] };
}
