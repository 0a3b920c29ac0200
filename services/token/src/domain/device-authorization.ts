import type { AuthorizationDetail } from './authorization-details.ts';
import type { AuthenticationContext } from './authentication-context.ts';
import { hasEnded } from './session-end.ts';

/** RFC 8628 3.2. */
export const DEVICE_AUTHORIZATION_LIFETIME_S = 600;
export const POLL_INTERVAL_S = 5;
/** A network delivers two questions closer together than they were sent, which is no fault of the device. */
const JITTER_MS = 500;

/** Who let the device in, and how they had proved who they are. */
export interface DeviceApproval extends AuthenticationContext {
  readonly accountId: string;
  /** Of the account at the login. */
  readonly accountVersion: number;
  readonly sessionId: string;
  /** When the session ends with which the grant ends; null where the grant outlives it. */
  readonly sessionEndsAt: Date | null;
  readonly authenticatedAt: Date;
}

/** What a device asked for. The grant does not exist before the device fetches its tokens, but its id is fixed. */
export interface DeviceAuthorization {
  readonly grantId: string;
  readonly clientId: string;
  /** The letters only. */
  readonly userCode: string;
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly state: 'pending' | 'approved' | 'denied' | 'used';
  /** Null unless the state is approved or used. */
  readonly approval: DeviceApproval | null;
  readonly intervalS: number;
  /** Null before the first question. */
  readonly polledAt: Date | null;
  readonly expiresAt: Date;
}

export type PollRefusal = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';
export type PollDecision =
  | { readonly refusal: PollRefusal; readonly intervalS: number }
  | { readonly refusal: null; readonly approval: DeviceApproval };

/** RFC 8628 3.5: each question that comes too soon makes the interval five seconds longer, for this and all later ones. */
export function decidePoll(authorization: DeviceAuthorization, now: Date): PollDecision {
  const { state, approval, intervalS, polledAt, expiresAt } = authorization;
  const refuse = (refusal: PollRefusal, interval = intervalS): PollDecision => ({ refusal, intervalS: interval });
  if (state === 'used') return refuse('invalid_grant');
  if (state === 'denied') return refuse('access_denied');
  if (expiresAt <= now) return refuse('expired_token');
  if (state === 'approved' && approval)
    return hasEnded(approval.sessionEndsAt, now) ? refuse('expired_token') : { refusal: null, approval };
  const tooSoon = polledAt !== null && now.getTime() - polledAt.getTime() < intervalS * 1_000 - JITTER_MS;
  return tooSoon ? refuse('slow_down', intervalS + POLL_INTERVAL_S) : refuse('authorization_pending');
}
