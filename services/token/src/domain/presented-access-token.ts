import type { AuthorizationDetail } from './authorization-details.ts';
import type { Confirmation } from './confirmation.ts';

/** RFC 8693 4.1: who acts now, and inside it who acted before. */
export interface Actor {
  readonly sub: string;
  readonly iss?: string;
  readonly act?: Actor;
}

/** RFC 8693 4.4: the party that may act; of ours where it names no issuer. */
export interface MayAct {
  readonly sub: string;
  readonly iss?: string | undefined;
}

/** What a verified access token of ours says (RFC 9068 2.2). */
export interface PresentedAccessToken {
  readonly subject: string;
  readonly clientId: string;
  readonly audience: readonly string[];
  readonly scope: readonly string[];
  /** RFC 9396 9.1. */
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly jti: string;
  readonly expiresAt: Date;
  readonly subjectVersion?: number;
  readonly grantId?: string;
  readonly sessionId?: string;
  readonly confirmation: Confirmation | null;
  /** RFC 8693 4.1. */
  readonly actor: Actor | null;
  /** RFC 8693 4.4. */
  readonly mayAct: MayAct | null;
}
