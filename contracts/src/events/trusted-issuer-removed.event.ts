import { defineEvent } from '../define-event.ts';
import { trustedIssuers } from '../topics.ts';
import { trustedIssuerData, trustedIssuerDataExample } from '../trusted-issuer.ts';

/** An issuer is trusted no more. */
export const trustedIssuerRemoved = defineEvent({
  type: 'trusted-issuer.removed',
  version: 1,
  topic: trustedIssuers,
  summary: 'An issuer is trusted no more.',
  data: trustedIssuerData.pick({ trusted_issuer_id: true, issuer: true }),
  key: (data) => data.trusted_issuer_id,
  audit: (data) => ({
    action: 'trusted-issuer.remove',
    target: { kind: 'trusted-issuer', id: data.trusted_issuer_id },
    outcome: 'success',
    reason: data.issuer,
  }),
  examples: [
    { trusted_issuer_id: trustedIssuerDataExample.trusted_issuer_id, issuer: trustedIssuerDataExample.issuer },
  ],
});
