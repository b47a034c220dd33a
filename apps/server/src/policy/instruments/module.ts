import { contract } from '@yinglian/contract';
import { mountGroup, type MountedGroup } from '../../kernel/http/routes.ts';
import type { PolicyParts } from '../parts.ts';
import { createInstrumentsService } from './service.ts';

/** Instruments as a part of the policy hall. */
export function openInstruments(parts: PolicyParts): MountedGroup {
  const service = createInstrumentsService(parts);
  return mountGroup('instruments', contract.instruments, {
    check: ({ body }, context) => service.check(context, body),
    propose: ({ body }, context) => service.propose(context, body),
    proposals: (_, context) => service.proposals(context),
    decide: ({ params, body }, context) => service.decide(context, params.id, body.publish),
    versions: ({ params }) => service.versions(params.instrument),
    document: ({ params }) => service.document(params.instrument),
  });
}
