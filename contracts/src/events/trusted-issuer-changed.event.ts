import { defineEvent } from '../define-event.ts';
import { trustedIssuers } from '../topics.ts';
import { trustedIssuerData, trustedIssuerDataExample } from '../trusted-issuer.ts';

/** A trusted issuer was changed; all of it is told. */
export const trustedIssuerChanged = defineEvent({
  type: 'trusted-issuer.changed',
  version: 1,
  topic: trustedIssuers,
  summary: 'A trusted issuer was changed; all of it is told.',
  data: trustedIssuerData,
  key: (data) => data.trusted_issuer_id,
  audit: (data) => ({
    action: 'trusted-issuer.change',
    target: { kind: 'trusted-issuer', id: data.trusted_issuer_id },
    outcome: 'success',
    reason: data.issuer,
  }),
  examples: [trustedIssuerDataExample],
});
