/**
 * China's regions on a grid of tiles, each about where it lies: a map that needs no outlines from
 * anybody and can be read on a telephone. Columns go from west to east, rows from north to south.
 */
export const PROVINCES: readonly {
  readonly name: string;
  readonly en: string;
  readonly column: number;
  readonly row: number;
}[] = [
  { name: '黑龙江', en: 'Heilongjiang', column: 9, row: 1 },
  { name: '内蒙古', en: 'Inner Mongolia', column: 7, row: 2 },
  { name: '吉林', en: 'Jilin', column: 9, row: 2 },
  { name: '新疆', en: 'Xinjiang', column: 1, row: 3 },
  { name: '北京', en: 'Beijing', column: 7, row: 3 },
  { name: '天津', en: 'Tianjin', column: 8, row: 3 },
  { name: '辽宁', en: 'Liaoning', column: 9, row: 3 },
  { name: '甘肃', en: 'Gansu', column: 3, row: 4 },
  { name: '宁夏', en: 'Ningxia', column: 4, row: 4 },
  { name: '陕西', en: 'Shaanxi', column: 5, row: 4 },
  { name: '山西', en: 'Shanxi', column: 6, row: 4 },
  { name: '河北', en: 'Hebei', column: 7, row: 4 },
  { name: '山东', en: 'Shandong', column: 8, row: 4 },
  { name: '青海', en: 'Qinghai', column: 2, row: 5 },
  { name: '四川', en: 'Sichuan', column: 4, row: 5 },
  { name: '重庆', en: 'Chongqing', column: 5, row: 5 },
  { name: '河南', en: 'Henan', column: 6, row: 5 },
  { name: '安徽', en: 'Anhui', column: 7, row: 5 },
  { name: '江苏', en: 'Jiangsu', column: 8, row: 5 },
  { name: '上海', en: 'Shanghai', column: 9, row: 5 },
  { name: '西藏', en: 'Tibet', column: 1, row: 6 },
  { name: '贵州', en: 'Guizhou', column: 4, row: 6 },
  { name: '湖南', en: 'Hunan', column: 5, row: 6 },
  { name: '湖北', en: 'Hubei', column: 6, row: 6 },
  { name: '江西', en: 'Jiangxi', column: 7, row: 6 },
  { name: '浙江', en: 'Zhejiang', column: 8, row: 6 },
  { name: '云南', en: 'Yunnan', column: 3, row: 7 },
  { name: '广西', en: 'Guangxi', column: 5, row: 7 },
  { name: '广东', en: 'Guangdong', column: 6, row: 7 },
  { name: '福建', en: 'Fujian', column: 7, row: 7 },
  { name: '台湾', en: 'Taiwan', column: 9, row: 7 },
  { name: '海南', en: 'Hainan', column: 5, row: 8 },
  { name: '澳门', en: 'Macao', column: 6, row: 8 },
  { name: '香港', en: 'Hong Kong', column: 7, row: 8 },
];
