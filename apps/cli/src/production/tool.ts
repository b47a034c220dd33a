/** What lists and logs say that they were made with. */
export const TOOL = { name: 'yinglian', version: '0.1.0' };
