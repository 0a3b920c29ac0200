import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { flowPath, linkToken, verificationCode } from './verification-input.ts';

/**
 * Proves that the caller reads mail at the address: by the code that was typed, or by the token of the link. Confirming
 * again is a success that changes nothing. The fifth wrong code of a flow locks its codes; the link stays valid.
 */
export const confirmVerification = defineEndpoint({
  id: 'email-verification.confirm-verification',
  service: 'email-verification',
  method: 'POST',
  path: '/api/v1/email-verifications/{flow_id}/confirm',
  access: 'public',
  summary: 'Confirm an address by code or link token.',
  description: 'An unknown flow is answered like a wrong code.',
  input: {
    path: flowPath,
    json: z
      .strictObject({ code: verificationCode.optional(), token: linkToken.optional() })
      .refine((body) => (body.code === undefined) !== (body.token === undefined), 'must have either code or token'),
  },
  success: {
    status: 200,
    body: z.object({ state: z.literal('confirmed') }),
    example: { state: 'confirmed' },
  },
  errors: ['verification-invalid', 'verification-expired', 'verification-locked'],
});
