import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each rule says to people when it found something. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  play_without_tickets: {
    zh: '放映了影片的 {percent}%，却没有售票',
    en: '{percent} % of the film was played, and no ticket sold',
    remedy: {
      zh: '请影院说明：检修、看片，还是未入账的包场',
      en: 'Ask the cinema: a test, a viewing, or a hire that was not booked',
    },
  },
  tickets_without_play: {
    zh: '售出 {admissions} 张票，放映日志里没有这一场',
    en: '{admissions} tickets were sold; the log has no such playback',
    remedy: {
      zh: '核对退票与日志；没有放映的票房可能是虚报',
      en: 'Compare refunds and log; takings without a playback may be made up',
    },
  },
  play_outside_key: {
    zh: '放映不在任何密钥的时间窗内',
    en: 'The playback lies in no key’s window',
  },
  show_without_play: {
    zh: '排了片，没有售票也没有放映',
    en: 'The show was announced, not sold and not played',
  },
  excessive_admissions: {
    zh: '{admissions} 人次超过 {seats} 个座位',
    en: '{admissions} admissions are more than {seats} seats',
  },
  overlapping_sessions: {
    zh: '同一影厅两次放映重叠 {minutes} 分钟',
    en: 'Two playbacks of one screen overlap by {minutes} minutes',
  },
  impossible_turnaround: {
    zh: '两场售票场次相隔 {minutes} 分钟，影片长 {runtime} 分钟',
    en: 'Two sold sessions begin {minutes} minutes apart; the film has {runtime}',
  },
  shortened_play: {
    zh: '有观众的场次只放了影片的 {percent}%',
    en: 'A session with visitors played only {percent} % of the film',
  },
  full_night_house: {
    zh: '深夜场次上座率 {percent}%',
    en: 'A session deep in the night was {percent} % full',
  },
  identical_takings: {
    zh: '{sessions} 场的人次（{admissions}）和票房完全相同',
    en: '{sessions} sessions have the same admissions ({admissions}) and the same sum',
  },
  copied_takings: {
    zh: '同日 {sessions} 场的人次和票房依次与另外 {others} 个影厅相同',
    en: '{sessions} sessions of a day sold what {others} other screens did, one after the other',
  },
  shifted_clock: {
    zh: '放映设备的时钟偏差约 {minutes} 分钟（{sessions} 场一致）',
    en: 'The player’s clock is off by about {minutes} minutes ({sessions} sessions agree)',
    remedy: {
      zh: '请影院校时；此前的日志按此偏差对照',
      en: 'Have the clock set; the logs so far are read with this shift',
    },
  },
  invalid_case_step: {
    zh: '案件处于“{state}”，不能“{action}”',
    en: 'A case that is “{state}” does not allow “{action}”',
  },
  unheard_cinema: {
    zh: '影院还没有答复，答复期到 {until}',
    en: 'The cinema has not answered and has time until {until}',
    remedy: { zh: '等待答复，或先作“不成立”处理', en: 'Wait for it, or dismiss the case' },
  },
  same_decider: {
    zh: '涉及金额的结论须由另一人确认',
    en: 'A decision about money needs a second person',
  },
  missing_verdict: { zh: '缺少结论', en: 'The verdict is missing' },
} as const satisfies FindingTexts;
