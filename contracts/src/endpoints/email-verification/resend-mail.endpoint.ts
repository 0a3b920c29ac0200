import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { flowPath } from './verification-input.ts';

/**
 * Asks for another mail with a new code; the codes of the last three mails stay valid. The answer is the same whether
 * or not a mail is sent: to an unknown or confirmed flow, too soon (30 s, 60 s, 120 s, ...) and beyond the limit of a
 * flow none is.
 */
export const resendMail = defineEndpoint({
  id: 'email-verification.resend-mail',
  service: 'email-verification',
  method: 'POST',
  path: '/api/v1/email-verifications/{flow_id}/resend',
  access: 'public',
  summary: 'Ask for another mail.',
  input: { path: flowPath },
  success: { status: 202, body: z.object({ status: z.literal('accepted') }), example: { status: 'accepted' } },
  errors: [],
});
