import { EXAMINED_LIFE } from '../lives.ts';
import type { RegisterDefinition } from '../model.ts';
import { column, criterion, document, field, GRADES, INSTRUMENT, table } from './parts.ts';

/**
 * 首台套、首批次、首轮次、首套件、首版次 (M5.1), and the separate mark 首款产品 (M5.2, A17). An entry
 * is no right to be bought from (A16): the reason for a single source is written for a purchase.
 */
export const FIRST_OF_KIND: RegisterDefinition = {
  schema: 'yinglian.register/1',
  kind: 'first_of_kind',
  prefix: 'SCP',
  title: { zh: '首创产品登记簿', en: 'First-of-kind products' },
  about: {
    zh: '首台套重大技术装备、首批次新材料、首轮次芯片、首套件基础电子元器件、首版次软件。',
    en: 'First sets of equipment, batches of material, runs of chips, components and software.',
  },
  fields: [
    field('product', 'text', ['产品名称', 'Product'], 'pr'),
    field('version', 'text', ['型号或版本', 'Model or version'], 'pr'),
    field('type', 'choice', ['类别', 'Type'], 'pr', [
      ['equipment', '首台套重大技术装备', 'first set of major equipment'],
      ['material', '首批次新材料', 'first batch of a new material'],
      ['chip', '首轮次芯片', 'first run of a chip'],
      ['component', '首套件基础电子元器件', 'first set of an electronic component'],
      ['software', '首版次软件', 'first version of software'],
    ]),
    field('scope', 'choice', ['首创范围', 'First where'], 'pr', [
      ['province', '省内首创', 'in the province'],
      ['nation', '国内首创', 'in the nation'],
    ]),
    field('performance', 'text', ['核心技术指标', 'Key figures'], 'pr'),
    field('first_sold_on', 'date', ['首次销售日期', 'First sold on'], 'r'),
    table('sales', ['市场销售记录', 'Record of the market'], 'r', [
      column('buyer', 'text', ['购买方', 'Buyer']),
      column('on', 'date', ['日期', 'Day']),
      column('count', 'count', ['数量', 'Number']),
      column('fen', 'money', ['金额', 'Amount']),
    ]),
    field('made_to_order', 'yes_no', ['自用或定制开发', 'For own use or made to order'], 'r'),
    table('certificates', ['测试认证', 'Tests and certificates'], 'r', [
      column('name', 'text', ['证书', 'Certificate']),
      column('number', 'text', ['编号', 'Number']),
      column('body', 'text', ['机构', 'Body']),
      column('on', 'date', ['日期', 'Day']),
      column('fen', 'money', ['费用', 'Fee'], false),
    ]),
    field(
      'first_passed',
      'yes_no',
      ['本企业该类首款产品', 'The first of its type you passed'],
      'r',
    ),
    field('leaves_market_on', 'date', ['市场饱和、资格终止日', 'Status ends on'], 'p'),
    table('insurance', ['质量和责任保险', 'Quality and liability insurance'], '', [
      column('insurer', 'text', ['保险公司', 'Insurer']),
      column('policy', 'text', ['保单号', 'Number of the policy']),
      column('kind', 'choice', ['险种', 'Kind'], true, [
        ['quality', '质量保证保险', 'quality guarantee'],
        ['liability', '产品责任保险', 'product liability'],
        ['combined', '综合保险', 'both'],
      ]),
      column('insured_fen', 'money', ['保险金额', 'Sum insured']),
      column('premium_fen', 'money', ['保费', 'Premium']),
      column('from', 'date', ['起', 'From']),
      column('to', 'date', ['止', 'To']),
    ]),
    field('single_source_reason', 'text', ['单一来源采购理由', 'Why a single source'], ''),
  ],
  documents: [
    document('certificate', '测试认证证书', 'Certificate of the test'),
    document('first_sale', '首次销售合同', 'Contract of the first sale'),
    document('novelty', '查新报告', 'Report on novelty'),
    document('invoice', '测试认证费发票', 'Invoice of the test', false),
    document('single_source', '单一来源采购理由', 'Reason for a single source', false),
    document('insurance', '保险单', 'Policy of the insurance', false),
  ],
  identity: ['product', 'version'],
  headline: 'product',
  beneficiary: { by: 'holder' },
  actions: EXAMINED_LIFE,
  // The policy prints no term; three years is the usual one of local lists, a parameter here.
  validMonths: 36,
  validUntilField: 'leaves_market_on',
  selection: null,
  assessment: {
    everyMonths: 12,
    criteria: [
      criterion('supply', '供货与服务', 'Supply and service', 40),
      criterion('quality', '质量与安全', 'Quality and safety', 40),
      criterion('market', '市场推广', 'Market', 20),
    ],
    grades: GRADES,
    failuresToWithdraw: 2,
    remedyWorkingDays: 30,
  },
  keepingMonths: 60,
  feeds: [
    {
      instrument: INSTRUMENT,
      item: 'M5.1',
      // Software made to order or kept for own use is no first version on a market.
      needs: [{ field: 'made_to_order', in: [false] }],
      facts: [{ fact: 'product.first_kind', from: { take: 'field', field: 'type' } }],
      evidence: [
        { code: 'first_of_kind', from: 'extract' },
        { code: 'single_source', from: 'single_source' },
      ],
      eventDate: { from: 'registered' },
    },
    {
      instrument: INSTRUMENT,
      item: 'M5.2',
      needs: [],
      facts: [
        { fact: 'product.certified', from: { take: 'value', value: true } },
        { fact: 'product.first_passed', from: { take: 'field', field: 'first_passed' } },
        { fact: 'product.first_kind', from: { take: 'field', field: 'type' } },
        {
          fact: 'product.test_fee',
          from: { take: 'sum', field: 'certificates', column: 'fen' },
        },
      ],
      evidence: [
        { code: 'certificate', from: 'certificate' },
        { code: 'invoice', from: 'invoice' },
      ],
      eventDate: { from: 'registered' },
    },
  ],
};
