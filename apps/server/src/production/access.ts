import type { AccessRules } from '../kernel/access/access.ts';
import { arrivalRule } from './media/arrival/repository.ts';
import { assetRule, workplaceRule } from './project/reach.ts';
import { projectAccess } from './project/scope.ts';
import { reviewAccess } from './review/access.ts';

export const productionAccess: AccessRules = {
  arrival: arrivalRule,
  asset: assetRule,
  workplace: workplaceRule,
  ...projectAccess,
  ...reviewAccess,
};
