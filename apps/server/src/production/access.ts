import type { AccessRule, AccessRules } from '../kernel/access/access.ts';
import { assetRule, workplaceRule } from './project/reach.ts';
import { reviewAccess } from './review/access.ts';

export const productionAccess: AccessRules = {
  asset: assetRule,
  workplace: workplaceRule,
  ...reviewAccess,
};
