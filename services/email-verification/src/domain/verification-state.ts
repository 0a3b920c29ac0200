import type { VerificationState } from '@gatehouse/contracts';

/** The wrong codes after which no code confirms a flow any more; counted over all its messages. */
export const WRONG_CODES_MAX = 5;
/** The messages of a flow whose credentials are valid together, newest first: a late mail still works. */
export const VALID_MESSAGES_MAX = 3;
/** The mails that one flow may cause, the first included. */
export const MESSAGES_MAX = 6;
/** The pause before the first resend; it doubles with each. */
export const RESEND_PAUSE_SECONDS = 30;

/** What the state of a flow depends on, all of it as the database's clock sees it. */
export interface FlowStanding {
  readonly confirmed: boolean;
  /** No message of the flow is valid any more. */
  readonly expired: boolean;
  readonly wrongCodes: number;
}

/** A flow that was confirmed stays confirmed; an expired one is expired, however many codes were wrong. */
export function stateOf({ confirmed, expired, wrongCodes }: FlowStanding): VerificationState {
  if (confirmed) return 'confirmed';
  if (expired) return 'expired';
  return wrongCodes >= WRONG_CODES_MAX ? 'locked' : 'pending';
}
