import { SELECTED_LIFE } from '../lives.ts';
import type { RegisterDefinition } from '../model.ts';
import { column, criterion, document, field, INSTRUMENT, table } from './parts.ts';

/**
 * 示范标杆项目 (M6.1, M6.2): selected in yearly rounds. The award goes to who provided the
 * solution, not to the owner of the project; several providers share one award.
 */
export const BENCHMARK: RegisterDefinition = {
  schema: 'yinglian.register/1',
  kind: 'benchmark',
  prefix: 'SFBG',
  title: { zh: '示范标杆项目库', en: 'Benchmark projects' },
  about: {
    zh: '每年遴选；奖励给项目解决方案提供商，不是项目业主。',
    en: 'Selected each year; the award goes to the provider of the solution, not to the owner.',
  },
  fields: [
    field('project', 'text', ['项目名称', 'Project'], 'pr'),
    // Two families: consumer content, and the five fields of application (M6.1).
    field('category', 'choice', ['类别', 'Category'], 'pr', [
      ['film', '影视', 'film and television'],
      ['animation', '动漫游戏', 'animation and games'],
      ['metaverse', '元宇宙等消费娱乐', 'metaverse and other entertainment'],
      ['manufacturing', '智能制造', 'smart manufacturing'],
      ['education', '数字教育', 'digital education'],
      ['medicine', '数字医疗', 'digital medicine'],
      ['tourism', '文旅娱乐', 'culture and tourism'],
      ['city', '智慧城市', 'smart city'],
    ]),
    field('owner', 'text', ['项目业主', 'Owner of the project'], 'pr'),
    table('providers', ['解决方案提供商', 'Providers of the solution'], 'pr', [
      column('name', 'text', ['名称', 'Name']),
      column('code', 'text', ['统一社会信用代码', 'Unified social credit code'], false),
      column('share', 'text', ['奖励份额', 'Share of the award']),
    ]),
    field('summary', 'text', ['项目简介', 'Summary'], 'pr'),
    field('technology', 'text', ['应用的新技术新标准', 'New technology and standards'], 'pr'),
    field('contract_fen', 'money', ['合同金额', 'Value of the contract'], 'r'),
    field('accepted_on', 'date', ['验收日期', 'Day of acceptance'], 'r'),
    field('users', 'count', ['用户数', 'Users'], ''),
    field('contact', 'text', ['联系人及电话', 'Contact'], 'd'),
  ],
  documents: [
    document('contract', '项目合同', 'Contract of the project'),
    document('acceptance', '验收证明', 'Acceptance'),
    document('users', '使用情况', 'Record of use', false),
  ],
  identity: ['project', 'owner'],
  headline: 'project',
  beneficiary: { by: 'rows', field: 'providers', code: 'code', name: 'name', share: 'share' },
  actions: SELECTED_LIFE,
  validMonths: null,
  selection: {
    criteria: [
      criterion('novelty', '技术先进性', 'Novelty of the technology', 30),
      criterion('effect', '应用成效', 'Effect in use', 30, 15),
      criterion('spread', '可复制推广', 'Fit for others', 25),
      criterion('own', '自主可控', 'Own technology', 15),
    ],
    least: 60,
    reviewers: 3,
    trimFrom: 5,
    categoryField: 'category',
  },
  assessment: null,
  keepingMonths: 60,
  feeds: [
    {
      instrument: INSTRUMENT,
      item: 'M6.2',
      needs: [],
      facts: [
        { fact: 'project.provider', from: { take: 'value', value: true } },
        { fact: 'project.selected', from: { take: 'value', value: true } },
      ],
      evidence: [
        { code: 'contract', from: 'contract' },
        { code: 'acceptance', from: 'acceptance' },
        { code: 'users', from: 'users' },
      ],
      eventDate: { from: 'registered' },
    },
    {
      instrument: INSTRUMENT,
      item: 'M6.1',
      needs: [],
      facts: [{ fact: 'content.new_technology', from: { take: 'value', value: true } }],
      evidence: [],
      eventDate: { from: 'registered' },
    },
  ],
};
