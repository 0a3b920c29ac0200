import { z } from 'zod';
import { personal } from './personal.ts';

/**
 * Who caused an event and from where. It travels beside every event as CloudEvents extension attributes (`actorkind`,
 * `actorid`, `requestid`, `clientip`, `useragent`), filled from the request or from the message being handled.
 */
export const eventContext = z.object({
  actor_kind: z.enum(['account', 'client', 'service', 'operator', 'anonymous']),
  actor_id: z.string().nullable().describe('id of the account, client or service; null for anonymous'),
  request_id: z.string().nullable(),
  ip: personal(z.string(), 'actor_id').nullable().describe('client address as the trusted proxies report it'),
  user_agent: personal(z.string().max(512), 'actor_id').nullable(),
});
export type EventContext = z.output<typeof eventContext>;
