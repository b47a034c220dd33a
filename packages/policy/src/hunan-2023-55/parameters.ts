// Table: the twenty places where the text can be read in several ways, and what it leaves open.
import type { ParameterDefinition, Reading } from '../model.ts';

function reading(value: string, zh: string, en: string, supported = true): Reading {
  return { value, words: { zh, en }, supported };
}

/** A1 to A20 of the instrument, each with its readings, default and reason; rates and terms. */
export const PARAMETERS: readonly ParameterDefinition[] = [
  {
    code: 'A1',
    kind: 'reading',
    title: { zh: '从哪一天起施行', en: 'The first day in force' },
    quote: '自发布之日起实施',
    readings: [
      reading('promulgated', '2023年12月27日公布（门户网站落款）', '27 December 2023, promulgated'),
      reading('printed', '2023年12月28日印发（正文）', '28 December 2023, printed'),
      reading('online', '2023年12月29日上网', '29 December 2023, online'),
    ],
    default: 'printed',
    reason: {
      zh: '正文只印有印发日期；落在不同读法之间的日期交由人工判断。',
      en: 'It is the only date the text prints; days between the readings go to a person.',
    },
  },
  {
    code: 'A2',
    kind: 'reading',
    title: { zh: '有效期最后一天', en: 'The last day in force' },
    quote: '有效期五年',
    readings: [
      reading('inclusive', '2028年12月27日（首日计入）', '27 December 2028, first day counted'),
      reading('civil', '2028年12月28日（首日不计入）', '28 December 2028, first day not counted'),
    ],
    default: 'inclusive',
    reason: {
      zh: '自动受理取较早的一天，绝不默默延长；后一天交由人工判断。',
      en: 'The earlier day is accepted by itself; the later goes to a person. Never extended silently.',
    },
  },
  {
    code: 'A3',
    kind: 'reading',
    title: { zh: '哪个日期须在有效期内', en: 'Which date must lie inside the term' },
    quote: '有效期五年',
    readings: [
      reading('event_and_application', '事项和申报都在有效期内', 'both event and application'),
      reading('event', '只看事项发生日', 'the event'),
      reading('application', '只看申报日', 'the application'),
    ],
    default: 'event_and_application',
    reason: {
      zh: '最稳妥的读法；已批准的奖补在期满后仍可拨付。',
      en: 'The safest reading; an award already granted stays payable after the end.',
    },
  },
  {
    code: 'A4',
    kind: 'reading',
    title: { zh: '什么是“同类政策措施”', en: 'What “the same kind of measure” means' },
    quote: '同类政策措施',
    readings: [
      reading(
        'class_and_object',
        '牵头单位列明的类别，且同一对象',
        'a listed class and one object',
      ),
      reading('purpose', '目的相同', 'the same purpose', false),
      reading('cost', '同一支出', 'the same eligible cost', false),
    ],
    default: 'class_and_object',
    reason: {
      zh: '类别由牵头单位维护，不从文字推断。',
      en: 'The class is kept by the lead department and never inferred from the text.',
    },
  },
  {
    code: 'A5',
    kind: 'reading',
    title: { zh: '“我省其他”包括哪些', en: 'Which measures “of the province” are' },
    quote: '我省其他',
    readings: [
      reading('province', '仅省级政策', 'of the province alone'),
      reading('province_and_cities', '省内各级政策', 'of the province and its cities'),
      reading('all', '含国家资金', 'national money too'),
    ],
    default: 'province',
    reason: {
      zh: '措施九鼓励市州配套，配套不算重复；但公共资金合计不得超过实际支出。',
      en: 'Measure nine encourages cities to add; all public money together stays below the cost.',
    },
  },
  {
    code: 'A6',
    kind: 'reading',
    title: { zh: '十条措施之间能否同享', en: 'Whether the ten measures exclude one another' },
    quote: '以上政策措施与我省其他同类政策措施不重复享受',
    readings: [
      reading('no_ban', '互不排斥', 'they do not'),
      reading('ban', '同类同对象互相排斥', 'they do, for one class and object'),
    ],
    default: 'no_ban',
    reason: {
      zh: '条文只排斥“其他”政策；同一笔支出仍不得支付两次。',
      en: 'The clause excludes only other measures; one cost is still never paid twice.',
    },
  },
  {
    code: 'A7',
    kind: 'reading',
    title: { zh: '“就高”比较什么', en: 'What “the higher” compares' },
    quote: '支持标准不一致的，按照“就高原则”执行',
    readings: [
      reading('amounts', '比较金额', 'the resulting amounts'),
      reading('standards', '比较标准', 'the printed standards', false),
    ],
    default: 'amounts',
    reason: {
      zh: '标准可能互有高低，金额总能比较；两者都展示。',
      en: 'Standards can cross; amounts always compare. Both are shown.',
    },
  },
  {
    code: 'A8',
    kind: 'reading',
    title: { zh: '低的已发、高的后到', en: 'The lower is paid and a higher one comes' },
    quote: '按照“就高原则”执行',
    readings: [
      reading('difference', '补差', 'the difference is paid'),
      reading('none', '不再支付', 'nothing more is paid'),
      reading('repay', '退回后重新支付', 'repay and award again', false),
    ],
    default: 'difference',
    reason: {
      zh: '补差使合计等于较高者；须由牵头单位确认。',
      en: 'The total becomes the higher amount; the lead department confirms it.',
    },
  },
  {
    code: 'A9',
    kind: 'reading',
    title: { zh: '订单增量奖励给谁', en: 'Who is rewarded for more orders' },
    quote: '按年度非关联交易订单增量部分给予奖励',
    readings: [
      reading('leading_firm', '龙头企业（主语）', 'the leading firm, the subject of the sentence'),
      reading('supplier', '配套企业', 'the supplier'),
    ],
    default: 'leading_firm',
    reason: {
      zh: '句子的主语是龙头企业；增量为当年减上年的非关联订单，不低于零。',
      en: 'The leading firm is the subject; the increase is this year less last year, not below zero.',
    },
  },
  {
    code: 'A10',
    kind: 'reading',
    title: { zh: '标杆项目“每家”', en: 'Benchmark projects: “each firm”' },
    quote: '每家给予不超过100万元奖励',
    readings: [
      reading('per_firm_per_round', '每家每年度轮次', 'per firm in each yearly round'),
      reading('per_firm', '每家累计', 'per firm for ever'),
      reading('per_project', '每个项目', 'per project'),
    ],
    default: 'per_firm_per_round',
    reason: {
      zh: '遴选按年进行；同一项目绝不重复。',
      en: 'Selection is yearly; the same project is never supported twice.',
    },
  },
  {
    code: 'A11',
    kind: 'reading',
    title: { zh: '研发中心按什么计', en: 'R&D centres: per what' },
    quote: '对经省级及以上部门认定的中心，给予最高不超过500万元的奖励',
    readings: [
      reading('per_centre', '每个中心；升级补差', 'per centre; an upgrade pays the difference'),
      reading('per_firm', '每家企业', 'per firm'),
    ],
    default: 'per_centre',
    reason: {
      zh: '奖励对象是中心；省级升国家级只补差额，合计不超过500万元。',
      en: 'The centre is rewarded; an upgrade pays the difference up to 5 million in total.',
    },
  },
  {
    code: 'A12',
    kind: 'reading',
    title: { zh: '课程补助上限按什么计', en: 'Courses: what the ceiling counts' },
    quote: '给予课程建设单位最高 100 万元的补助',
    readings: [
      reading('per_unit_per_round', '每单位每年度轮次', 'per unit in each yearly round'),
      reading('per_course', '每门课程', 'per course'),
      reading('per_unit', '每单位累计', 'per unit for ever'),
    ],
    default: 'per_unit_per_round',
    reason: {
      zh: '条文写给“单位”，记录课程清单。',
      en: 'The clause names the unit; the list of courses is recorded.',
    },
  },
  {
    code: 'A13',
    kind: 'reading',
    title: { zh: '一个主体几块牌子', en: 'One body with several labels' },
    quote: '每个基地、学院、产教联合体',
    readings: [
      reading('per_body', '按实体计', 'per body'),
      reading('per_label', '按牌子计', 'per label'),
    ],
    default: 'per_body',
    reason: {
      zh: '以承办单位、地点和资产认定实体，牌子不放大上限。',
      en: 'Host, site and assets make the body; labels do not multiply the ceiling.',
    },
  },
  {
    code: 'A14',
    kind: 'reading',
    title: { zh: '培养数量和实训效果', en: 'Trained numbers and effect' },
    quote: '根据人才培养数量和实训效果',
    readings: [
      reading('factor', '上限之下的系数', 'a factor below the ceiling'),
      reading('condition', '前提条件', 'a condition'),
    ],
    default: 'factor',
    reason: {
      zh: '由评审给出零到一的系数，直至牵头单位发布公式。',
      en: 'Reviewers set a factor from 0 to 1 until the department issues a formula.',
    },
  },
  {
    code: 'A15',
    kind: 'reading',
    title: { zh: '“各市”与“各市州”', en: '“Cities” and “cities and prefecture”' },
    quote: '各市人民政府',
    readings: [
      reading('same', '都是14个市州', 'the same fourteen'),
      reading('excludes', '不含自治州', 'without the autonomous prefecture', false),
    ],
    default: 'same',
    reason: {
      zh: '视为行文差异，保留原文用词。',
      en: 'A difference of drafting; the printed words are kept.',
    },
  },
  {
    code: 'A16',
    kind: 'reading',
    title: { zh: '“可优先采用”', en: '“May be preferred”' },
    quote: '符合单一来源采购情形的可优先采用单一来源采购',
    readings: [
      reading('permission', '许可', 'a permission'),
      reading('right', '权利', 'a right', false),
    ],
    default: 'permission',
    reason: {
      zh: '仅在采购法规定的单一来源情形下可用；入册不等于必须采购。',
      en: 'Only where procurement law knows a single source; an entry is no right to be bought from.',
    },
  },
  {
    code: 'A17',
    kind: 'reading',
    title: { zh: '“首款产品”与五个“首”', en: '“First product” and the five firsts' },
    quote: '对测试认证的首款产品',
    readings: [
      reading('separate', '独立属性：该企业该类第一款通过的产品', 'its own attribute'),
      reading('same_as_five', '等同于五个“首”', 'the same as the five firsts'),
    ],
    default: 'separate',
    reason: {
      zh: '两处用词不同：首款产品指该企业该类第一个通过测试的产品。',
      en: 'The words differ: the first product of that firm and type to pass the test.',
    },
  },
  {
    code: 'A18',
    kind: 'reading',
    title: { zh: '运营主体给开发者的奖励', en: 'Rewards of the operator to developers' },
    quote: '生态运营主体对排名靠前的开发者、创作者给予奖励',
    readings: [
      reading('operator_money', '运营主体自有资金', "the operator's own money"),
      reading('subsidy', '财政补助', 'a public subsidy', false),
    ],
    default: 'operator_money',
    reason: {
      zh: '不得记入财政预算；财政补助是 M7.4。',
      en: 'It is never booked against the budget; M7.4 is the public item.',
    },
  },
  {
    code: 'A19',
    kind: 'reading',
    title: { zh: '尾数', en: 'Rounding' },
    quote: '不超过',
    readings: [
      reading('fen', '向下取到分', 'down to the fen'),
      reading('yuan', '向下取到元', 'down to the yuan'),
    ],
    default: 'fen',
    reason: { zh: '“不超过”不允许向上取整。', en: '“Not more than” forbids rounding up.' },
  },
  {
    code: 'A20',
    kind: 'reading',
    title: { zh: '公平竞争审查', en: 'Fair-competition review' },
    quote: '给予',
    readings: [
      reading('recorded', '逐项逐批记录审查意见', 'the opinion is recorded per item and call'),
      reading('not_recorded', '不记录', 'not recorded', false),
    ],
    default: 'recorded',
    reason: {
      zh: '给予特定经营者奖补须有依据；审查意见随申报通知留存。',
      en: 'Awards to named operators need a legal basis; the opinion stays with the call.',
    },
  },
  {
    code: 'R4.4',
    kind: 'rate',
    title: { zh: '订单增量奖励比例', en: 'Rate on the increase of orders' },
    quote: '订单增量部分给予奖励',
    readings: [],
    default: '',
    reason: {
      zh: '条文没有印出比例，牵头单位发布前为“标准待定”。',
      en: 'The text prints no rate: the standard is open until the department issues one.',
    },
  },
  {
    code: 'R5.2',
    kind: 'rate',
    title: { zh: '测试认证费用补助比例', en: 'Rate of the test and certification fee' },
    quote: '给予一定测试认证费用补助',
    readings: [],
    default: '',
    reason: {
      zh: '条文只说“一定”，牵头单位发布前为“标准待定”。',
      en: 'The text says “a certain” amount: the standard is open until the department issues one.',
    },
  },
  {
    code: 'L1',
    kind: 'days',
    title: { zh: '申诉期限（日）', en: 'Days in which a refusal may be appealed' },
    law: '《中华人民共和国行政复议法》（2023年修订）第二十条',
    quote: '可以自知道或者应当知道该行政行为之日起六十日内提出行政复议申请',
    readings: [],
    default: '60',
    reason: {
      zh: '本文件没有规定申诉期限；取行政复议的期限，当日不计，不使申请人失去法律留给他的时间。',
      en: 'The text names no term: that of an administrative reconsideration, the first day not counted.',
    },
  },
];
