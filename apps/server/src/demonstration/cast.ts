import type { Role } from '@yinglian/contract';

/**
 * Who plays in the demonstration. All names are invented; cinema codes stand in a serial range
 * (9xx) that is not given out.
 */
export type CastOrganisation = {
  readonly key: string;
  readonly kind: string;
  readonly name: string;
  readonly nameEnglish: string;
  readonly people: readonly CastPerson[];
};
export type CastPerson = {
  readonly key: string;
  readonly name: string;
  readonly roles: readonly Role[];
};

export const ORGANISATIONS: readonly CastOrganisation[] = [
  {
    key: 'producer',
    kind: 'producer',
    name: '湘水影业（演示）',
    nameEnglish: 'Xiang River Pictures (demo)',
    people: [{ key: 'producer', name: '沈制片', roles: ['owner'] }],
  },
  {
    key: 'post_house',
    kind: 'post_house',
    name: '麓山后期（演示）',
    nameEnglish: 'Lushan Post (demo)',
    people: [
      {
        key: 'post',
        name: '陆后期',
        roles: ['production.supervisor', 'distribution.manager'],
      },
    ],
  },
  {
    key: 'effects_house',
    kind: 'post_house',
    name: '雾渡视效（演示）',
    nameEnglish: 'Misty Ferry VFX (demo)',
    people: [{ key: 'effects', name: '韩视效', roles: ['production.supervisor'] }],
  },
  {
    key: 'distributor',
    kind: 'distributor',
    name: '洞庭发行（演示）',
    nameEnglish: 'Dongting Distribution (demo)',
    people: [
      { key: 'distributor', name: '唐发行', roles: ['owner'] },
      { key: 'accountant', name: '钱会计', roles: ['settlement.director', 'exhibition.staff'] },
    ],
  },
  {
    key: 'circuit_1',
    kind: 'circuit',
    name: '橘洲院线（演示）',
    nameEnglish: 'Juzhou Circuit (demo)',
    people: [
      {
        key: 'circuit_1',
        name: '袁院线',
        roles: ['exhibition.manager', 'settlement.accountant'],
      },
    ],
  },
  {
    key: 'circuit_2',
    kind: 'circuit',
    name: '星沙院线（演示）',
    nameEnglish: 'Xingsha Circuit (demo)',
    people: [
      {
        key: 'circuit_2',
        name: '谭院线',
        roles: ['exhibition.manager', 'settlement.accountant'],
      },
    ],
  },
  {
    key: 'cinema',
    kind: 'cinema',
    name: '橘洲影城·岳麓店（演示）',
    nameEnglish: 'Juzhou Cinema Yuelu (demo)',
    people: [{ key: 'cinema', name: '周经理', roles: ['exhibition.staff'] }],
  },
];

export type CastCinema = {
  readonly name: string;
  readonly nameEnglish: string;
  readonly code: string;
  readonly circuit: 'circuit_1' | 'circuit_2';
  readonly city: string;
  readonly equipment: 'owned' | 'leased';
  readonly screens: readonly CastScreen[];
};
export type CastScreen = {
  readonly name: string;
  readonly number: number;
  readonly seats: number;
  readonly formats: readonly string[];
};

/** GB/T 2260 city codes of Hunan, with the districts or counties that name the cinemas. */
const CITIES: readonly {
  readonly code: string;
  readonly city: string;
  readonly english: string;
  readonly places: readonly (readonly [zh: string, en: string])[];
}[] = [
  {
    code: '01',
    city: '长沙',
    english: 'Changsha',
    places: [
      ['岳麓', 'Yuelu'],
      ['芙蓉', 'Furong'],
      ['天心', 'Tianxin'],
      ['开福', 'Kaifu'],
      ['雨花', 'Yuhua'],
      ['望城', 'Wangcheng'],
      ['浏阳', 'Liuyang'],
      ['宁乡', 'Ningxiang'],
      ['星沙', 'Xingsha'],
      ['梅溪湖', 'Meixi Lake'],
    ],
  },
  {
    code: '02',
    city: '株洲',
    english: 'Zhuzhou',
    places: [
      ['天元', 'Tianyuan'],
      ['荷塘', 'Hetang'],
      ['醴陵', 'Liling'],
    ],
  },
  {
    code: '03',
    city: '湘潭',
    english: 'Xiangtan',
    places: [
      ['雨湖', 'Yuhu'],
      ['岳塘', 'Yuetang'],
      ['湘乡', 'Xiangxiang'],
    ],
  },
  {
    code: '04',
    city: '衡阳',
    english: 'Hengyang',
    places: [
      ['蒸湘', 'Zhengxiang'],
      ['雁峰', 'Yanfeng'],
      ['南岳', 'Nanyue'],
    ],
  },
  {
    code: '05',
    city: '邵阳',
    english: 'Shaoyang',
    places: [
      ['大祥', 'Daxiang'],
      ['武冈', 'Wugang'],
    ],
  },
  {
    code: '06',
    city: '岳阳',
    english: 'Yueyang',
    places: [
      ['岳阳楼', 'Yueyang Tower'],
      ['君山', 'Junshan'],
      ['汨罗', 'Miluo'],
    ],
  },
  {
    code: '07',
    city: '常德',
    english: 'Changde',
    places: [
      ['武陵', 'Wuling'],
      ['鼎城', 'Dingcheng'],
    ],
  },
  { code: '08', city: '张家界', english: 'Zhangjiajie', places: [['永定', 'Yongding']] },
  {
    code: '09',
    city: '益阳',
    english: 'Yiyang',
    places: [
      ['赫山', 'Heshan'],
      ['安化', 'Anhua'],
    ],
  },
  {
    code: '10',
    city: '郴州',
    english: 'Chenzhou',
    places: [
      ['北湖', 'Beihu'],
      ['苏仙', 'Suxian'],
      ['资兴', 'Zixing'],
    ],
  },
  {
    code: '11',
    city: '永州',
    english: 'Yongzhou',
    places: [
      ['零陵', 'Lingling'],
      ['冷水滩', 'Lengshuitan'],
    ],
  },
  {
    code: '12',
    city: '怀化',
    english: 'Huaihua',
    places: [
      ['鹤城', 'Hecheng'],
      ['芷江', 'Zhijiang'],
    ],
  },
  {
    code: '13',
    city: '娄底',
    english: 'Loudi',
    places: [
      ['娄星', 'Louxing'],
      ['涟源', 'Lianyuan'],
    ],
  },
  {
    code: '31',
    city: '湘西',
    english: 'Xiangxi',
    places: [
      ['吉首', 'Jishou'],
      ['凤凰', 'Fenghuang'],
    ],
  },
];

const SCREENS_MIN = 2;
const SCREENS_SPREAD = 3;

/** Forty cinemas, two to four screens each, in an order and with numbers that never change. */
export function castCinemas(): readonly CastCinema[] {
  let serial = 900;
  return CITIES.flatMap(({ code, city, english, places }) =>
    places.map(([place, placeEnglish], index): CastCinema => {
      serial += 1;
      const circuit = serial % 5 < 3 ? 'circuit_1' : 'circuit_2';
      const brand =
        circuit === 'circuit_1'
          ? ['橘洲影城', 'Juzhou Cinema']
          : ['星沙国际影城', 'Xingsha Cinema'];
      return {
        name: `${brand[0]}·${place}店（演示）`,
        nameEnglish: `${brand[1]} ${placeEnglish}, ${english} (demo)`,
        code: `43${code}${serial}1`,
        circuit,
        city,
        equipment: (serial + index) % 3 === 0 ? 'leased' : 'owned',
        screens: castScreens(SCREENS_MIN + (serial % SCREENS_SPREAD), serial),
      };
    }),
  );
}

function castScreens(count: number, serial: number): CastScreen[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const giant = number === 1 && serial % 4 === 0;
    return {
      name: giant ? `${number}号巨幕厅` : `${number}号厅`,
      number,
      seats: giant ? 320 : 84 + ((serial * 7 + index * 31) % 13) * 8,
      formats: giant ? ['2D', '3D', 'CGS'] : ['2D', '3D'],
    };
  });
}
