import { LEVELLED_LIFE } from '../lives.ts';
import type { RegisterDefinition } from '../model.ts';
import { criterion, document, field, GRADES, INSTRUMENT } from './parts.ts';

/**
 * 创新平台 (M1.1 to M1.3, M4.2): seven kinds at two levels, and the three that the policy names
 * beside them. “0—1—10—N” is kept as a label whose meaning the owner defines; the policy does not.
 */
export const PLATFORM: RegisterDefinition = {
  schema: 'yinglian.register/1',
  kind: 'platform',
  prefix: 'CXPT',
  title: { zh: '创新平台名录', en: 'Innovation platforms' },
  about: {
    zh: '国家级和省级实验室、中心等；每年评估，动态调整。',
    en: 'Laboratories and centres of the state and the province; assessed every year.',
  },
  fields: [
    field('platform', 'text', ['平台名称', 'Platform'], 'pr'),
    field('type', 'choice', ['类型', 'Type'], 'pr', [
      ['laboratory', '实验室', 'laboratory'],
      ['technology_centre', '技术创新中心', 'technology innovation centre'],
      ['manufacturing_centre', '制造业创新中心', 'manufacturing innovation centre'],
      ['industry_centre', '产业创新中心', 'industry innovation centre'],
      ['engineering_centre', '工程研究中心', 'engineering research centre'],
      ['design_centre', '工业设计中心', 'industrial design centre'],
      ['enterprise_centre', '企业技术中心', 'enterprise technology centre'],
      ['media_laboratory', '媒体实验室', 'media laboratory'],
      ['joint_centre', '产业联合创新中心', 'joint innovation centre'],
      ['enabling_platform', '产业赋能平台', 'enabling platform'],
      // The list of the policy ends in 等, so it stays open.
      ['other', '其他', 'other'],
    ]),
    field('level', 'choice', ['级别', 'Level'], 'pr', [
      ['city', '市级', 'city'],
      ['province', '省级', 'province'],
      ['nation', '国家级', 'nation'],
    ]),
    field('tree', 'text', ['“0—1—10—N”中的位置', 'Place in “0—1—10—N”'], 'p'),
    field('host', 'text', ['依托单位', 'Host'], 'pr'),
    field('direction', 'text', ['研究方向', 'Direction'], 'pr'),
    field('recognised_by', 'text', ['认定部门', 'Recognised by'], 'pr'),
    field('recognised_on', 'date', ['认定日期', 'Recognised on'], 'pr'),
    field('recognition_number', 'text', ['认定文号', 'Number of the decision'], 'pr'),
    field('invested', 'yes_no', ['企业投资设立', 'Set up with money of the enterprise'], 'r'),
    field('invested_fen', 'money', ['投资额', 'Investment'], ''),
    field('staff', 'count', ['研发人员', 'Research staff'], ''),
    field('head', 'text', ['负责人', 'Head'], 'd'),
  ],
  documents: [
    document('recognition', '认定文件', 'Decision of recognition'),
    document('investment', '投资凭证', 'Proof of the investment', false),
    document('charter', '章程或建设方案', 'Charter or plan', false),
  ],
  identity: ['platform', 'host'],
  headline: 'platform',
  beneficiary: { by: 'holder' },
  actions: LEVELLED_LIFE,
  validMonths: 36,
  levels: { field: 'level', order: ['city', 'province', 'nation'] },
  selection: null,
  assessment: {
    everyMonths: 12,
    criteria: [
      criterion('research', '研发投入与成果', 'Research and its results', 40),
      criterion('service', '对产业的服务', 'Service to the industry', 30),
      criterion('open', '开放共享', 'Openness', 15),
      criterion('people', '人才队伍', 'People', 15),
    ],
    grades: GRADES,
    failuresToWithdraw: 2,
    remedyWorkingDays: 60,
  },
  keepingMonths: 60,
  feeds: [
    {
      instrument: INSTRUMENT,
      item: 'M1.3',
      needs: [{ field: 'level', in: ['province', 'nation'] }],
      facts: [{ fact: 'platform.level', from: { take: 'field', field: 'level' } }],
      evidence: [{ code: 'recognition', from: 'recognition' }],
      eventDate: { from: 'field', field: 'recognised_on' },
    },
    {
      instrument: INSTRUMENT,
      item: 'M4.2',
      needs: [{ field: 'level', in: ['province', 'nation'] }],
      facts: [
        { fact: 'centre.invested', from: { take: 'field', field: 'invested' } },
        { fact: 'centre.recognised', from: { take: 'field', field: 'level' } },
      ],
      evidence: [
        { code: 'recognition', from: 'recognition' },
        { code: 'investment', from: 'investment' },
      ],
      eventDate: { from: 'field', field: 'recognised_on' },
    },
  ],
};
