import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { flowPath, verificationState } from './verification-input.ts';

/**
 * Where a flow stands. The id is the secret of whoever started the flow; an id that is not known (yet) is answered
 * `pending`, so that a question may come before the command that starts the flow, and so that nothing is learnt.
 */
export const readVerification = defineEndpoint({
  id: 'email-verification.read-verification',
  service: 'email-verification',
  method: 'GET',
  path: '/api/v1/email-verifications/{flow_id}',
  access: 'public',
  summary: 'Where a verification stands.',
  input: { path: flowPath },
  success: {
    status: 200,
    body: z.object({ state: verificationState }),
    example: { state: 'pending' },
  },
  errors: [],
});
