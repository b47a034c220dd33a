// Table: the ten measures with their departments as printed; the first one leads.
import type { Measure } from '../model.ts';
import { CLAUSES } from './clauses.ts';

/** The ten measures of the instrument, in printed order. */
export const MEASURES: readonly Measure[] = [
  {
    number: '一',
    heading: '加快创新平台布局',
    lead: '省科技厅',
    others: ['省发展改革委', '省工业和信息化厅', '省委宣传部', '省广电局', '省财政厅'],
    departments: CLAUSES.D1,
  },
  {
    number: '二',
    heading: '提升自主创新能力',
    lead: '省科技厅',
    others: ['省工业和信息化厅', '省发展改革委', '省财政厅'],
    departments: CLAUSES.D2,
  },
  {
    number: '三',
    heading: '构筑新型数字底座',
    lead: '长沙市人民政府',
    others: ['省委宣传部', '省发展改革委', '省科技厅', '省工业和信息化厅', '省财政厅', '省广电局'],
    departments: CLAUSES.D3,
  },
  {
    number: '四',
    heading: '培育壮大经营主体',
    lead: '省工业和信息化厅',
    others: ['省商务厅', '省财政厅', '省委宣传部（省文资委）', '省国资委', '各市人民政府'],
    departments: CLAUSES.D4,
  },
  {
    number: '五',
    heading: '支持自主产品推广',
    lead: '省工业和信息化厅',
    others: ['省财政厅', '各市人民政府'],
    departments: CLAUSES.D5,
  },
  {
    number: '六',
    heading: '打造融合应用标杆',
    lead: '省工业和信息化厅',
    others: ['省委宣传部', '省广电局', '省财政厅', '各市人民政府'],
    departments: CLAUSES.D6,
  },
  {
    number: '七',
    heading: '构建良好产业生态',
    lead: '长沙市人民政府',
    others: ['省委宣传部', '省广电局', '省发展改革委', '省工业和信息化厅', '省科技厅', '省财政厅'],
    departments: CLAUSES.D7,
  },
  {
    number: '八',
    heading: '加大人才引育力度',
    lead: '省委人才办',
    others: ['省教育厅', '省工业和信息化厅', '省人力资源社会保障厅', '省财政厅', '各市州人民政府'],
    departments: CLAUSES.D8,
  },
  {
    number: '九',
    heading: '强化财政金融支持',
    lead: '省财政厅',
    others: ['省工业和信息化厅', '省发展改革委', '各市州人民政府'],
    departments: CLAUSES.D9,
  },
  {
    number: '十',
    heading: '营造浓厚发展氛围',
    lead: '省工业和信息化厅',
    others: ['省委宣传部', '省文化和旅游厅', '省广电局', '省财政厅', '各市州人民政府'],
    departments: CLAUSES.D10,
  },
];
