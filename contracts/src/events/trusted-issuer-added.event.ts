import { defineEvent } from '../define-event.ts';
import { trustedIssuers } from '../topics.ts';
import { trustedIssuerData, trustedIssuerDataExample } from '../trusted-issuer.ts';

/** An issuer is trusted from now on. */
export const trustedIssuerAdded = defineEvent({
  type: 'trusted-issuer.added',
  version: 1,
  topic: trustedIssuers,
  summary: 'An issuer is trusted from now on.',
  data: trustedIssuerData,
  key: (data) => data.trusted_issuer_id,
  audit: (data) => ({
    action: 'trusted-issuer.add',
    target: { kind: 'trusted-issuer', id: data.trusted_issuer_id },
    outcome: 'success',
    reason: data.issuer,
  }),
  examples: [trustedIssuerDataExample],
});
