export { PARTY_ROLES, VERSION_FORMATS } from '@yinglian/contract';

/** Ways in which a right lets a film be seen; the contract's own list. */
export const MEDIA = ['theatrical', 'streaming', 'television', 'other'] as const;
